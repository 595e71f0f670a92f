/** The books of one user's request: what it counts for, what its answer was worth, and the copy that follows. */

import { AnswerCapture, isEventStream, keptOf } from './answer-value.ts'
import { type Asked, recordOf } from './asked.ts'
import { ArmTally, countRefused } from './gate-counters.ts'
import type { MirrorJob } from './mirror.ts'
import { classOf, type Outcome } from './outcome.ts'
import type { Plane } from './plane.ts'
import type { Choice, Orders } from './routing.ts'
import type { Code, VersionTraffic } from './version-counters.ts'

export class Account {
  readonly #plane: Plane
  readonly #orders: Orders
  readonly #asked: Asked
  readonly #startedAt: number
  #traffic: VersionTraffic | null = null
  #tally: ArmTally | null = null
  #choice: Choice
  #capture: AnswerCapture | null = null
  #status: number | null = null
  #firstByteAt: number | null = null
  #ended = false
  /** The copy that will follow the answer. */
  mirror: MirrorJob | null = null

  constructor(plane: Plane, orders: Orders, asked: Asked, choice: Choice, startedAt: number) {
    this.#plane = plane
    this.#orders = orders
    this.#asked = asked
    this.#choice = choice
    this.#startedAt = startedAt
    if (choice.assigned === 'candidate' && choice.served === 'baseline') this.#unready()
    else this.#open(choice)
    this.#serve(choice)
  }

  #open(choice: Choice): void {
    const { scope, baselineVersion, candidateVersion } = this.#orders
    if (!this.#asked.listed || !scope || choice.assigned !== choice.served) return
    // While the baseline has no server nothing is compared.
    if (scope.mode === 'arms' && !baselineVersion?.ready) return
    const role = scope.mode === 'watch' && !candidateVersion ? 'candidate' : choice.served
    this.#tally = ArmTally.open(scope, role, this.#startedAt, this.#plane.hold.worksOff ? null : this.#plane.deadlines)
  }

  #unready(): void {
    const { candidateVersion, scope } = this.#orders
    if (!this.#asked.listed) return
    countRefused(scope, 'reset')
    if (candidateVersion)
      this.#plane.traffic.of(candidateVersion.digest, 'candidate', candidateVersion.tag).count('moved', true)
  }

  #serve(choice: Choice): void {
    if (this.#traffic) this.#traffic.inFlight--
    this.#choice = choice
    this.#traffic = this.#plane.traffic.of(choice.version.digest, choice.served, choice.version.tag)
    this.#traffic.inFlight++
  }

  /** Another version takes the request: `failed`, because the candidate had no server after all. */
  moved(choice: Choice, failed: boolean): void {
    this.#traffic?.count('moved', this.#asked.listed)
    this.#tally?.end({ ...this.#outcome(failed ? 'reset' : null), status: null })
    this.#tally = null
    this.mirror?.release()
    this.mirror = null
    this.#serve(choice)
  }

  head(status: number, contentType: string, encoding: string): void {
    this.#status = status
    const { looks, answer } = this.#orders
    if (!looks || !this.#asked.listed || status < 200 || status > 299) return
    const keep = this.mirror !== null && this.#plane.mirror.keeps(this.#orders)
    if (answer !== null || isEventStream(contentType) || keep)
      this.#capture = new AnswerCapture(answer, contentType, encoding, keep)
  }

  data(chunk: Uint8Array): void {
    this.#firstByte()
    this.#capture?.add(chunk)
  }

  #firstByte(): void {
    if (this.#firstByteAt !== null) return
    this.#firstByteAt = this.#plane.clock.mono()
    this.#tally?.firstByte(this.#firstByteAt)
  }

  /** The whole answer came. */
  answered(left: (then: () => void) => void): void {
    this.#firstByte()
    const outcome = this.#outcome(classOf(this.#status ?? 500), this.#plane.clock.mono() - this.#startedAt)
    const done = (whole: Outcome) => left(() => this.#end(whole, whole.class!))
    if (!this.#capture) return done(outcome)
    this.#capture.finish((found) => {
      const none = found.streamError || (this.#orders.answer !== null && found.value === undefined && !found.unknown)
      done({ ...outcome, ...keptOf(found, outcome), class: none ? 'no-answer' : outcome.class })
    })
  }

  /** No answer, or none that is whole. */
  failed(kind: 'timeout' | 'reset', left: (then: () => void) => void): void {
    const outcome = this.#outcome(kind)
    left(() => this.#end(outcome, kind))
  }

  /** The version had no place left: a candidate's own doing, else nobody's. */
  full(): void {
    if (this.#tally && this.#choice.served === 'candidate') countRefused(this.#orders.scope, '5xx')
    this.#end(this.#outcome(null), 'full')
  }

  /** The caller hung up, or broke the rules on the way: nobody's. */
  dropped(code: Code = 'client-gone'): void {
    this.#end(this.#outcome(null), code)
  }

  #outcome(answer: Outcome['class'], totalMs: number | null = null): Outcome {
    const first = this.#firstByteAt
    return {
      class: answer,
      status: this.#status,
      value: undefined,
      firstByteMs: first === null ? null : first - this.#startedAt,
      totalMs,
    }
  }

  #end(outcome: Outcome, code: Code): void {
    if (this.#ended) return
    this.#ended = true
    const { listed } = this.#asked
    if (this.#traffic) {
      this.#traffic.inFlight--
      this.#traffic.count(code, listed)
      if (listed) this.#traffic.time(outcome.firstByteMs, outcome.totalMs)
    }
    this.#tally?.end(outcome)
    const { sticky } = this.#asked
    if (sticky !== undefined && outcome.class !== null && this.#choice.served === 'baseline')
      this.#plane.keys.count(this.#choice.version.digest, sticky, outcome.class, outcome, this.#plane.clock.mono())
    if (this.mirror && outcome.class !== null) this.#plane.mirror.offer(this.mirror, outcome, this.#plane)
    else {
      this.mirror?.release()
      this.#record(outcome)
    }
  }

  /** Keeps the value for labels; a mirrored request is recorded when its copies are done. */
  #record(outcome: Outcome): void {
    if (!this.#orders.keepValues || outcome.value === undefined) return
    this.#plane.ring.push({
      ...recordOf(this.#plane.clock.now(), this.#orders, this.#asked, this.#choice),
      user: outcome.value,
      ...(this.#tally?.warm || this.#uncompared() ? { warmup: true } : {}),
    })
  }

  /** Between arms, what counts for no arm of the errors has no say in quality either: another version answered, or nothing was compared. */
  #uncompared(): boolean {
    const { counting, scope } = this.#orders
    return counting !== null && !counting.watch && scope?.mode !== 'pairs' && this.#tally === null
  }
}
