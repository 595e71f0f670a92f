/** Quantiles of many durations in little room: 32 buckets a doubling, so each is right to about 2 %. */

const PER_DOUBLING = 32
const LEAST_MS = 0.01

export class Quantiles {
  readonly #buckets = new Map<number, number>()
  count = 0
  max = 0

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log2(Math.max(ms, LEAST_MS) / LEAST_MS) * PER_DOUBLING))
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
    this.count++
    if (ms > this.max) this.max = ms
  }

  /** The upper bound of the bucket that holds the quantile (0 … 1), at most the largest; null without any. */
  at(quantile: number): number | null {
    if (this.count === 0) return null
    const rank = Math.max(1, Math.ceil(quantile * this.count))
    let seen = 0
    for (const bucket of [...this.#buckets.keys()].sort((a, b) => a - b)) {
      seen += this.#buckets.get(bucket)!
      if (seen >= rank) return Math.min(this.max, LEAST_MS * 2 ** (bucket / PER_DOUBLING))
    }
    return this.max
  }
}
