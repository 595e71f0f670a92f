/** A project of its own for a test, used through the built command; nothing is left of it afterwards. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../src/io/clock.ts'
import { markPrefix } from '../../src/io/marks.ts'
import { systemProcesses } from '../../src/io/processes.ts'
import { type LoadOptions, type LoadSummary, runLoad } from '../../src/platforms/local/load/run.ts'
import { type How, type Ran, ROOT, start } from '../cli/run.ts'

/** What the small server of a test does, as its model says. */
export interface Behaviour {
  /** From this x on the answer is "high"; the sets expect 5. */
  readonly threshold?: number
  /** Share of requests that end in a 500. */
  readonly failShare?: number
  readonly delayMs?: number
  /** Exits at so many requests of a process. */
  readonly crashAt?: number
  /** Listens on a port of its own choice. */
  readonly otherPort?: boolean
  /** Before it listens; negative: for ever. */
  readonly loadMs?: number
  /** From this x on the answer is a 500: what nobody asked so far. */
  readonly failFrom?: number
}
type Json = Readonly<Record<string, unknown>>
/** What a test leaves must be gone before its hook runs out of time, whatever hangs. */
const CLEAN_MS = 40_000
export interface ProjectOptions {
  /** Name of the folder; spaces and Unicode are allowed. */
  readonly name?: string
  /** Laid over the configuration, key by key at the top and in `serving`. */
  readonly config?: Json
  readonly model?: Behaviour
  /** Extra environment of every command. */
  readonly env?: How['env']
  /** Called with what must happen when the test is over. */
  readonly after?: (clean: () => Promise<void>) => void
}
export interface Scenario {
  readonly folder: string
  readonly listen: number
  readonly control: number
  /** The address that users call. */
  readonly url: string
  /** Runs the built command in the folder; it is ended after `timeoutMs` (default 60 s). */
  run(args: readonly string[], how?: How & { readonly timeoutMs?: number }): Promise<Ran>
  start(args: readonly string[], how?: How): ReturnType<typeof start>
  /** The error of a command with --json. */
  fails(args: readonly string[], how?: How & { readonly timeoutMs?: number }): Promise<Failed>
  /** Writes a file, with its folders. */
  write(path: string, content: string | Uint8Array): void
  model(behaviour: Behaviour): void
  config(over: Json): void
  load(options: Pick<LoadOptions, 'rate' | 'durationMs'> & Partial<LoadOptions>): Promise<LoadSummary>
  /** Ends what runs and removes the folder. */
  clean(): Promise<void>
}
export interface Failed {
  readonly exit: number | null
  readonly code: string
  readonly message: string
  readonly where: readonly { readonly file?: string; readonly line?: number; readonly pointer?: string }[]
  readonly next: readonly string[]
}

/** Ports that nobody holds now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** A safetensors file of one tensor. */
export function safetensors(values: readonly number[]): Uint8Array {
  const data = Buffer.from(Float32Array.from(values).buffer)
  const header = JSON.stringify({
    behaviour: { dtype: 'F32', shape: [values.length], data_offsets: [0, data.length] },
  })
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), data])
}

export const modelFile = (b: Behaviour): Uint8Array =>
  safetensors([
    b.threshold ?? 5,
    b.failShare ?? 0,
    b.delayMs ?? 0,
    b.crashAt ?? 0,
    b.otherPort ? 1 : 0,
    b.loadMs ?? 0,
    b.failFrom ?? 0,
  ])

/** Lines of a set: x from 0 to 10 in turn, with the answer that is right. */
export const setLines = (count: number): { id: string; request: Json; expect: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `line-${i}`,
    request: { method: 'POST', path: '/predict', headers: {}, body: { x: i % 11 } },
    expect: i % 11 >= 5 ? 'high' : 'low',
  }))
export const jsonLines = (lines: readonly object[]): string => `${lines.map((l) => JSON.stringify(l)).join('\n')}\n`

const configOf = (listen: number, control: number, over: Json): Json => ({
  apiVersion: 'slipway.dev/v1',
  model: 'scale',
  artifact: { path: './model', code: ['./server.mjs'] },
  evaluation: { sets: { golden: { path: './golden.jsonl', evaluator: 'exact-match' } } },
  environments: { dev: { platform: 'local', listen: `127.0.0.1:${listen}`, control: `127.0.0.1:${control}` } },
  ...over,
  serving: {
    command: ['node', 'server.mjs', '--port', '{port}', '--model', '{model}'],
    ready: { path: '/health', timeout: '20s' },
    requests: ['POST /predict'],
    answer: '/label',
    drain: '1s',
    ...(over.serving as Json | undefined),
  },
})

/** A project with a small server, a model and a set of 220 lines. */
export async function scenario(options: ProjectOptions = {}): Promise<Scenario> {
  const parent = mkdtempSync(join(tmpdir(), 'slipway-scenario-'))
  const folder = join(parent, options.name ?? 'project')
  mkdirSync(folder)
  const [listen, control] = (await freePorts(2)) as [number, number]
  const cache = join(ROOT, 'node_modules', '.cache', 'slipway', 'home')
  mkdirSync(cache, { recursive: true })
  const env = {
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
    // Compiled code is shared by the tests, and nothing is written to the home of who runs them.
    HOME: parent,
    XDG_CACHE_HOME: cache,
    SLIPWAY_ACTOR: 'tester',
    ...options.env,
  }
  const how = (more: How = {}): How => ({ cwd: folder, ...more, env: { ...env, ...more.env } })
  let cleaned = false
  const made: Scenario = {
    folder,
    listen,
    control,
    url: `http://127.0.0.1:${listen}`,
    async run(args, { timeoutMs = 60_000, ...more } = {}) {
      const { child, done } = start(args, how(more))
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
      return done.finally(() => clearTimeout(timer))
    },
    start: (args, more) => start(args, how(more)),
    async fails(args, more) {
      const { code, stdout, stderr } = await made.run([...args, '--json'], more)
      const { error } = JSON.parse(stdout || '{}') as { error?: Omit<Failed, 'exit'> }
      if (!error) throw new Error(`no error of ${args.join(' ')} (exit ${code}): ${stdout}${stderr}`)
      return { exit: code, code: error.code, message: error.message, where: error.where, next: error.next }
    },
    write(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    },
    model: (behaviour) => made.write('model/model.safetensors', modelFile(behaviour)),
    config: (over) => made.write('slipway.yaml', stringify(configOf(listen, control, over))),
    load: (more) =>
      runLoad({
        address: made.url,
        lines: setLines(220).map((line) => ({ ...line, request: line.request as never })),
        concurrency: 256,
        seed: 1,
        labels: null,
        clock: systemClock,
        signal: new AbortController().signal,
        ...more,
      }),
    async clean() {
      if (cleaned) return
      cleaned = true
      made.config({})
      await made.run(['local', 'down', '--force'], { timeoutMs: CLEAN_MS })
      // A test may have broken what the command needs.
      const processes = systemProcesses()
      processes.signal(processes.marked(markPrefix(join(realpathSync(folder), '.slipway'))), 'SIGKILL')
      rmSync(parent, { recursive: true, force: true })
    },
  }
  const after = options.after ?? ((clean: () => Promise<void>) => void onTestFinished(clean, 60_000))
  after(() => made.clean())
  cpSync(join(ROOT, 'test', 'scenarios', 'fixtures', 'server.mjs'), join(folder, 'server.mjs'))
  made.model(options.model ?? {})
  made.write('golden.jsonl', jsonLines(setLines(220)))
  made.config(options.config ?? {})
  return made
}
