/** One user's request on its way: to a version, through its answer, or to an answer of ours. */
import type { ServerResponse } from 'node:http'
import { Account } from './account.ts'
import type { Asked } from './asked.ts'
import { Exchange, type Fault } from './exchange.ts'
import { frameRequest, readAnswerHead } from './headers.ts'
import { passInterim } from './interim.ts'
import type { Lane } from './lane.ts'
import { answerOurselves, type OwnCode } from './own-answer.ts'
import type { Plane } from './plane.ts'
import { Relay } from './relay.ts'
import type { Choice, Orders } from './routing.ts'
import { Version } from './versions.ts'

/** How the request's body comes: whole already, or piece by piece while it is passed on. */
export type Body =
  | { readonly whole: Uint8Array | null }
  | {
      readonly length: number | null
      readonly expectsContinue: boolean
      /** Begins to hand pieces over; `paused` asks the source to wait. */
      flow(sink: { write(chunk: Uint8Array): boolean; end(trailers: readonly string[]): void }): void
      resume(): void
    }

export class Passage {
  readonly #plane: Plane
  readonly #orders: Orders
  readonly #asked: Asked
  readonly #res: ServerResponse
  readonly #body: Body
  readonly #account: Account
  readonly #relay: Relay
  readonly #tried: Lane[] = []
  #choice: Choice
  #lane: Lane | null = null
  #exchange: Exchange | null = null
  #leaveQueue: (() => void) | null = null
  #queueTimer: NodeJS.Timeout | null = null
  #entered = false
  #flowing = false
  #again = false
  #moved = false
  #over = false

