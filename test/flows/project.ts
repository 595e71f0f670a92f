/** A project in a folder, with real files and a clock that moves when told. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../../src/config/types.ts'
import type { PackTools } from '../../src/flows/packed.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { type Files, systemFiles } from '../../src/io/files.ts'
import { systemGit } from '../../src/io/git.ts'
import { openStore } from '../../src/io/store.ts'

const SIZES: Readonly<Record<string, number>> = { F32: 4, U8: 1, F16: 2 }

/** A sound safetensors file with bytes that count up. */
export function safetensorsFile(tensors: Readonly<Record<string, { dtype: string; shape: number[] }>>): Uint8Array {
  let at = 0
  const header: Record<string, unknown> = {}
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const bytes = shape.reduce((a, b) => a * b, SIZES[dtype]!)
    header[name] = { dtype, shape, data_offsets: [at, at + bytes] }
    at += bytes
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.from(Array.from({ length: at }, (_, k) => k % 251))])
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), data)
  }
}

export function configOf(folder: string, command: readonly string[]): Config {
  const serving = {
    ...{
      template: 'custom',
      command,
      port: null,
      params: {},
      prepare: [],
      env: {},
      envFile: null,
      drainMs: 1000,
      replicas: 1,
    },
    ...{ ready: { path: null, timeoutMs: 1000 }, requests: null, answer: null, sticky: null },
    resources: { memoryBytes: null, cpu: null, gpu: null },
  }
  return {
    ...{
      apiVersion: 'slipway.dev/v1',
      file: join(folder, 'slipway.yaml'),
      folder,
      model: 'digits',
      serving,
      training: null,
    },
    artifact: { path: './model', code: null, include: ['**'], exclude: [], links: 'refuse', allow: [] },
    evaluation: { sets: {}, request: {}, labels: { arriveMs: 60_000, key: null }, keepAnswers: false },
    release: { steps: null, gates: null, horizonMs: 3_600_000, alpha: 0.05, holdMs: 0 },
    environments: {},
  }
}

export async function project(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  command: readonly string[],
  through: Files = systemFiles,
): Promise<{ config: Config; tools: PackTools; clock: ReturnType<typeof memoryClock> }> {
  await writeFiles(folder, files)
  const clock = memoryClock(1_700_000_000_000)
  const store = openStore(through, join(folder, '.slipway', 'store'))
  return { config: configOf(folder, command), tools: { files: through, store, git: systemGit, clock }, clock }
}
