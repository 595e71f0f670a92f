/** What a data plane does when its host is silent: starts a new one, and in the end gives the candidate's weight back. */
import type { Clock } from '../../../io/clock.ts'

const LOOK_MS = 500

export interface SilenceRules {
  /** Without any word from a host for so long, a new one is started, and again after as long. */
  readonly hostLostMs: number
  /** Orders not renewed for so long. */
  readonly silenceMs: number
  startHost(): void
  /** True where weight was given back. */
  giveBack(): boolean
}

export class SilenceWatch {
  readonly #clock: Clock
  readonly #rules: SilenceRules
  readonly #stop = new AbortController()
  #heardAt: number
  #startedAt = Number.NEGATIVE_INFINITY
  #renewedAt: number

  constructor(clock: Clock, rules: SilenceRules) {
    this.#clock = clock
    this.#rules = rules
    this.#heardAt = clock.mono()
    this.#renewedAt = this.#heardAt
    void this.#run()
  }

  heard(): void {
    this.#heardAt = this.#clock.mono()
  }

  renewed(): void {
    this.#renewedAt = this.#clock.mono()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#clock.sleep(LOOK_MS, this.#stop.signal)
      if (!this.#stop.signal.aborted) this.#look(this.#clock.mono())
    }
  }

  #look(now: number): void {
    const { hostLostMs, silenceMs, startHost, giveBack } = this.#rules
    if (now - this.#heardAt >= hostLostMs && now - this.#startedAt >= hostLostMs) {
      this.#startedAt = now
      startHost()
    }
    if (now - this.#renewedAt >= silenceMs) giveBack()
  }

  close(): void {
    this.#stop.abort()
  }
}
