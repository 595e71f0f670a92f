/** The one grid of latency buckets: upper bounds in milliseconds, 0.1 ms to about 27 min, four a doubling. */
export const GRID_MS: readonly number[] = Array.from({ length: 97 }, (_, k) =>
  Number((0.1 * 2 ** (k / 4)).toPrecision(4)),
)

/** Index of the bucket of a duration; GRID_MS.length for what lies above the last bound. */
export function bucketOf(ms: number): number {
  if (ms <= GRID_MS[0]!) return 0
  let k = Math.max(0, Math.floor(4 * Math.log2(ms / 0.1)) - 1)
  while (k < GRID_MS.length && GRID_MS[k]! < ms) k++
  return k
}

/** Share of requests above the bound with index `k`. */
export function shareAbove(buckets: readonly number[], k: number): number {
  let all = 0
  let above = 0
  for (let i = 0; i < buckets.length; i++) {
    all += buckets[i]!
    if (i > k) above += buckets[i]!
  }
  return all === 0 ? Number.NaN : above / all
}

/** Index of the bound whose share above comes nearest to `share`; undefined without requests. */
export function boundFor(buckets: readonly number[], share: number): number | undefined {
  let best: number | undefined
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < GRID_MS.length; k++) {
    const d = Math.abs(shareAbove(buckets, k) - share)
    if (d < least) {
      least = d
      best = k
    }
  }
  return best
}
