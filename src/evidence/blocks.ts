/** Bad shares (1 - score, 0..1) summed into blocks; with 0 and 1 they are counts. */
import type { ArmsBlock, PairsBlock } from './types.ts'

/** Bad shares of both versions' answers to one request. */
export type BadPair = readonly [candidate: number, baseline: number]

/** x10 = sum of c(1-b), x01 = sum of b(1-c), x11 = sum of bc over the pairs. */
export function pairsOf(pairs: readonly BadPair[]): PairsBlock {
  let [x10, x01, x11] = [0, 0, 0]
  for (const [c, b] of pairs) {
    x10 += c * (1 - b)
    x01 += b * (1 - c)
    x11 += b * c
  }
  return { kind: 'pairs', x10, x01, x11, n: pairs.length }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Bad shares of each arm's own requests. */
export const armsOf = (candidate: readonly number[], baseline: readonly number[]): ArmsBlock => ({
  kind: 'arms',
  xc: sum(candidate),
  nc: candidate.length,
  xb: sum(baseline),
  nb: baseline.length,
})
