/** The connections to one server, kept while idle for a second at most. */
import { Connection, type ServerAddress } from './connection.ts'

/** A connection idle for longer is not used again: the server may be closing it at that moment. */
const MOST_IDLE_MS = 1000
const MOST_IDLE = 256

export class Lane {
  /** As the orders write it. */
  readonly address: string
  readonly #server: ServerAddress
  /** What the Host line says instead of the caller's: a server of somebody else knows its own name only. */
  readonly authority: string | null
  /** The server's own name and port, for requests that name none. */
  readonly host: string
  /** Users' requests open at this address. */
  open = 0
  /** Until then (monotonic ms) it is asked last: a connection was refused. */
  avoidUntil = Number.NEGATIVE_INFINITY
  #idle: Connection[] = []
  #sweep: NodeJS.Timeout | null = null
  #retired = false
  readonly #mono: () => number

  constructor(address: string, outside: boolean, mono: () => number) {
    this.address = address
    this.#mono = mono
    const url = new URL(address)
    const secure = url.protocol === 'https:'
    this.#server = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (secure ? 443 : 80)), secure }
    this.host = url.host
    this.authority = outside ? url.host : null
  }

  /** The connection used last that is fit, or a new one. */
  take(fresh: boolean): Connection {
    const now = this.#mono()
    while (!fresh && this.#idle.length > 0) {
      const connection = this.#idle.pop()!
      if (connection.closed) continue
      if (connection.idleUntil > now) return connection
      connection.destroy()
    }
    return new Connection(this.#server)
  }

  /** Takes a connection back after a whole answer; `hintMs`: how long the server says that it keeps it. */
  put(connection: Connection, hintMs: number | null): void {
    const limit = Math.min(MOST_IDLE_MS, hintMs === null ? MOST_IDLE_MS : hintMs - 1000)
    if (this.#retired || limit <= 0 || this.#idle.length >= MOST_IDLE) {
      connection.destroy()
      return
    }
    connection.idleUntil = this.#mono() + limit
    this.#idle.push(connection)
    this.#sweep ??= setTimeout(() => this.#clear(), MOST_IDLE_MS).unref()
  }

  /** Lets go of what has been idle too long. */
  #clear(): void {
    this.#sweep = null
    const now = this.#mono()
    this.#idle = this.#idle.filter((connection) => {
      if (!connection.closed && connection.idleUntil > now) return true
      connection.destroy()
      return false
    })
    if (this.#idle.length > 0) this.#sweep = setTimeout(() => this.#clear(), MOST_IDLE_MS).unref()
  }

  revive(): void {
    this.#retired = false
  }

  /** No new requests come: idle connections go, open ones end by themselves. */
  retire(): void {
    this.#retired = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }
}

/** `keep-alive: timeout=5` in ms; null without it. */
export function keepAliveHint(headers: readonly string[]): number | null {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    if (name.length !== 10 || name.toLowerCase() !== 'keep-alive') continue
    const seconds = /(?:^|[\s,;])timeout=(\d+)/.exec(headers[i + 1]!)?.[1]
    if (seconds !== undefined) return Number(seconds) * 1000
  }
  return null
}
