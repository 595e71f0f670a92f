/** WebSocket upgrades: passed to the version that serves what is not judged, then bytes both ways. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { FULL_PPM } from '../../../plan/types.ts'
import { Exchange } from './exchange.ts'
import { forwardHeaders, readAnswerHead, readRequestHead } from './headers.ts'
import { type OwnCode, ownBody, ownStatus } from './own-answer.ts'
import type { Plane } from './plane.ts'
import { uuidv7 } from './request-id.ts'

/** Other upgrades (h2c) are not for us: such a request is answered as if it had not asked. */
export const isWebSocket = (req: IncomingMessage): boolean =>
  req.method === 'GET' && (req.headers.upgrade ?? '').toLowerCase() === 'websocket'

export class Upgrades {
  readonly #plane: Plane
  readonly #open = new Set<Duplex>()

  constructor(plane: Plane) {
    this.#plane = plane
  }

  pass(req: IncomingMessage, caller: Duplex, first: Buffer): void {
    caller.on('error', () => caller.destroy())
    const id = uuidv7(this.#plane.clock.now())
    const head = readRequestHead(req.rawHeaders, req.httpVersion)
    if (head.refusal !== null) return refuse(caller, 'bad-request', `refused: ${head.refusal}`)
    const { routing, traffic } = this.#plane
    const orders = routing.orders
    const choice =
      orders && !orders.hold && routing.settle(orders, orders.weightPpm === FULL_PPM ? 'candidate' : 'baseline')
    if (!choice) return refuse(caller, 'not-ready', 'no server is ready')
    const { version } = choice
    const lane = version.choose([], this.#plane.clock.mono())
    if (!lane || !version.enterNow()) return refuse(caller, 'busy', `${version.name} is busy`)
    const counter = traffic.of(version.digest, choice.served, version.tag)
    counter.inFlight++
    let left = false
    const leave = (code: 'upgraded' | 'reset' | 'timeout' | 'client-gone') => {
      if (left) return
      left = true
      counter.inFlight--
      counter.count(code, false)
      version.leave()
    }
    const fields = forwardHeaders(head, id, req.socket.remoteAddress ?? '')
    const exchange = new Exchange(
      lane,
      {
        method: 'GET',
        target: req.url ?? '/',
        headers: [...fields, 'connection', 'Upgrade', 'upgrade', req.headers.upgrade ?? 'websocket'],
        body: null,
        fresh: true,
        timeouts: orders.timeouts,
      },
      {
        head: (status, message, raw) => {
          const { fields: answer } = readAnswerHead(raw, id, version.name)
          caller.write(rawHead(status, message, [...answer, 'connection', 'close']), 'latin1')
        },
        data: (chunk) => void caller.write(chunk),
        end: () => {
          leave('upgraded')
          caller.end()
        },
        fault: (fault) => {
          leave(fault.kind)
          refuse(caller, fault.kind === 'timeout' ? 'server-timeout' : 'server-unreachable', fault.detail)
        },
        upgrade: (status, message, raw, server, early) => {
          const { fields: answer } = readAnswerHead(raw, id, version.name)
          const protocol = fieldOf(raw, 'upgrade') ?? 'websocket'
          caller.write(rawHead(status, message, [...answer, 'connection', 'Upgrade', 'upgrade', protocol]), 'latin1')
          if (early.length > 0) caller.write(early)
          if (first.length > 0) server.write(first)
          this.#join(caller, server, () => leave('upgraded'))
        },
      },
    )
    caller.on('close', () => {
      exchange.abort()
      leave('client-gone')
    })
  }

  #join(caller: Duplex, server: Duplex, done: () => void): void {
    this.#open.add(caller)
    const end = () => {
      this.#open.delete(caller)
      caller.destroy()
      server.destroy()
      done()
    }
    server.on('error', end)
    server.on('close', end)
    caller.on('close', end)
    caller.pipe(server)
    server.pipe(caller)
  }

  get open(): number {
    return this.#open.size
  }

  close(): void {
    for (const caller of this.#open) caller.destroy()
  }
}

function fieldOf(raw: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) if (raw[i]!.toLowerCase() === name) return raw[i + 1]
  return undefined
}

function rawHead(status: number, message: string, fields: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${message}\r\n`
  for (let i = 0; i + 1 < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`
  return `${text}\r\n`
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

function refuse(caller: Duplex, code: OwnCode, message: string): void {
  if (caller.destroyed) return
  const status = ownStatus(code)
  const body = ownBody(code, message)
  const fields = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]
  if (status === 503) fields.push('retry-after', '1')
  caller.end(rawHead(status, REASONS[status] ?? '', [...fields, 'connection', 'close']) + body)
}
