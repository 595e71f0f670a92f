/** How many lines an evaluation set needs. */

import { oncePairs } from './needs.ts'
import { normalQuantile } from './stats/normal.ts'
import { discordant } from './stats/samples.ts'

/** Level of `min`, which is no test of the release's alpha. */
const Z_MIN = normalQuantile(0.975)

/**
 * Fewest lines with which a set can pass at all, both versions answering every line right: the once-only test against the margin,
 * and `min` by its lower Wilson bound. null: not asked.
 */
export function linesNeeded(margin: number | null, min: number | null, alpha: number): number {
  const z = normalQuantile(1 - alpha / 2)
  const byMargin = margin === null ? 1 : Math.ceil((z * z * (1 - margin)) / margin)
  const byMin = min === null ? 1 : Math.floor((Z_MIN * Z_MIN * min) / (1 - min)) + 1
  return Math.max(byMargin, byMin)
}

/** The same the other way round: the smallest margin and the largest `min` that so many lines can pass. */
export function mostPassed(lines: number, alpha: number): { readonly margin: number; readonly min: number } {
  const z = normalQuantile(1 - alpha / 2)
  return { margin: (z * z) / (lines + z * z), min: lines / (lines + Z_MIN * Z_MIN) }
}

/** Lines with which two equally good versions pass in 80 % of cases, at the assumed baseline rate of bad answers. */
export function linesFor(margin: number, alpha: number, bad = 0.1): number {
  const { p10, p01 } = discordant(bad, 0)
  return Math.ceil(oncePairs({ side: 'pass', delta: margin, alpha }, p10, p01))
}
