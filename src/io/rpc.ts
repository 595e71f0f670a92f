/** Small calls over a unix socket: one JSON object a line, answered by one a line. */
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { SlipwayError } from '../errors.ts'

/** Version of the calls' form. */
const RPC_VERSION = 1
const MOST_BYTES = 64 * 2 ** 20

export interface RpcServer {
  close(): Promise<void>
}
export interface RpcClient {
  /** Throws what the other side threw, HOST_UNREACHABLE where it went away, after `timeoutMs` without an answer too. */
  call(method: string, params?: unknown, timeoutMs?: number): Promise<unknown>
  readonly closed: Promise<void>
  close(): void
}

/** Calls `take` for each whole line; a line beyond the limit closes the socket. */
function eachLine(socket: Socket, take: (line: string) => void): void {
  let parts: string[] = []
  let size = 0
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    let from = 0
    for (let at = chunk.indexOf('\n'); at !== -1; at = chunk.indexOf('\n', from)) {
      parts.push(chunk.slice(from, at))
      const line = parts.join('')
      parts = []
      size = 0
      from = at + 1
      take(line)
    }
    const rest = chunk.slice(from)
    size += rest.length
    if (size > MOST_BYTES) socket.destroy()
    else if (rest !== '') parts.push(rest)
  })
}

/** Listens at `path` (mode 0600; a socket left there is replaced). */
export async function serveRpc(path: string, answer: (method: string, params: unknown) => unknown): Promise<RpcServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    eachLine(socket, (line) => void reply(socket, line))
  })
  async function reply(socket: Socket, line: string): Promise<void> {
    let id: unknown = null
    try {
      const call = JSON.parse(line) as { id: unknown; v: number; method: string; params: unknown }
      id = call.id
      if (call.v !== RPC_VERSION)
        throw new SlipwayError('HOST_ELSEWHERE', `the other side speaks version ${RPC_VERSION}, not ${call.v}`)
      const result = await answer(call.method, call.params)
      socket.write(`${JSON.stringify({ id, result: result ?? null })}\n`)
    } catch (error) {
      const code = error instanceof SlipwayError ? error.code : 'BUG'
      socket.write(`${JSON.stringify({ id, error: { code, message: (error as Error).message } })}\n`)
    }
  }
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Connects; rejects with HOST_UNREACHABLE where nobody listens. */
export async function connectRpc(path: string): Promise<RpcClient> {
  const socket = connect(path)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', (error) =>
      reject(new SlipwayError('HOST_UNREACHABLE', `nobody answers at the socket: ${error.message}`, { cause: error })),
    )
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let next = 1
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject } of waiting.values())
        reject(new SlipwayError('HOST_UNREACHABLE', 'the other side went away'))
      waiting.clear()
      resolve()
    })
  })
  socket.on('error', () => socket.destroy())
  eachLine(socket, (line) => {
    const { id, result, error } = JSON.parse(line) as {
      id: number
      result?: unknown
      error?: { code: string; message: string }
    }
    const call = waiting.get(id)
    waiting.delete(id)
    if (error) call?.reject(new SlipwayError(error.code as 'BUG', error.message))
    else call?.resolve(result)
  })
  return {
    closed,
    close: () => socket.destroy(),
    call: (method, params = null, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new SlipwayError('HOST_UNREACHABLE', 'the other side went away'))
        const id = next++
        const timer = setTimeout(() => {
          waiting.delete(id)
          reject(new SlipwayError('HOST_UNREACHABLE', `no answer to ${method} in ${timeoutMs / 1000} s`))
        }, timeoutMs)
        const settle =
          <T>(act: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer)
            act(value)
          }
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
        socket.write(`${JSON.stringify({ id, v: RPC_VERSION, method, params })}\n`)
      }),
  }
}
