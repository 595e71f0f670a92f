/** One request to one server and its answer, with timeouts; tells what happened and never throws. */
import type { Duplex } from 'node:stream'
import type { Connection, Receiver } from './connection.ts'
import { keepAliveHint, type Lane } from './lane.ts'

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
  /** Streamed: written piece by piece, `chunked` if its length is not announced. */
  readonly body: Uint8Array | null | { readonly streamed: 'chunked' | 'length' }
  /** On a new connection: for the second try. */
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
  /** 100, 102, 103 … */
  interim?(status: number, headers: readonly string[]): void
  head(status: number, message: string, headers: readonly string[]): void
  data(chunk: Buffer): void
  /** Nothing more has come for now. */
  flush?(): void
  end(trailers: readonly string[]): void
  /** Once, instead of `end`; before or after `head`. */
  fault(fault: Fault): void
  /** The server took the connection over (101). */
  upgrade?(status: number, message: string, headers: readonly string[], socket: Duplex, first: Buffer): void
  /** The request's body may go on. */
  drain?(): void
}

export class Exchange implements Receiver {
  readonly isHead: boolean
  readonly #lane: Lane
  readonly #spec: ExchangeRequest
  readonly #events: ExchangeEvents
  readonly #connection: Connection
  readonly #reused: boolean
  #sent = false
  #over = false
  #paused = false
  #answering = false
  #hintMs: number | null = null
  #timer: NodeJS.Timeout
  #connectTimer: NodeJS.Timeout | null = null

  constructor(lane: Lane, spec: ExchangeRequest, events: ExchangeEvents) {
    this.#lane = lane
    this.#spec = spec
    this.#events = events
    this.isHead = spec.method === 'HEAD'
    this.#timer = setTimeout(() => this.#timedOut('first byte'), spec.timeouts.firstByteMs)
    const connection = lane.take(spec.fresh)
    this.#connection = connection
    this.#reused = connection.used
    connection.begin(this)
    if (connection.connected) this.#begin()
    else this.#connectTimer = setTimeout(() => this.#timedOut('connection'), spec.timeouts.connectMs)
  }

  connected(): void {
    if (this.#connectTimer) clearTimeout(this.#connectTimer)
    this.#begin()
  }

  #begin(): void {
    const { method, target, headers, body } = this.#spec
    let head = `${method} ${target} HTTP/1.1\r\n`
    const { authority, host } = this.#lane
    let hosted = false
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i]!
      const isHost = name.length === 4 && name.toLowerCase() === 'host'
      if (isHost) hosted = true
      head += `${name}: ${isHost && authority !== null ? authority : headers[i + 1]}\r\n`
    }
    // HTTP/1.0 knows requests without it, and a server of HTTP/1.1 refuses them.
    if (!hosted) head += `host: ${host}\r\n`
    head += '\r\n'
    const streamed = body !== null && 'streamed' in body
    this.#connection.send(head, streamed ? null : body)
    this.#sent = !streamed
    this.#events.connected?.()
  }

  interim(status: number, headers: readonly string[]): void {
    if (!this.#over) this.#events.interim?.(status, headers)
  }

  head(status: number, message: string, headers: readonly string[]): void {
    if (this.#over) return
    this.#answering = true
    this.#hintMs = keepAliveHint(headers)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#timedOut('next byte'), this.#spec.timeouts.idleMs)
    this.#events.head(status, message, headers)
  }

  body(chunk: Buffer): void {
    if (!this.#over) this.#events.data(chunk)
  }

  flush(): void {
    if (this.#over) return
    if (!this.#paused) this.#timer.refresh()
    this.#events.flush?.()
  }

  end(trailers: readonly string[]): void {
    if (this.#over) return
    this.#finish()
    // A server that answered before it had read the request is not asked again on this connection.
    if (this.#connection.reusable && this.#sent) this.#lane.put(this.#connection, this.#hintMs)
    else this.#connection.destroy()
    this.#events.end(trailers)
  }

  broke(detail: string): void {
    this.#fault('reset', detail)
  }

  upgraded(status: number, message: string, headers: readonly string[], socket: Duplex, first: Buffer): void {
    if (this.#over || !this.#events.upgrade) {
      socket.destroy()
      if (!this.#over) this.#fault('reset', 'the server changed the protocol unasked')
      return
    }
    this.#finish()
    this.#events.upgrade(status, message, headers, socket, first)
  }

  drain(): void {
    if (!this.#over) this.#events.drain?.()
  }

  #timedOut(what: string): void {
    this.#fault('timeout', `no ${what} in time`)
  }

  #fault(kind: Fault['kind'], detail: string): void {
    if (this.#over) return
    const unsent = !this.#connection.connected
    this.#finish()
    this.#connection.destroy()
    this.#events.fault({ kind, unsent, reused: this.#reused, detail })
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#timer)
    if (this.#connectTimer) clearTimeout(this.#connectTimer)
  }

  /** A piece of a streamed body. False: wait for `drain`. */
  write(chunk: Uint8Array): boolean {
    if (this.#over || chunk.length === 0) return true
    // The first byte is awaited from the end of the request on.
    if (!this.#answering) this.#timer.refresh()
    const { socket } = this.#connection
    if (!this.#chunked) return socket.write(chunk)
    socket.cork()
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    socket.write(chunk)
    const more = socket.write('\r\n', 'latin1')
    socket.uncork()
    return more
  }

  get #chunked(): boolean {
    const { body } = this.#spec
    return body !== null && 'streamed' in body && body.streamed === 'chunked'
  }

  /** The end of a streamed body. */
  finish(trailers: readonly string[]): void {
    if (this.#over) return
    this.#sent = true
    if (!this.#chunked) return
    let last = '0\r\n'
    for (let i = 0; i + 1 < trailers.length; i += 2) last += `${trailers[i]}: ${trailers[i + 1]}\r\n`
    this.#connection.socket.write(`${last}\r\n`, 'latin1')
  }

  /** Stops reading the answer until `resume`; the idle timeout stands still meanwhile. */
  pause(): void {
    if (this.#over || this.#paused) return
    this.#paused = true
    clearTimeout(this.#timer)
    this.#connection.socket.pause()
  }

  resume(): void {
    if (this.#over || !this.#paused) return
    this.#paused = false
    this.#timer = setTimeout(() => this.#timedOut('next byte'), this.#spec.timeouts.idleMs)
    this.#connection.socket.resume()
  }

  /** The caller no longer wants it: the connection goes at once; no event follows. */
  abort(): void {
    if (this.#over) return
    this.#finish()
    this.#connection.destroy()
  }
}
