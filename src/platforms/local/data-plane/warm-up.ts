/** The candidate's first answers count for no gate: of the release, and after each start of one of its processes. */

export const WARM_UP_ANSWERS = 50

/**
 * Hands out the warm-up places of one incarnation. A request takes a place when it is sent, so that later ones are evidence
 * at once even if none of the first ever answers; one that ends without an answer gives its place back.
 */
export class WarmUp {
  readonly #key: string
  #left = WARM_UP_ANSWERS

  constructor(key: string) {
    this.#key = key
  }

  /** The same warm-up while release, version and incarnation stay; else a new one. */
  static next(before: WarmUp | null, release: string, digest: string, incarnation: number): WarmUp {
    const key = `${release}\n${digest}\n${incarnation}`
    return before !== null && before.#key === key ? before : new WarmUp(key)
  }

  take(): boolean {
    if (this.#left === 0) return false
    this.#left--
    return true
  }

  giveBack(): void {
    this.#left++
  }
}
