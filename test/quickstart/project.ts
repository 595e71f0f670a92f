// A temporary project around the digits, and the built command in it.
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeData } from './digits.ts'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const program = join(root, 'bin', 'run.js')

export interface Demo {
  readonly folder: string
  /** Data sets of the recipes: which one v2 and v3 are trained on. */
  readonly data: { readonly v2: string; readonly v3: string }
}
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const config = (listen: number, control: number, quality: boolean, slow: string): string => `apiVersion: slipway.dev/v1
model: digits
serving:
  template: node-classifier          # POST /predict {"pixels"} -> {"label"}
  drain: 5s
training:
  template: node-classifier
  data:
    path: ./data/good.jsonl
    checks: {rows: {min: 1000}, label: {field: label, minShare: 2%}, fields: {pixels: {type: array, length: 784, min: 0, max: 1}}, duplicates: {max: 1%}}
  resources: {memory: 1GiB}
evaluation:
  sets: {live: {path: ./eval/live.jsonl, evaluator: exact-match}}
  labels: {arrive: 30s}
release:
  steps:
    - shadow: {fraction: 100%, noise: 100%}
    - canary: {weight: 25%, for: 5s}
    - canary: {weight: 50%, for: 5s}
    - full:   {watch: 10s, keepWarm: 5s}
  gates:
    - errors:  {margin: 2pp}
    - latency: {above: ${slow}, margin: 10pp}
${quality ? '    - quality: {labels: true, margin: 5pp}\n' : ''}  horizon: 90s
environments:
  dev: {platform: local, listen: "127.0.0.1:${listen}", control: "127.0.0.1:${control}"}
`

/** Makes the project; nothing of it runs yet. */
export async function makeDemo({ quality = true, exchanged = false, slow = 'p90' } = {}): Promise<Demo> {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'slipway-digits-'))), 'digits')
  mkdirSync(folder)
  const [listen, control] = await freePorts(2)
  writeFileSync(join(folder, 'slipway.yaml'), config(listen!, control!, quality, slow))
  copyFileSync(join(root, 'templates/serving/node-classifier/serve.mjs'), join(folder, 'serve.mjs'))
  copyFileSync(join(root, 'templates/training/node-classifier/train.mjs'), join(folder, 'train.mjs'))
  writeData(folder)
  const [good, broken] = ['data/good.jsonl', 'data/broken.jsonl']
  return { folder, data: exchanged ? { v2: broken, v3: good } : { v2: good, v3: broken } }
}

/** Starts the built command in the project. */
export const begin = (demo: Demo, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, ...args], {
    cwd: demo.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', SLIPWAY_ACTOR: 'quickstart' },
  })

/** Collects what a command prints until it ends. */
export function ended(child: ChildProcess, tell?: (line: string) => void): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    for (const line of text.split('\n')) if (line.trim() !== '') tell?.(line)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

export const run = (demo: Demo, args: readonly string[], tell?: (line: string) => void): Promise<Ran> =>
  ended(begin(demo, args), tell)
