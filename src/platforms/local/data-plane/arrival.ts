/** A user's request as it comes: refused, held, read as far as its routing needs, and sent on its way. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { atPointer } from '../../../kit/json.ts'
import { stickyKey } from '../../../plan/sticky.ts'
import { type Asked, keyText } from './asked.ts'
import { forwardHeaders, type RequestHead, readRequestHead } from './headers.ts'
import { passInterim } from './interim.ts'
import { answerOurselves, type OwnCode, ownStatus } from './own-answer.ts'
import { type Body, Passage } from './passage.ts'
import type { Plane } from './plane.ts'
import { uuidv7 } from './request-id.ts'
import type { Orders } from './routing.ts'

/** A body up to this size is read before it is passed on: it can then be sent again. */
const WHOLE_BYTES = 256 * 2 ** 10
/** Before the first orders requests wait so long, and so many. */
const FIRST_ORDERS_MS = 2000
const FIRST_ORDERS_MOST = 512

export class Arrival {
  readonly #plane: Plane
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #id: string
  readonly #head: RequestHead
  #target: string
  #passage: Passage | null = null
  #leaveHold: (() => void) | null = null
  #workedOff: (() => void) | null = null
  #bodyTimer: NodeJS.Timeout | null = null
  #taken = 0
  #over = false

