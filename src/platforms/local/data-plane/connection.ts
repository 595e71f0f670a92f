/** One connection to a server: one request at a time, its answer read by Node's parser. */
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type AnswerParser, answerParser, BODY, NO_BODY, UPGRADE } from './node-parser.ts'

export const MOST_HEADER_BYTES = 64 * 2 ** 10
/** A body up to this size goes out in one write with its head. */
const ONE_WRITE_BYTES = 16 * 2 ** 10

export interface ServerAddress {
  readonly host: string
  readonly port: number
  /** Over TLS, with the system's and NODE_EXTRA_CA_CERTS' authorities. */
  readonly secure: boolean
}

/** Who waits for an answer on a connection. */
export interface Receiver {
  /** A HEAD's answer has no body, whatever its length says. */
  readonly isHead: boolean
  connected(): void
  /** 1xx but 101. */
  interim(status: number, headers: readonly string[]): void
  head(status: number, message: string, headers: readonly string[]): void
  body(chunk: Buffer): void
  /** All bytes that have come so far are handed over. */
  flush(): void
  end(trailers: readonly string[]): void
  broke(detail: string): void
  upgraded(status: number, message: string, headers: readonly string[], socket: Socket, first: Buffer): void
  drain(): void
}

export class Connection {
  readonly socket: Socket
  readonly #parser: AnswerParser
  #receiver: Receiver | null = null
  connected = false
  /** It served a request before. */
  used = false
  /** Until when (monotonic ms) it may be used again. */
  idleUntil = 0
  /** The last answer left it fit for another request. */
  reusable = false
  #keepAlive = false
  #interim = false
  #upgrade: { status: number; message: string; headers: readonly string[] } | null = null
  #complete = false
  /** More came than the answer. */
  #excess = false
  #trailers: readonly string[] = []
  #closed = false

  constructor({ host, port, secure }: ServerAddress) {
    this.#parser = answerParser(
      {
        onHead: (status, message, headers, keepAlive) => this.#onHead(status, message, headers, keepAlive),
        onBody: (chunk) => {
          if (!this.#complete) this.#receiver?.body(chunk)
        },
        onTrailers: (headers) => {
          if (!this.#complete) this.#trailers = this.#trailers.concat(headers)
        },
        onEnd: () => {
          if (this.#interim) this.#interim = false
          else this.#complete = true
        },
      },
      MOST_HEADER_BYTES,
    )
    const socket = secure
      ? connectTls({ host, port, ALPNProtocols: ['http/1.1'], ...(isIP(host) ? {} : { servername: host }) })
      : connect({ host, port, noDelay: true })
    this.socket = socket
    if (secure) socket.setNoDelay(true)
    socket.on(secure ? 'secureConnect' : 'connect', () => {
      this.connected = true
      this.#receiver?.connected()
    })
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('drain', () => this.#receiver?.drain())
    socket.on('end', () => this.#onEof())
    socket.on('error', (error: NodeJS.ErrnoException) => this.#broke(error.code ?? error.message))
    socket.on('close', () => this.#broke('the connection closed'))
  }

  /** Begins a request: the next answer is its own. */
  begin(receiver: Receiver): void {
    this.#receiver = receiver
    this.#trailers = []
    this.reusable = false
  }

  #onHead(status: number, message: string, headers: readonly string[], keepAlive: boolean): number {
    const receiver = this.#receiver
    // Nobody asked for another answer: it can belong to no request, and is not looked at.
    if (receiver === null || this.#complete) {
      this.#excess = true
      return NO_BODY
    }
    if (status === 101) {
      this.#upgrade = { status, message, headers }
      return UPGRADE
    }
    if (status < 200) {
      this.#interim = true
      receiver.interim(status, headers)
      return NO_BODY
    }
    this.#keepAlive = keepAlive
    receiver.head(status, message, headers)
    return receiver.isHead ? NO_BODY : BODY
  }

  #onData(chunk: Buffer): void {
    if (this.#closed) return
    if (this.#receiver === null) return this.destroy()
    const consumed = this.#parser.execute(chunk)
    if (this.#closed) return
    if (this.#upgrade && typeof consumed === 'number') return this.#takeOver(chunk.subarray(consumed))
    // What follows a whole answer, well formed or not, does not take it away.
    if (this.#complete) return this.#finish(consumed === chunk.length && !this.#excess)
    if (typeof consumed !== 'number') return this.#broke(`no HTTP/1.1 answer: ${consumed.message}`)
    this.#receiver?.flush()
  }

  #takeOver(first: Buffer): void {
    const { status, message, headers } = this.#upgrade!
    const receiver = this.#receiver
    this.#receiver = null
    this.#closed = true
    this.socket.removeAllListeners()
    this.socket.on('error', () => this.socket.destroy())
    setImmediate(() => this.#parser.close())
    receiver?.upgraded(status, message, headers, this.socket, first)
  }

  /** `clean`: no byte follows the answer. */
  #finish(clean: boolean): void {
    const receiver = this.#receiver
    this.#complete = false
    this.#receiver = null
    this.used = true
    if (this.socket.isPaused()) this.socket.resume()
    const fit = clean && this.#keepAlive && !this.socket.destroyed
    this.reusable = fit
    // By its end another request may be on the way here already.
    receiver?.end(this.#trailers)
    if (!fit) this.destroy()
  }

  #onEof(): void {
    if (this.#closed) return
    const wrong = this.#parser.finish()
    if (wrong === undefined && this.#complete) this.#finish(false)
    else this.#broke('the server ended the connection')
  }

  #broke(detail: string): void {
    if (this.#closed) return
    const receiver = this.#receiver
    this.destroy()
    receiver?.broke(detail)
  }

  /** A whole request, or the head of one whose body follows. */
  send(head: string, body: Uint8Array | null): void {
    const { socket } = this
    if (body === null || body.length === 0) socket.write(head, 'latin1')
    else if (body.length <= ONE_WRITE_BYTES)
      socket.write(head + Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  /** No event follows. */
  destroy(): void {
    if (this.#closed) return
    this.#closed = true
    this.#receiver = null
    this.reusable = false
    this.socket.destroy()
    // It may be at work further up the stack.
    setImmediate(() => this.#parser.close())
  }

  get closed(): boolean {
    return this.#closed
  }
}
