/** An open-loop load: requests leave on schedule whatever the server does, and latency counts from the scheduled moment. */
import { Agent, request as httpRequest } from 'node:http'
import { SlipwayError } from '../../../errors.ts'
import type { Clock } from '../../../io/clock.ts'
import type { SetRequest } from '../../contract.ts'
import { LabelSender, type LabelTarget } from './labels.ts'
import { seededOrder } from './order.ts'
import { Quantiles } from './quantiles.ts'

export interface LoadLine {
  readonly id: string
  readonly request: SetRequest
  /** Sent as the label of the line's request; absent: none. */
  readonly expect?: unknown
}
export interface LoadOptions {
  /** http://host:port */
  readonly address: string
  readonly lines: readonly LoadLine[]
  /** Requests per second. */
  readonly rate: number
  readonly durationMs: number
  /** What would be open beyond it fails and is named so. */
  readonly concurrency: number
  readonly seed: number
  readonly labels: LabelTarget | null
  /** An answer later than this after the scheduled moment fails. Default 60 s. */
  readonly timeoutMs?: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** About once a second, and at the end. */
  progress?(summary: LoadSummary): void
}
export interface LoadSummary {
  readonly elapsedMs: number
  /** Requests whose moment came. */
  readonly scheduled: number
  readonly answered: number
  readonly open: number
  /** All that is no 2xx or 3xx. */
  readonly failed: number
  /** By name: over-concurrency, timeout, refused, reset, or the status. */
  readonly failures: Readonly<Record<string, number>>
  /** By x-slipway-version. */
  readonly versions: Readonly<Record<string, number>>
  /** From the scheduled moment to the answer's end, of answered requests. */
  readonly latencyMs: {
    readonly p50: number | null
    readonly p90: number | null
    readonly p95: number | null
    readonly p99: number | null
    readonly max: number | null
  }
  readonly labels: { readonly sent: number; readonly refused: number; readonly failed: number } | null
}

/** Runs the load to its end, or to the signal; requests that are open at the signal are cut off and count as nothing. */
export async function runLoad(options: LoadOptions): Promise<LoadSummary> {
  if (options.lines.length === 0) throw new SlipwayError('SET_INVALID', 'the set has no line to send')
  const run = new LoadRun(options)
  return run.run()
}

interface Prepared {
  readonly path: string
  readonly method: string
  readonly headers: string[]
  readonly body: Buffer | null
  readonly expect: unknown
}

class LoadRun {
  readonly #options: LoadOptions
  readonly #agent: Agent
  readonly #host: string
  readonly #port: number
  readonly #prepared: readonly Prepared[]
  readonly #order: Generator<number, never>
  readonly #latency = new Quantiles()
  readonly #failures: Record<string, number> = {}
  readonly #versions: Record<string, number> = {}
  readonly #labels: LabelSender | null
  #scheduled = 0
  #answered = 0
  #failed = 0
  #open = 0
  #idle: (() => void) | null = null
  #startedAt = 0

  constructor(options: LoadOptions) {
    this.#options = options
    const url = new URL(options.address)
    this.#host = url.hostname.replace(/^\[|\]$/g, '')
    this.#port = Number(url.port || 80)
    this.#agent = new Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: options.concurrency })
    this.#prepared = options.lines.map((line) => prepare(line, url.host))
    this.#order = seededOrder(options.lines.length, options.seed)
    this.#labels = options.labels && new LabelSender(options.labels, options.clock)
  }

  async run(): Promise<LoadSummary> {
    const { clock, signal, progress } = this.#options
    this.#startedAt = clock.mono()
    let ended = false
    const labels = this.#labels?.run(() => ended && this.#open === 0, signal)
    const told = this.#tell(() => ended)
    await this.#send()
    if (this.#open > 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#idle = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    ended = true
    this.#agent.destroy()
    await labels
    await told
    const summary = this.#summary()
    progress?.(summary)
    return summary
  }

  /** Each request at its own moment; a late turn of the loop sends all that are due. */
  async #send(): Promise<void> {
    const { clock, signal, rate, durationMs } = this.#options
    const all = Math.floor((rate * durationMs) / 1000)
    while (this.#scheduled < all && !signal.aborted) {
      const due = this.#startedAt + (this.#scheduled * 1000) / rate
      const early = due - clock.mono()
      if (early <= 0) this.#one(due)
      else await clock.sleep(Math.min(Math.max(1, early), 100), signal)
    }
  }