  constructor(plane: Plane, req: IncomingMessage, res: ServerResponse) {
    this.#plane = plane
    this.#req = req
    this.#res = res
    this.#id = uuidv7(plane.clock.now())
    this.#head = readRequestHead(req.rawHeaders, req.httpVersion)
    this.#target = req.url ?? '/'
    res.on('close', () => this.#closed())
    // Both say by `close` what happened.
    req.on('error', () => {})
    res.on('error', () => {})
    this.#look()
  }

  #closed(): void {
    this.#workedOff?.()
    this.#giveBytes()
    if (this.#bodyTimer) clearTimeout(this.#bodyTimer)
    if (this.#over && !this.#passage) return
    this.#over = true
    this.#leaveHold?.()
    if (!this.#res.writableFinished) this.#passage?.cancel()
  }

  #refuse(code: OwnCode, message: string, close = true): void {
    if (this.#over) return
    this.#over = true
    this.#giveBytes()
    const { routing, traffic } = this.#plane
    if (ownStatus(code) === 503 && routing.orders?.listed(this.#req.method ?? 'GET', this.#target)) traffic.refused++
    answerOurselves(this.#res, code, message, { id: this.#id, close })
  }

  #look(): void {
    const { refusal, host } = this.#head
    if (refusal !== null) return this.#refuse('bad-request', `refused: ${refusal}`)
    if (!this.#target.startsWith('/')) {
      const target = originForm(this.#target, this.#req.method)
      if (target === null || (target.host !== null && host === undefined))
        return this.#refuse('bad-request', 'refused: the request target is no path')
      this.#target = target.path
      if (target.host !== null) setHost(this.#head.fields, target.host)
    }
    this.#wait((orders) => this.#read(orders))
  }

  /** Through the hold, if one stands. */
  #wait(next: (orders: Orders) => void): void {
    const { routing, hold } = this.#plane
    const orders = routing.orders
    if (!orders) return this.#awaitOrders(next)
    if (this.#head.length !== null && this.#head.length > orders.limits.bodyBytes)
      return this.#refuse('body-too-large', `the body is larger than ${orders.limits.bodyBytes} bytes`)
    if (!orders.hold) return next(orders)
    this.#leaveHold = hold.wait(orders.limits.queue, orders.hold.waitMs, (how) => {
      this.#leaveHold = null
      if (this.#over) return
      if (how === 'open') {
        this.#workedOff ??= hold.goesOn()
        this.#wait(next)
      } else if (how === 'full') this.#refuse('busy', 'too many requests wait while versions are exchanged')
      else this.#refuse('held-too-long', 'the exchange of versions takes longer than requests wait')
    })
  }

  /** A data plane that takes the place of another hears from its host in a moment: who comes before waits. */
  #awaitOrders(next: (orders: Orders) => void): void {
    const { routing, hold } = this.#plane
    this.#leaveHold = hold.wait(FIRST_ORDERS_MOST, FIRST_ORDERS_MS, () => {
      this.#leaveHold = null
      if (this.#over) return
      if (routing.orders) this.#wait(next)
      else this.#refuse('not-ready', 'nothing serves here yet')
    })
  }

  #read(orders: Orders): void {
    const { length, chunked, expectsContinue } = this.#head
    const method = this.#req.method ?? 'GET'
    const listed = orders.listed(method, this.#target)
    if (length === null && !chunked) return this.#route(orders, listed, { whole: null })
    if (length === 0) return this.#route(orders, listed, { whole: new Uint8Array(0) })
    const small = length !== null && length <= WHOLE_BYTES && !expectsContinue
    if (!small && !(listed && orders.needsBody)) return this.#route(orders, listed, this.#streamed(orders))
    if (expectsContinue) passInterim(this.#res, 100, [])
    this.#collect(orders, listed)
  }

  #collect(orders: Orders, listed: boolean): void {
    const chunks: Buffer[] = []
    let bytes = 0
    this.#awaitBody(orders)
    this.#req.on('data', (chunk: Buffer) => {
      if (this.#over) return
      bytes += chunk.length
      if (bytes > orders.limits.bodyBytes)
        return this.#refuse('body-too-large', `the body is larger than ${orders.limits.bodyBytes} bytes`)
      if (!this.#plane.bodies.take(chunk.length)) return this.#refuse('busy', 'too many bodies are being read')
      this.#taken += chunk.length
      this.#bodyTimer?.refresh()
      chunks.push(chunk)
    })
    this.#req.on('end', () => {
      if (this.#bodyTimer) clearTimeout(this.#bodyTimer)
      if (this.#over) return
      const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes)
      // Orders may have changed while the body came.
      this.#wait((now) => this.#route(now, listed, { whole }))
    })
  }

  #awaitBody(orders: Orders): void {
    if (this.#bodyTimer) clearTimeout(this.#bodyTimer)
    if (this.#req.complete) return
    this.#bodyTimer = setTimeout(() => {
      const message = 'the body did not come in time'
      if (this.#passage) this.#passage.cancel({ code: 'caller-too-slow', message })
      else this.#refuse('caller-too-slow', message)
    }, orders.timeouts.idleMs)
  }

  #streamed(orders: Orders): Body {
    const req = this.#req
    return {
      length: this.#head.length,
      expectsContinue: this.#head.expectsContinue,
      flow: (sink) => {
        let bytes = 0
        this.#awaitBody(orders)
        req.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > orders.limits.bodyBytes) {
            req.pause()
            const message = `the body is larger than ${orders.limits.bodyBytes} bytes`
            return this.#passage?.cancel({ code: 'body-too-large', message })
          }
          if (sink.write(chunk)) return void this.#bodyTimer?.refresh()
          // It waits for the server now, and not for its caller.
          if (this.#bodyTimer) clearTimeout(this.#bodyTimer)
          req.pause()
        })
        req.on('end', () => {
          if (this.#bodyTimer) clearTimeout(this.#bodyTimer)
          sink.end(req.rawTrailers)
        })
      },
      resume: () => {
        this.#awaitBody(orders)
        req.resume()
      },
    }
  }

  #route(orders: Orders, listed: boolean, body: Body): void {
    const { routing } = this.#plane
    const whole = 'whole' in body ? body.whole : null
    const json = onlyOnce(() => parsed(whole))
    const choice = routing.choose(orders, listed, this.#id, this.#req.rawHeaders, json)
    if (!choice) return this.#refuse('not-ready', 'no server is ready', !('whole' in body))
    const asked: Asked = {
      id: this.#id,
      callerId: this.#head.callerId,
      method: this.#req.method ?? 'GET',
      target: this.#target,
      listed,
      fields: forwardHeaders(this.#head, this.#id, this.#req.socket.remoteAddress ?? ''),
      key:
        orders.labelKey && listed && orders.keepValues ? keyText(atPointer(json(), orders.labelKey.body)) : undefined,
      sticky:
        orders.sticky && listed
          ? this.#plane.keys.name(stickyKey(orders.sticky, this.#id, this.#req.rawHeaders, json))
          : undefined,
    }
    this.#passage = new Passage(this.#plane, orders, asked, this.#res, body, choice)
  }

  #giveBytes(): void {
    this.#plane.bodies.give(this.#taken)
    this.#taken = 0
  }
}

/** An absolute target (RFC 9112 3.2.2) as path and host; null: none that a server takes. */
function originForm(target: string, method: string | undefined): { path: string; host: string | null } | null {
  if (target === '*') return method === 'OPTIONS' ? { path: '*', host: null } : null
  const match = /^https?:\/\/([^/?#@]+)([^#]*)$/i.exec(target)
  if (!match) return null
  const path = match[2] === '' ? '/' : match[2]!
  return { path: path.startsWith('/') ? path : `/${path}`, host: match[1]! }
}

function setHost(fields: string[], host: string): void {
  for (let i = 0; i < fields.length; i += 2) if (fields[i]!.toLowerCase() === 'host') fields[i + 1] = host
}

function parsed(whole: Uint8Array | null): unknown {
  if (whole === null || whole.length === 0) return undefined
  try {
    return JSON.parse(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

function onlyOnce<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
