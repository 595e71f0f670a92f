/** A data plane on ports of the system's choice, small real servers behind it, and plain callers. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../src/io/clock.ts'
import type { RouteOrders, RouteTarget } from '../../../src/platforms/contract.ts'
import { connectDataPlane, type DataPlaneClient } from '../../../src/platforms/local/data-plane/client.ts'
import {
  type DataPlane,
  type DataPlaneOptions,
  type Surroundings,
  startDataPlane,
} from '../../../src/platforms/local/data-plane/start.ts'

export interface SmallServer {
  readonly address: string
  readonly port: number
  /** Requests seen so far, with whole bodies. */
  readonly seen: { method: string; url: string; headers: IncomingMessage['headers']; raw: string[]; body: string }[]
  close(): Promise<void>
}

/** A server on its own port; the handler gets the whole body. */
export async function smallServer(
  handler: (req: IncomingMessage, res: ServerResponse, body: string) => void,
  options: { keepAliveTimeout?: number; port?: number } = {},
): Promise<SmallServer> {
  const seen: SmallServer['seen'] = []
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('error', () => {})
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      seen.push({ method: req.method!, url: req.url!, headers: req.headers, raw: req.rawHeaders, body })
      handler(req, res, body)
    })
  })
  if (options.keepAliveTimeout !== undefined) server.keepAliveTimeout = options.keepAliveTimeout
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', () => resolve()))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Answers every request with a JSON body, at once. */
export const answering =
  (value: unknown, status = 200) =>
  (_req: IncomingMessage, res: ServerResponse): void => {
    const body = JSON.stringify(value)
    res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    res.end(body)
  }

export const target = (server: SmallServer, digest = 'sha256:b', tag: string | null = null): RouteTarget => ({
  digest,
  tag,
  addresses: [server.address],
  incarnation: 1,
})

/** Orders with the contract's defaults. */
export const orders = (more: Partial<RouteOrders> = {}): RouteOrders => ({
  epoch: 1,
  revision: 1,
  model: 'digits',
  baseline: null,
  candidate: null,
  weightPpm: 0,
  salt: '00',
  sticky: null,
  requests: ['POST /predict'],
  answer: null,
  labelKey: null,
  mirror: null,
  counting: null,
  keepValues: false,
  hold: null,
  onSilence: 'give-back',
  limits: { inFlight: 512, queue: 512, bodyBytes: 32 * 2 ** 20 },
  timeouts: { connectMs: 2000, firstByteMs: 20_000, idleMs: 20_000 },
  ...more,
})

export interface Rig {
  readonly plane: DataPlane
  readonly client: DataPlaneClient
  readonly options: DataPlaneOptions
  readonly url: string
  readonly hostStarts: (readonly string[])[]
  route(more: Partial<RouteOrders>): Promise<void>
  close(): Promise<void>
}

export async function rig(
  more: { clock?: Clock; random?: () => number; options?: Partial<DataPlaneOptions> } = {},
): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-'))
  const options: DataPlaneOptions = {
    environment: 'dev',
    listen: { host: '127.0.0.1', port: 0 },
    control: { host: '127.0.0.1', port: 0 },
    socketPath: join(folder, 'dp.sock'),
    controlToken: 'secret-token',
    onHostLost: ['start-host', 'now'],
    version: '0.0.0-test',
    ...more.options,
  }
  const hostStarts: (readonly string[])[] = []
  const around: Surroundings = {
    clock: more.clock ?? systemClock,
    random: more.random ?? Math.random,
    pid: process.pid,
    startHost: (command) => hostStarts.push(command),
    closed: () => {},
  }
  const plane = await startDataPlane(options, around)
  const client = await connectDataPlane(options.socketPath, systemClock)
  let revision = 0
  return {
    plane,
    client,
    options,
    url: `http://127.0.0.1:${plane.listen.port}`,
    hostStarts,
    route: async (changes) => {
      await client.call('route', { orders: orders({ revision: ++revision, ...changes }) })
    },
    close: async () => {
      client.close()
      await plane.close(0)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly raw: string[]
  readonly body: string
  readonly trailers: NodeJS.Dict<string>
}

/** One request on a connection of its own. */
export function call(
  url: string,
  more: { method?: string; headers?: Record<string, string | string[]>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const req = request(
      url,
      { method: more.method ?? 'GET', headers: more.headers ?? {}, agent: false, maxHeaderSize: 128 * 1024 },
      (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('error', reject)
        res.on('end', () =>
          resolve({
            status: res.statusCode!,
            headers: res.headers,
            raw: res.rawHeaders,
            body: Buffer.concat(chunks).toString('utf8'),
            trailers: res.trailers,
          }),
        )
      },
    )
    req.on('error', reject)
    req.end(more.body)
  })
}

export const predict = (url: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  call(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** Bytes as they are, and all that comes back until the other side ends. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => resolve(text))
    socket.on('close', () => resolve(text))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}

/** Looks again and again until something holds; the test's own timeout is the bound. */
export async function until<T>(look: () => T | Promise<T>): Promise<Exclude<T, false | null | undefined>> {
  for (;;) {
    const value = await look()
    if (value) return value as Exclude<T, false | null | undefined>
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
