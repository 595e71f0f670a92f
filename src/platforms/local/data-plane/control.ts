/** The control address: health, metrics, labels. For programs on this machine, and for those alone. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Labels } from './labels.ts'

const MOST_LABELS_BODY = 8 * 2 ** 20

export interface ControlSource {
  readonly token: string
  /** Names that a Host line may say beside loopback's: a page of another name must not reach this (DNS rebinding). */
  readonly host: string
  readonly labels: Labels
  now(): number
  health(): Readonly<Record<string, unknown>>
  metrics(): string
}

export function controlServer(source: ControlSource): Server {
  const server = createServer({ insecureHTTPParser: false, requestTimeout: 60_000 }, (req, res) => {
    req.on('error', () => {})
    res.on('error', () => {})
    if (!knownHost(req, source.host)) return say(res, 421, { error: 'this address answers to its own name only' })
    const path = (req.url ?? '').split('?', 1)[0]
    const route = ROUTES[path ?? '']
    if (!route) return say(res, 404, { error: 'known: GET /healthz, GET /metrics, POST /labels' })
    if (route.method !== req.method && !(route.method === 'GET' && req.method === 'HEAD')) {
      res.setHeader('allow', route.method)
      return say(res, 405, { error: `use ${route.method}` })
    }
    route.answer(source, req, res)
  })
  server.maxHeadersCount = 100
  return server
}

const ROUTES: Readonly<
  Record<string, { method: string; answer: (source: ControlSource, req: IncomingMessage, res: ServerResponse) => void }>
> = Object.assign(Object.create(null), {
  '/healthz': {
    method: 'GET',
    answer: (source: ControlSource, _req: IncomingMessage, res: ServerResponse) => say(res, 200, source.health()),
  },
  '/metrics': {
    method: 'GET',
    answer: (source: ControlSource, _req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      res.end(source.metrics())
    },
  },
  '/labels': { method: 'POST', answer: takeLabels },
})

function knownHost(req: IncomingMessage, own: string): boolean {
  const said = (req.headers.host ?? '').toLowerCase().replace(/:\d+$/, '')
  const local = (req.socket.localAddress ?? '').replace(/^::ffff:/, '')
  return ['localhost', '127.0.0.1', '[::1]', own.toLowerCase(), local, `[${local}]`].includes(said)
}

function takeLabels(source: ControlSource, req: IncomingMessage, res: ServerResponse): void {
  if (!bears(req, source.token)) {
    res.setHeader('www-authenticate', 'Bearer')
    return say(res, 401, { error: 'send the token of .slipway/control-token as: authorization: Bearer TOKEN' })
  }
  if (source.labels.full) {
    res.setHeader('retry-after', '1')
    return say(res, 503, { error: 'too many labels wait for the host; send them again later' })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= MOST_LABELS_BODY) chunks.push(chunk)
    else if (!res.headersSent) {
      res.setHeader('connection', 'close')
      say(res, 413, { error: `at most ${MOST_LABELS_BODY} bytes a request` })
    }
  })
  req.on('end', () => {
    if (res.headersSent) return
    void source.labels
      .add(Buffer.concat(chunks).toString('utf8'), source.now())
      .then(({ accepted, repeated, errors }) => {
        const shown = errors.slice(0, 100)
        say(res, errors.length > 0 && accepted === 0 ? 400 : 200, {
          accepted,
          ...(repeated > 0 ? { repeated } : {}),
          refused: errors.length,
          ...(shown.length > 0 ? { errors: shown } : {}),
        })
      })
  })
}

/** Compares digests, so that time tells nothing about the token. */
function bears(req: IncomingMessage, token: string): boolean {
  const said = /^Bearer +([\x21-\x7e]+)$/i.exec(req.headers.authorization ?? '')?.[1]
  if (said === undefined || token === '') return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(said), digest(token))
}

function say(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(`${JSON.stringify(body)}\n`)
}
