/** Intervals of shares, and the decisions that rest on one. */
import { normalQuantile } from './normal.ts'
import { WATCH_LEVEL } from './rule.ts'

export type Interval = readonly [low: number, high: number]

/** Wilson interval of the share x/n, n > 0; z = quantile of the two-sided confidence (Wilson 1927). */
export function wilson(x: number, n: number, z: number): Interval {
  const centre = x + (z * z) / 2
  const half = z * Math.sqrt((x * (n - x)) / n + (z * z) / 4)
  return [(centre - half) / (n + z * z), (centre + half) / (n + z * z)]
}

/**
 * Interval of p1 - p2 from the Wilson limits of both (Newcombe 1998, method 10); `correlation` of the two estimates, for
 * pairs (Zou & Donner 2008). For views; it decides nothing.
 */
export function newcombe(x1: number, n1: number, x2: number, n2: number, z: number, correlation = 0): Interval {
  const [l1, u1] = wilson(x1, n1, z)
  const [l2, u2] = wilson(x2, n2, z)
  const [p1, p2] = [x1 / n1, x2 / n2]
  const half = (a: number, b: number): number => Math.sqrt(Math.max(0, a * a + b * b - 2 * correlation * a * b))
  return [p1 - p2 - half(p1 - l1, u2 - p2), p1 - p2 + half(u1 - p1, p2 - l2)]
}

/** `min`: the good share of `n` answers, `bad` of them bad, against a number of its own, by 97.5 % Wilson bounds. */
export function minVerdict(bad: number, n: number, minimum: number): 'pass' | 'fail' | 'inconclusive' {
  if (!(n > 0)) return 'inconclusive'
  const [low, high] = wilson(n - bad, n, normalQuantile(0.975))
  return low > minimum ? 'pass' : high < minimum ? 'fail' : 'inconclusive'
}

/** Highest share allowed in the watch, frozen at promotion from the baseline's x bad of n; null: no baseline was seen. */
export function watchBound(x: number, n: number, r: number, delta: number): number | null {
  if (r === 0) return delta
  return n > 0 ? r * wilson(x, n, normalQuantile(WATCH_LEVEL))[1] + delta : null
}
