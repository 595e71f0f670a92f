/** One program that scores: kept over many questions, started again once where it fails, never waited for without end. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { SlipwayError } from '../errors.ts'
import { commandLine, readCommandLine } from '../evidence/evaluators/command.ts'
import type { Judged } from '../evidence/question.ts'
import { shorten, visible } from '../kit/text.ts'
import { formatDuration } from '../kit/units.ts'
import type { Clock } from './clock.ts'

/** Longest line that it may write, and how much of its stderr is kept to say why it failed. */
const MOST_LINE = 64 * 2 ** 10
const TAIL = 2000
/** After it failed twice, how long its questions are refused with the same cause. */
const REST_MS = 30_000
/** Without questions for so long it is ended; the next question starts it anew. */
const IDLE_MS = 600_000
const END_MS = 1000

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  stderr: string
  /** What came of its stdout after the last newline. */
  rest: string
  /** Takes a whole line of stdout; set while questions are open. */
  take: (line: string) => void
  /** Told when it ended or broke off, with why. */
  ended: (cause: string) => void
  over: string | null
}

export class EvaluatorProgram {
  readonly #command: readonly string[]
  readonly #timeoutMs: number
  readonly #options: {
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly clock: Clock
  }
  #running: Running | null = null
  #last: Promise<unknown> = Promise.resolve()
  #failed: { readonly error: SlipwayError; readonly at: number } | null = null
  #idle: NodeJS.Timeout | null = null
  #closed = false

  constructor(
    evaluator: { readonly command: readonly string[]; readonly timeoutMs: number },
    options: {
      readonly cwd: string
      readonly env: Readonly<Record<string, string | undefined>>
      readonly clock: Clock
    },
  ) {
    this.#command = evaluator.command
    this.#timeoutMs = evaluator.timeoutMs
    this.#options = options
  }

  /** Scores in the order of the items; one call after the other, so that ids of two calls cannot meet. */
  score(items: readonly Judged[]): Promise<number[]> {
    const mine = this.#last.then(() => this.#score(items))
    this.#last = mine.catch(() => {})
    return mine
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopIdling()
    const running = this.#running
    if (!running || running.over !== null) return
    running.ended('was ended with slipway')
    const gone = once(running.child, 'close')
    running.child.stdin.end()
    const timer = setTimeout(() => kill(running.child), END_MS)
    await gone
    clearTimeout(timer)
  }

  async #score(items: readonly Judged[]): Promise<number[]> {
    const { clock } = this.#options
    if (this.#closed) throw this.#error('was ended with slipway')
    if (this.#failed && clock.mono() - this.#failed.at < REST_MS) throw this.#failed.error
    this.#stopIdling()
    const open = new Map(items.map((item) => [item.id, item]))
    const scores = new Map<string, number>()
    let cause = await this.#ask(open, scores)
    if (cause !== null && !cause.final && !this.#closed) cause = await this.#ask(open, scores)
    if (cause !== null) {
      this.#failed = { error: this.#error(cause.text), at: clock.mono() }
      throw this.#failed.error
    }
    this.#failed = null
    this.#idle = setTimeout(() => this.#running?.child.stdin.end(), IDLE_MS)
    this.#idle.unref()
    return items.map((item) => scores.get(item.id)!)
  }

  /** Asks what is open of the program, started where none runs. null: all answered; else why not, and the program is gone. */
  async #ask(open: Map<string, Judged>, scores: Map<string, number>): Promise<{ text: string; final: boolean } | null> {
    const running = this.#running?.over === null ? this.#running : this.#start()
    this.#running = running
    const ended = new AbortController()
    const text = await new Promise<string | null>((resolve) => {
      // Time runs from the last sign of life: a line written to it, or an answer. A slow judge with many lines is not late.
      const timer = setTimeout(
        () => resolve(`gave no answer to ${[...open.keys()][0]} within ${formatDuration(this.#timeoutMs)}`),
        this.#timeoutMs,
      )
      const done = (result: string | null) => {
        clearTimeout(timer)
        resolve(result)
      }
      running.ended = done
      running.take = (line) => {
        const read = readCommandLine(line)
        if (typeof read === 'string') return done(read)
        if (!open.delete(read.id)) return done(`answered ${read.id}, which was not asked or is answered already`)
        scores.set(read.id, read.score)
        timer.refresh()
        if (open.size === 0) done(null)
      }
      if (running.over !== null) return done(running.over)
      void write(running.child, [...open.values()], () => timer.refresh(), ended.signal)
    })
    ended.abort()
    running.take = () => {}
    running.ended = () => {}
    if (text === null) return null
    kill(running.child)
    const final = running.over?.startsWith('could not be started') ?? false
    const said = running.stderr.trim().split('\n').at(-1) ?? ''
    this.#running = null
    return { text: said === '' ? text : `${text}; it said: ${said}`, final }
  }

  #start(): Running {
    const { cwd, env } = this.#options
    const child = this.#spawn(cwd, { ...env })
    const running: Running = { child, stderr: '', rest: '', take: () => {}, ended: () => {}, over: null }
    const end = (cause: string) => {
      running.over ??= cause
      running.ended(running.over)
    }
    child.on('error', (error: NodeJS.ErrnoException) =>
      end(`could not be started: ${error.code === 'ENOENT' ? 'command or folder not found' : error.message}`),
    )
    child.on('close', (code, signal) => end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`))
    child.stdin.on('error', () => {})
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      running.stderr = (running.stderr + text).slice(-TAIL)
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (running.rest + text).split('\n')
      running.rest = lines.pop()!
      for (const line of lines) if (line.trim() !== '') running.take(line)
      if (running.rest.length > MOST_LINE) end('wrote a line longer than 64 KiB')
    })
    return running
  }

  #spawn(cwd: string, env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
    const [file = '', ...args] = this.#command
    try {
      // A group of its own, so that what it starts can be ended with it.
      return spawn(file, args, { cwd, env, stdio: 'pipe', detached: true, shell: false })
    } catch (error) {
      throw this.#error(`could not be started: ${error instanceof Error ? error.message : ''}`)
    }
  }

  #stopIdling(): void {
    if (this.#idle) clearTimeout(this.#idle)
    this.#idle = null
  }

  #error(cause: string): SlipwayError {
    const name = visible(shorten(this.#command[0] ?? '', 80))
    return new SlipwayError('EVALUATOR_FAILED', `evaluator ${name} ${visible(shorten(cause, 400))}`)
  }
}

/** Writes line by line, no faster than the program reads, until the questions are over. */
async function write(
  child: ChildProcessWithoutNullStreams,
  items: readonly Judged[],
  wrote: () => void,
  signal: AbortSignal,
): Promise<void> {
  for (const item of items) {
    if (signal.aborted || !child.stdin.writable) return
    if (child.stdin.write(commandLine(item))) continue
    await once(child.stdin, 'drain', { signal }).catch(() => {})
    if (!signal.aborted) wrote()
  }
}

/** The program and what it started. */
function kill(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