  constructor(plane: Plane, orders: Orders, asked: Asked, res: ServerResponse, body: Body, choice: Choice) {
    this.#plane = plane
    this.#orders = orders
    this.#asked = asked
    this.#res = res
    this.#body = body
    this.#choice = choice
    this.#relay = new Relay(res, {
      pause: () => this.#exchange?.pause(),
      resume: () => this.#exchange?.resume(),
    })
    this.#account = new Account(plane, orders, asked, choice, plane.clock.mono())
    this.#account.mirror = plane.mirror.begin(plane, orders, asked, choice)
    if ('whole' in body && body.whole) this.#account.mirror?.add(body.whole)
    this.#enter()
  }

  #enter(): void {
    const place = this.#choice.version.enter(
      () => {
        this.#endQueue()
        this.#entered = true
        this.#attempt(false)
      },
      () => {
        this.#endQueue()
        this.#elsewhere()
      },
    )
    if (place === null) return this.#full('it has as many requests open and waiting as its limits allow')
    if (place === 'now') {
      this.#entered = true
      return this.#attempt(false)
    }
    this.#leaveQueue = place
    this.#queueTimer = setTimeout(() => {
      this.#endQueue()
      this.#full('no place became free in time')
    }, this.#orders.timeouts.firstByteMs)
  }

  /** The version was taken back while the request waited for it: nobody's fault, and the one that serves now takes it. */
  #elsewhere(): void {
    const { routing } = this.#plane
    const choice = routing.orders && routing.settle(routing.orders, 'baseline')
    if (!choice) {
      this.#over = true
      this.#account.dropped('moved')
      return this.#own('not-ready', 'no server is ready')
    }
    this.#choice = choice
    this.#account.moved(choice, false)
    this.#enter()
  }

  #endQueue(): void {
    this.#leaveQueue?.()
    this.#leaveQueue = null
    if (this.#queueTimer) clearTimeout(this.#queueTimer)
  }

  #full(why: string): void {
    this.#over = true
    this.#account.full()
    this.#own('busy', `${this.#choice.version.name} is busy: ${why}`)
  }

  #attempt(fresh: boolean): void {
    if (!fresh) {
      const lane = this.#choice.version.choose(this.#tried, this.#plane.clock.mono())
      if (!lane) return this.#noServer()
      this.#lane = lane
    }
    const lane = this.#lane!
    lane.open++
    const body = this.#body
    const whole = 'whole' in body
    this.#exchange = new Exchange(
      lane,
      {
        method: this.#asked.method,
        target: this.#asked.target,
        headers: this.#framed(),
        body: whole ? body.whole : { streamed: body.length === null ? 'chunked' : 'length' },
        fresh,
        timeouts: this.#orders.timeouts,
      },
      {
        connected: () => this.#connected(),
        interim: (status, headers) => passInterim(this.#res, status, headers),
        head: (status, message, headers) => this.#head(status, message, headers),
        data: (chunk) => this.#data(chunk),
        flush: () => this.#relay.flush() || this.#unfit(),
        end: (trailers) => this.#end(trailers),
        fault: (fault) => this.#fault(fault),
        drain: () => this.#flowing && !whole && body.resume(),
      },
    )
  }

  #framed(): string[] {
    const body = this.#body
    const { fields, method } = this.#asked
    if ('whole' in body) return frameRequest(fields, method, body.whole === null ? 'none' : body.whole.length)
    const framed = frameRequest(fields, method, body.length ?? 'chunked')
    if (body.expectsContinue) framed.push('expect', '100-continue')
    return framed
  }

  #connected(): void {
    const body = this.#body
    if ('whole' in body || this.#flowing) return
    this.#flowing = true
    body.flow({
      write: (chunk) => {
        this.#account.mirror?.add(chunk)
        return this.#exchange?.write(chunk) ?? true
      },
      end: (trailers) => this.#exchange?.finish(trailers),
    })
  }

  #head(status: number, message: string, raw: readonly string[]): void {
    const head = readAnswerHead(raw, this.#asked.id, this.#choice.version.name)
    this.#relay.head(status, message, head)
    this.#account.head(status, head.contentType, head.encoding)
  }

  #data(chunk: Buffer): void {
    this.#account.data(chunk)
    if (!this.#relay.data(chunk)) this.#unfit()
  }

  #unfit(): void {
    this.#exchange?.abort()
    this.#broken('reset', 'its answer cannot be passed on')
  }

  #end(trailers: readonly string[]): void {
    const mirrored = this.#account.mirror !== null
    const passed = this.#relay.end(trailers, () => {
      this.#leave()
      this.#over = true
      if (!mirrored) return
      const left = new Promise<void>((resolve) => this.#res.once('finish', resolve))
      this.#account.answered((then) => void left.then(then))
    })
    if (!passed) this.#unfit()
    else if (!mirrored) this.#account.answered((then) => then())
  }

  #leave(): void {
    if (this.#lane && this.#exchange) this.#lane.open--
    this.#exchange = null
    if (!this.#entered) return
    this.#entered = false
    this.#choice.version.leave()
  }

  #fault(fault: Fault): void {
    if (this.#over) return
    const lane = this.#lane!
    const { untouched } = this.#relay
    if (untouched && fault.unsent && !this.#flowing) {
      Version.avoid(lane, this.#plane.clock.mono())
      lane.open--
      this.#exchange = null
      this.#tried.push(lane)
      return this.#attempt(false)
    }
    const whole = 'whole' in this.#body
    if (untouched && fault.reused && fault.kind === 'reset' && whole && this.#asked.listed && !this.#again) {
      this.#again = true
      lane.open--
      this.#exchange = null
      return this.#attempt(true)
    }
    this.#broken(fault.kind, fault.detail)
  }

  #broken(kind: Fault['kind'], detail: string): void {
    this.#leave()
    this.#over = true
    const { name } = this.#choice.version
    this.#account.failed(kind, (then) => then())
    if (this.#relay.began) this.#res.destroy()
    else if (kind === 'timeout') this.#own('server-timeout', `${name} did not answer: ${detail}`)
    else this.#own('server-unreachable', `${name} broke off: ${detail}`)
  }

  /** Every address of the version refused a connection: the other version, where it may, else an answer of ours. */
  #noServer(): void {
    const other = this.#choice.served === 'candidate' ? 'baseline' : 'candidate'
    const { baselineVersion, candidateVersion, weightPpm } = this.#orders
    const version = other === 'baseline' ? baselineVersion : weightPpm > 0 ? candidateVersion : null
    if (this.#moved || !version?.ready) return this.#broken('reset', 'no server took the connection')
    this.#moved = true
    this.#leave()
    const failed = this.#choice.served === 'candidate'
    this.#choice = { assigned: this.#choice.assigned, served: other, version }
    this.#account.moved(this.#choice, failed)
    this.#enter()
  }

  #own(code: OwnCode, message: string): void {
    const unread = !('whole' in this.#body)
    answerOurselves(this.#res, code, message, {
      id: this.#asked.id,
      version: this.#choice.version.name,
      ...(unread ? { close: true } : {}),
    })
  }

  /** The request broke off on the caller's side: by hanging up, or with an answer of ours that says what was wrong. */
  cancel(answer?: { code: OwnCode; message: string }): void {
    if (this.#over) return
    this.#over = true
    this.#endQueue()
    this.#exchange?.abort()
    this.#leave()
    this.#account.dropped()
    if (!answer) return
    if (this.#relay.began) this.#res.destroy()
    else this.#own(answer.code, answer.message)
  }
}
