/** One request to one server and its answer, with timeouts; tells what happened and never throws. */
import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A connection idle for longer is not used again: the server may be closing it at that moment. */
const MOST_IDLE_MS = 1000
const MOST_FREE = 256
export const MOST_HEADER_BYTES = 64 * 2 ** 10

export interface Timeouts {
  readonly connectMs: number
  readonly firstByteMs: number
  readonly idleMs: number
}
export interface ExchangeRequest {
  readonly method: string
  readonly target: string
  /** name, value, name, value …, with framing. */
  readonly headers: readonly string[]
  /** `streamed`: written piece by piece. */
  readonly body: Uint8Array | 'streamed' | null
  /** On a connection of its own: for the second try. */
  readonly fresh: boolean
  readonly timeouts: Timeouts
}
/** Why there is no whole answer. */
export interface Fault {
  readonly kind: 'timeout' | 'reset'
  /** No byte of the request has left: any server may be asked instead. */
  readonly unsent: boolean
  /** It died on a connection that was used before. */
  readonly reused: boolean
  readonly detail: string
}
export interface ExchangeEvents {
  /** The connection stands: a streamed body may begin. */
  connected?(): void
  continue(): void
  information(status: number, headers: readonly string[]): void
  head(status: number, message: string, headers: readonly string[]): void
  data(chunk: Buffer): void
  end(trailers: readonly string[]): void
  /** Once, instead of `end`; before or after `head`. */
  fault(fault: Fault): void
  /** The server took the connection over (101). */
  upgrade?(status: number, message: string, headers: readonly string[], socket: Duplex, first: Buffer): void
  /** The request's body may go on. */
  drain?(): void
}

/** Connections to one server, kept while idle for a second at most. */
export class Lane extends Agent {
  /** As the orders write it. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** Users' requests open at this address. */
  open = 0
  /** Until then (monotonic ms) it is asked last: a connection was refused. */
  avoidUntil = Number.NEGATIVE_INFINITY

  constructor(address: string) {
    super({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: MOST_FREE })
    this.address = address
    const url = new URL(address)
    this.host = url.hostname.replace(/^\[|\]$/g, '')
    this.port = Number(url.port || 80)
  }

  revive(): void {
    this.maxFreeSockets = MOST_FREE
  }

  /** No new requests come: idle connections go, open ones end by themselves. */
  retire(): void {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
    this.maxFreeSockets = 0
  }

  override keepSocketAlive(socket: Socket & { _httpMessage?: { res?: IncomingMessage } }): boolean {
    const hint = /(?:^|[\s,;])timeout=(\d+)/.exec(String(socket._httpMessage?.res?.headers['keep-alive'] ?? ''))
    const limit = Math.min(MOST_IDLE_MS, hint ? Number(hint[1]) * 1000 - 1000 : MOST_IDLE_MS)
    if (limit <= 0) return false
    socket.setTimeout(limit)
    socket.unref()
    return true
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request)
    socket.setTimeout(0)
  }
}

export class Exchange {
  readonly #events: ExchangeEvents
  readonly #timeouts: Timeouts
  readonly #request: ClientRequest
  #answer: IncomingMessage | null = null
  #connected = false
  #over = false
  #timer: NodeJS.Timeout
  #connectTimer: NodeJS.Timeout | null = null

  constructor(lane: Lane, spec: ExchangeRequest, events: ExchangeEvents) {
    this.#events = events
    this.#timeouts = spec.timeouts
    const request = httpRequest({
      agent: spec.fresh ? false : lane,
      host: lane.host,
      port: lane.port,
      method: spec.method,
      path: spec.target,
      headers: spec.headers,
      setHost: false,
      maxHeaderSize: MOST_HEADER_BYTES,
      insecureHTTPParser: false,
    })
    this.#request = request
    this.#timer = setTimeout(() => this.#timedOut('first byte'), spec.timeouts.firstByteMs)
    request.on('socket', (socket) => this.#socket(socket))
    request.on('response', (answer) => this.#head(answer))
    request.on('error', (error) => this.#fault('reset', error.message))
    request.on('continue', () => this.#over || events.continue())
    request.on('information', ({ statusCode, rawHeaders }) => {
      if (statusCode !== 100 && !this.#over) events.information(statusCode, rawHeaders)
    })
    if (events.upgrade) request.on('upgrade', (answer, socket, first) => this.#upgraded(answer, socket, first))
    if (spec.body === 'streamed') {
      request.on('drain', () => events.drain?.())
      request.flushHeaders()
    } else if (spec.body === null) request.end()
    else request.end(spec.body)
  }

  #socket(socket: Socket): void {
    if (!socket.connecting) {
      this.#connected = true
      this.#events.connected?.()
      return
    }
    this.#connectTimer = setTimeout(() => this.#timedOut('connection'), this.#timeouts.connectMs)
    socket.once('connect', () => {
      this.#connected = true
      if (this.#connectTimer) clearTimeout(this.#connectTimer)
      if (!this.#over) this.#events.connected?.()
    })
  }

  #head(answer: IncomingMessage): void {
    if (this.#over) return
    this.#answer = answer
    this.#idle()
    this.#events.head(answer.statusCode ?? 0, answer.statusMessage ?? '', answer.rawHeaders)
    answer.on('data', (chunk: Buffer) => {
      if (this.#over) return
      this.#timer.refresh()
      this.#events.data(chunk)
    })
    answer.on('end', () => {
      if (this.#over) return
      // A body cut short ends in an error; `complete` says so even where no error came.
      if (!answer.complete) return this.#fault('reset', 'the answer broke off')
      this.#finish()
      this.#events.end(answer.rawTrailers)
    })
    answer.on('error', (error) => this.#fault('reset', error.message))
    answer.on('aborted', () => this.#fault('reset', 'the answer broke off'))
  }

  #upgraded(answer: IncomingMessage, socket: Duplex, first: Buffer): void {
    if (this.#over) return socket.destroy() as unknown as undefined
    this.#finish()
    this.#events.upgrade?.(answer.statusCode ?? 101, answer.statusMessage ?? '', answer.rawHeaders, socket, first)
  }

  #idle(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#timedOut('next byte'), this.#timeouts.idleMs)
  }

  #timedOut(what: string): void {
    this.#fault('timeout', `no ${what} in time`)
  }

  #fault(kind: Fault['kind'], detail: string): void {
    if (this.#over) return
    this.#finish()
    this.#request.destroy()
    this.#events.fault({ kind, unsent: !this.#connected, reused: this.#request.reusedSocket, detail })
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#timer)
    if (this.#connectTimer) clearTimeout(this.#connectTimer)
  }

  /** False: wait for `drain`. */
  write(chunk: Uint8Array): boolean {
    return this.#over || this.#request.write(chunk)
  }

  end(trailers: readonly string[] = []): void {
    if (this.#over) return
    if (trailers.length > 0) this.#request.addTrailers(pairsOf(trailers))
    this.#request.end()
  }

  /** Stops reading the answer until `resume`; the idle timeout stands still meanwhile. */
  pause(): void {
    if (this.#over) return
    clearTimeout(this.#timer)
    this.#answer?.pause()
  }

  resume(): void {
    if (this.#over) return
    this.#idle()
    this.#answer?.resume()
  }

  /** The caller no longer wants it: the connection goes at once; no event follows. */
  abort(): void {
    if (this.#over) return
    this.#finish()
    this.#request.destroy()
  }
}

export function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!])
  return pairs
}
