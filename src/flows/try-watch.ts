/** Watches a command that is tried: until it listens, until it is ready. */
import { READY_PATHS } from '../config/guess.ts'
import { SlipwayError } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type { Files } from '../io/files.ts'
import type { Exit, Listener, Processes, Started } from '../io/processes-contract.ts'
import type { Trial } from '../io/trial.ts'
import { shorten, visible } from '../kit/text.ts'
import { waited } from './try-wait.ts'

export interface TryTools {
  readonly files: Pick<Files, 'open' | 'remove'>
  readonly clock: Clock
  readonly processes: Processes
  readonly trial: Trial
  /** Variables that the command starts with. */
  readonly variables: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** What is waited for, one line each. */
  say(line: string): void
}
/** With what finds the program of a command; null: there is none. */
export interface Trying extends TryTools {
  find(name: string, cwd: string): string | null
}

const LISTEN_MS = 120_000
const READY_MS = 120_000
/** Between two looks at a process. */
export const LOOK_MS = 150
const ASK_MS = 5_000
const TAIL_BYTES = 4096

/** The command that is being tried. */
export interface Running {
  readonly started: Started
  readonly mark: string
  readonly log: string
  ended(): Exit | null
}

/** Where a socket can be asked from here. */
export const hostOf = ({ address }: Listener): string =>
  address.includes(':') && address !== '::' ? address : '127.0.0.1'

async function lastWords(files: TryTools['files'], log: string): Promise<string> {
  const file = await files.open(log)
  const bytes = new Uint8Array(Math.min(file.size, TAIL_BYTES))
  const read = await file.read(bytes, file.size - bytes.length)
  await file.close()
  const text = new TextDecoder().decode(bytes.subarray(0, read))
  const lines = text.split('\n').filter((line) => /\w/.test(line))
  if (lines.length === 0) return 'it wrote nothing'
  // What went wrong often stands above the last lines.
  const telling = lines.findLast((line) => /\b\w*(error|exception)\b/i.test(line))
  const told = telling === undefined ? lines.slice(-3) : [telling]
  return `it wrote: ${shorten(visible(told.map((line) => line.trim()).join(' | ')), 400)}`
}

async function stillRuns({ files, signal }: TryTools, running: Running): Promise<void> {
  if (signal.aborted) throw new SlipwayError('INTERRUPTED', 'interrupted; the server that was tried is stopped')
  const exit = running.ended()
  if (exit === null) return
  const how = exit.signal === null ? `with code ${exit.code}` : `by ${exit.signal}`
  throw new SlipwayError(
    'CRASHED',
    `the command ended ${how} before it was ready; ${await lastWords(files, running.log)}`,
  )
}

/** The socket that the server listens on: the first of `likely` that it has, else its lowest. Throws CRASHED, NEVER_READY. */
export async function listening(tools: TryTools, running: Running, likely: readonly number[]): Promise<Listener> {
  const { clock, processes } = tools
  const seen = (): readonly Listener[] =>
    processes.listeners(processes.family(running.started, running.mark).map(({ pid }) => pid))
  const found = await waited(tools, LISTEN_MS, 'it listens on no port yet', async () => {
    await stillRuns(tools, running)
    if (seen().length === 0) return undefined
    // A server may open a second socket right after the first.
    await clock.sleep(2 * LOOK_MS, tools.signal)
    const all = seen().toSorted((a, b) => a.port - b.port)
    const told = likely.find((one) => all.some(({ port }) => port === one))
    return all.find(({ port }) => port === told) ?? all[0]
  })
  if (found !== undefined) return found
  const words = await lastWords(tools.files, running.log)
  throw new SlipwayError('NEVER_READY', `the command listened on no port within ${LISTEN_MS / 1000} s; ${words}`)
}

/** The first known path that answers 2xx. A server that answers 503 on one loads and is waited for. */
export async function readyPath(tools: TryTools, running: Running, at: Listener): Promise<string | null> {
  const { trial } = tools
  const target = { host: hostOf(at), port: at.port, method: 'GET', headers: {}, body: null }
  let rounds = 0
  const found = await waited(tools, READY_MS, `it listens on port ${at.port} and is not ready yet`, async () => {
    await stillRuns(tools, running)
    let loads = false
    for (const path of READY_PATHS) {
      const status = (await trial.ask({ ...target, path }, ASK_MS))?.status ?? 0
      if (status >= 200 && status < 300) return path
      loads ||= status === 503 || status === 0
      if (loads) break
    }
    return !loads && ++rounds >= 3 ? null : undefined
  })
  return found ?? null
}
