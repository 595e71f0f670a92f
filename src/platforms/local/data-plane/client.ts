/** The host's side of the socket to a data plane. */
import { connect, type Socket } from 'node:net'
import { SlipwayError } from '../../../errors.ts'
import type { Clock } from '../../../io/clock.ts'
import { Lines, type Method, type Methods, PROTOCOL, type Response, receivedError } from './protocol.ts'

export interface DataPlaneClient {
  call<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']>
  close(): void
  /** True once the connection is gone; make a new client then. */
  readonly closed: boolean
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
}

interface Open {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: SlipwayError) => void
  readonly timer: AbortController
}

/**
 * Connects to the data plane at a socket path. DATA_PLANE_UNREACHABLE where nobody answers there, now or within
 * `timeoutMs` of a call.
 */
export function connectDataPlane(
  socketPath: string,
  clock: Clock,
  { timeoutMs = 5000 }: { timeoutMs?: number } = {},
): Promise<DataPlaneClient> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      reject(unreachable(`no data plane answers at its socket (${error.code ?? error.message})`)),
    )
    socket.once('connect', () => resolve(new SocketClient(socket, clock, timeoutMs)))
  })
}

const unreachable = (message: string): SlipwayError => new SlipwayError('DATA_PLANE_UNREACHABLE', message)

class SocketClient implements DataPlaneClient {
  readonly #socket: Socket
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #open = new Map<number, Open>()
  #last = 0
  closed = false
  readonly gone: Promise<void>

  constructor(socket: Socket, clock: Clock, timeoutMs: number) {
    this.#socket = socket
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    const lines = new Lines(
      (line) => this.#received(line),
      () => socket.destroy(),
    )
    socket.on('data', (chunk: Buffer) => lines.add(chunk))
    socket.on('error', () => {})
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('close', () => {
      this.closed = true
      for (const open of this.#open.values()) open.reject(unreachable('the data plane hung up'))
      this.#open.clear()
    })
  }

  call<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']> {
    if (this.closed) return Promise.reject(unreachable('the data plane hung up'))
    const id = ++this.#last
    return new Promise<Methods[M]['result']>((resolve, reject) => {
      const timer = new AbortController()
      this.#open.set(id, { resolve: resolve as (value: unknown) => void, reject, timer })
      void this.#clock.sleep(this.#timeoutMs, timer.signal).then(() => {
        if (timer.signal.aborted || !this.#open.delete(id)) return
        reject(unreachable(`the data plane did not answer ${method} within ${this.#timeoutMs} ms`))
      })
      this.#socket.write(`${JSON.stringify({ v: PROTOCOL, id, method, params })}\n`)
    })
  }

  #received(line: string): void {
    const response = JSON.parse(line) as Response
    const open = this.#open.get(response.id)
    if (!open) return
    this.#open.delete(response.id)
    open.timer.abort()
    if ('error' in response) open.reject(receivedError(response.error))
    else open.resolve(response.result)
  }

  close(): void {
    for (const open of this.#open.values()) open.timer.abort()
    this.#socket.destroy()
  }
}
