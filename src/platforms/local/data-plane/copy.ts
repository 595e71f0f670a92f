/** Sends one copy to one version and says how it ended. */
import { AnswerCapture, isEventStream, keptOf } from './answer-value.ts'
import type { CopyContext } from './copy-context.ts'
import { Exchange, type Fault } from './exchange.ts'
import { readAnswerHead } from './headers.ts'
import type { Lane } from './lane.ts'
import { classOf, type Outcome } from './outcome.ts'
import type { CopyTally } from './pair-tally.ts'
import type { Orders } from './routing.ts'
import { Version } from './versions.ts'

export interface CopyRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly string[]
  readonly body: Uint8Array
  /** The answer itself is kept too. */
  readonly keep: boolean
}

/** Resolves with the outcome; like a user's request it tries another address, or once a fresh connection. */
export function sendCopy(
  around: CopyContext,
  version: Version,
  orders: Orders,
  request: CopyRequest,
  tally: CopyTally | null,
  startedAt: number,
): Promise<Outcome> {
  return new Promise((resolve) =>
    new Sending(around, version, orders, request, tally, startedAt, resolve).attempt(false),
  )
}

class Sending {
  readonly #around: CopyContext
  readonly #version: Version
  readonly #orders: Orders
  readonly #request: CopyRequest
  readonly #tally: CopyTally | null
  readonly #startedAt: number
  readonly #resolve: (outcome: Outcome) => void
  readonly #tried: Lane[] = []
  #lane: Lane | undefined
  #status: number | null = null
  #firstByteAt: number | null = null
  #capture: AnswerCapture | null = null
  #again = false

  constructor(
    around: CopyContext,
    version: Version,
    orders: Orders,
    request: CopyRequest,
    tally: CopyTally | null,
    startedAt: number,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#around = around
    this.#version = version
    this.#orders = orders
    this.#request = request
    this.#tally = tally
    this.#startedAt = startedAt
    this.#resolve = resolve
  }

  attempt(fresh: boolean): void {
    if (!fresh) this.#lane = this.#version.choose(this.#tried, this.#around.clock.mono())
    if (!this.#lane) return this.#resolve(this.#outcome('reset', null))
    const { method, target, headers, body } = this.#request
    new Exchange(
      this.#lane,
      {
        method,
        target,
        headers,
        body: body.length === 0 ? null : body,
        fresh,
        timeouts: this.#orders.timeouts,
      },
      {
        head: (status, _message, raw) => this.#head(status, raw),
        data: (chunk) => {
          this.#firstByte()
          this.#capture?.add(chunk)
        },
        end: () => this.#ended(),
        fault: (fault) => this.#fault(fault),
      },
    )
  }

  #head(status: number, raw: readonly string[]): void {
    this.#status = status
    if (status < 200 || status > 299) return
    const { contentType, encoding } = readAnswerHead(raw, '', '')
    const { answer } = this.#orders
    const { keep } = this.#request
    if (answer !== null || isEventStream(contentType) || keep)
      this.#capture = new AnswerCapture(answer, contentType, encoding, keep)
  }

  #firstByte(): void {
    if (this.#firstByteAt !== null) return
    this.#firstByteAt = this.#around.clock.mono()
    this.#tally?.firstByte(this.#firstByteAt)
  }

  #ended(): void {
    this.#firstByte()
    const total = this.#around.clock.mono() - this.#startedAt
    const whole = this.#outcome(classOf(this.#status ?? 500), total)
    if (!this.#capture) return this.#resolve(whole)
    this.#capture.finish((found) => {
      const none = found.streamError || (this.#orders.answer !== null && found.value === undefined && !found.unknown)
      this.#resolve({ ...whole, ...keptOf(found, whole), class: none ? 'no-answer' : whole.class })
    })
  }

  #fault(fault: Fault): void {
    if (fault.unsent && this.#status === null) {
      Version.avoid(this.#lane!, this.#around.clock.mono())
      this.#tried.push(this.#lane!)
      return this.attempt(false)
    }
    if (fault.reused && fault.kind === 'reset' && this.#status === null && !this.#again) {
      this.#again = true
      return this.attempt(true)
    }
    this.#resolve(this.#outcome(fault.kind, null))
  }

  #outcome(answer: Outcome['class'], totalMs: number | null): Outcome {
    return {
      class: answer,
      status: this.#status,
      value: undefined,
      firstByteMs: this.#firstByteAt === null ? null : this.#firstByteAt - this.#startedAt,
      totalMs,
    }
  }
}
