/** The data plane's side of its socket to the host. */
import { chmod, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { SlipwayError } from '../../../errors.ts'
import { Lines, type Method, type Methods, PROTOCOL, type Request, type Response } from './protocol.ts'

export type Answers = { readonly [M in Method]: (params: Methods[M]['params']) => Methods[M]['result'] }

/** Listens at `path` (mode 0600); a socket file that nobody answers is replaced. PORT_TAKEN where somebody does. */
export async function serveSocket(path: string, answers: Answers): Promise<{ close(): Promise<void> }> {
  if (await answered(path))
    throw new SlipwayError('PORT_TAKEN', `another data plane of this environment listens at ${path}`, {
      next: ['slipway local status', 'slipway local down'],
    })
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const lines = new Lines(
      (line) => socket.write(`${JSON.stringify(reply(line, answers))}\n`),
      () => socket.destroy(),
    )
    socket.on('data', (chunk: Buffer) => lines.add(chunk))
  })
  await listening(server, path)
  await chmod(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.end()
      }),
  }
}

function reply(line: string, answers: Answers): Response {
  let id = 0
  try {
    const request = JSON.parse(line) as Request
    id = Number(request.id)
    if (request.v !== PROTOCOL)
      throw new SlipwayError('DATA_PLANE_UNREACHABLE', `the data plane speaks version ${PROTOCOL}, not ${request.v}`)
    if (!Object.hasOwn(answers, request.method))
      throw new SlipwayError('BUG', `the data plane knows no method ${JSON.stringify(request.method)}`)
    const answer = answers[request.method as Method] as (params: unknown) => unknown
    return { id, result: answer(request.params) }
  } catch (error) {
    const code = error instanceof SlipwayError ? error.code : 'BUG'
    return { id, error: { code, message: error instanceof Error ? error.message : String(error) } }
  }
}

function answered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
}
