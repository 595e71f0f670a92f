/** The HTTP server that users call, on Node's own parser in its strict mode. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Arrival } from './arrival.ts'
import { MOST_HEADER_BYTES } from './connection.ts'
import type { Plane } from './plane.ts'
import { isWebSocket, type Upgrades } from './upgrade.ts'

/** Longer than callers and front proxies keep a connection (often 60 s), so that they close it and no request is lost. */
const KEEP_ALIVE_MS = 75_000

export function userServer(plane: Plane, upgrades: Upgrades): Server {
  const server = createServer({
    insecureHTTPParser: false,
    maxHeaderSize: MOST_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 60_000,
    // Bodies have their own idle limit, and in a swap requests may wait.
    requestTimeout: 0,
    shouldUpgradeCallback: isWebSocket,
  })
  // Node would cut a longer list silently; the size of the head bounds it.
  server.maxHeadersCount = 0
  const arrive = (req: IncomingMessage, res: ServerResponse) => {
    new Arrival(plane, req, res)
  }
  server.on('request', arrive)
  server.on('checkContinue', arrive)
  server.on('checkExpectation', arrive)
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, first: Buffer) => upgrades.pass(req, socket, first))
  server.on('connect', (_req: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  server.on('clientError', malformed)
  return server
}

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What the parser refuses ends the connection: nothing after it can be trusted. */
function malformed(error: NodeJS.ErrnoException, socket: Duplex & { _httpMessage?: ServerResponse | null }): void {
  socket.on('error', () => {})
  // An answer that has begun must not be mixed with ours.
  if (!socket.writable || socket._httpMessage?.headersSent || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request'
  const body = `${JSON.stringify({ error: { code: 'bad-request', message: status.slice(4) } })}\n`
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
}