  async #tell(ended: () => boolean): Promise<void> {
    const { clock, signal, progress } = this.#options
    if (!progress) return
    for (let next = this.#startedAt + 1000; ; next += 1000) {
      while (clock.mono() < next) {
        if (ended() || signal.aborted) return
        await clock.sleep(Math.min(100, next - clock.mono()), signal)
      }
      progress(this.#summary())
    }
  }

  #one(due: number): void {
    this.#scheduled++
    const line = this.#prepared[this.#order.next().value]!
    if (this.#open >= this.#options.concurrency) return this.#fail('over-concurrency')
    this.#open++
    let over = false
    const end = (how: () => void) => {
      if (over) return
      over = true
      clearTimeout(timer)
      this.#open--
      if (!this.#options.signal.aborted) how()
      if (this.#open === 0) this.#idle?.()
    }
    const req = httpRequest({
      agent: this.#agent,
      host: this.#host,
      port: this.#port,
      path: line.path,
      method: line.method,
      headers: line.headers,
      setHost: false,
    })
    const timer = setTimeout(() => {
      end(() => this.#fail('timeout'))
      req.destroy()
    }, this.#options.timeoutMs ?? 60_000)
    req.on('response', (res) => {
      res.on('data', () => {})
      res.on('error', () => end(() => this.#fail('reset')))
      res.on('end', () => end(() => this.#done(due, res.statusCode ?? 0, res.headers, line)))
    })
    req.on('error', (error: NodeJS.ErrnoException) =>
      end(() => this.#fail(error.code === 'ECONNREFUSED' ? 'refused' : 'reset')),
    )
    req.end(line.body ?? undefined)
  }

  #done(due: number, status: number, headers: NodeJS.Dict<string | string[]>, line: Prepared): void {
    const version = String(headers['x-slipway-version'] ?? 'unknown')
    this.#versions[version] = (this.#versions[version] ?? 0) + 1
    if (status < 200 || status > 399) return this.#fail(String(status))
    this.#answered++
    this.#latency.add(this.#options.clock.mono() - due)
    const id = headers['x-slipway-request-id']
    if (line.expect !== undefined && typeof id === 'string') this.#labels?.add(id, line.expect)
  }

  #fail(name: string): void {
    this.#failed++
    this.#failures[name] = (this.#failures[name] ?? 0) + 1
  }

  #summary(): LoadSummary {
    const latency = this.#latency
    const labels = this.#labels
    return {
      elapsedMs: this.#options.clock.mono() - this.#startedAt,
      scheduled: this.#scheduled,
      answered: this.#answered,
      open: this.#open,
      failed: this.#failed,
      failures: { ...this.#failures },
      versions: { ...this.#versions },
      latencyMs: {
        p50: latency.at(0.5),
        p90: latency.at(0.9),
        p95: latency.at(0.95),
        p99: latency.at(0.99),
        max: latency.count === 0 ? null : latency.max,
      },
      labels: labels && { sent: labels.sent, refused: labels.refused, failed: labels.failed },
    }
  }
}

/** A line as it goes out; a body that is no string is JSON. */
function prepare({ request, expect }: LoadLine, host: string): Prepared {
  const text =
    request.body === undefined || request.body === null
      ? null
      : typeof request.body === 'string'
        ? request.body
        : JSON.stringify(request.body)
  const body = text === null ? null : Buffer.from(text)
  const headers: string[] = []
  const said = new Set<string>()
  for (const [name, value] of Object.entries(request.headers)) {
    if (name.toLowerCase() === 'content-length') continue
    said.add(name.toLowerCase())
    headers.push(name, value)
  }
  if (!said.has('host')) headers.push('host', host)
  if (body && !said.has('content-type')) headers.push('content-type', 'application/json')
  if (body) headers.push('content-length', String(body.length))
  else if (request.method !== 'GET' && request.method !== 'HEAD') headers.push('content-length', '0')
  return { path: request.path, method: request.method, headers, body, expect }
}
