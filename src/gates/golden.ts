/** A fixed set that both versions answered: judged once, when it is complete. */
import type { Counts, PairsBlock } from '../evidence/types.ts'
import { feed, type GateRule, NEW_GATE } from './gate.ts'
import { mcnemarP } from './stats/exact.ts'
import { minVerdict } from './stats/intervals.ts'
import { onceFails, oncePasses, onceZ } from './stats/once.ts'

export interface GoldenResult {
  readonly lnFail: number
  readonly lnPass: number
  readonly zFail: number | null
  readonly zPass: number | null
  readonly mcnemarP: number
  readonly verdict: 'pass' | 'fail' | 'inconclusive'
}

/**
 * Fails by the once-only test together with the exact McNemar test at alpha/(2*gates); alone (`gates` = 1) also by its e-value.
 * With `min` both it and the margin must pass; either fails.
 */
export function judgeSet(
  rule: GateRule,
  block: PairsBlock,
  alpha: number,
  gates: number,
  min: number | null,
): GoldenResult {
  const { r, delta, phi, horizon } = rule
  const state = feed(rule, NEW_GATE, horizon, 'set', block)
  const z = onceZ([block], r, delta, phi)
  const p = mcnemarP(block.x10, block.x01)
  const bar = Math.log(2 / alpha)
  const level = alpha / (2 * gates)
  const failed = (gates === 1 && state.lnFail >= bar) || (p <= level && onceFails([block], r, delta, phi, level))
  const passed = state.lnPass >= bar || oncePasses([block], r, delta, phi, alpha / 2)
  const byMargin = failed ? 'fail' : passed ? 'pass' : 'inconclusive'
  const byMin = min === null ? byMargin : minVerdict(block.x10 + block.x11, block.n, min)
  const verdict =
    byMargin === 'fail' || byMin === 'fail' ? 'fail' : byMargin === 'pass' && byMin === 'pass' ? 'pass' : 'inconclusive'
  return { lnFail: state.lnFail, lnPass: state.lnPass, zFail: z.fail, zPass: z.pass, mcnemarP: p, verdict }
}

/** A set asked outside a release, as its gate would judge it; null: compared with nothing and without `min`, there is no question. */
export function judgeSetAlone(
  block: Counts,
  { margin, min, alpha }: { readonly margin: number; readonly min: number | null; readonly alpha: number },
): GoldenResult['verdict'] | null {
  // The horizon only spans looks over time; a set has one.
  if (block.kind === 'pairs') return judgeSet({ delta: margin, r: 1, phi: 1, horizon: 1 }, block, alpha, 1, min).verdict
  return min === null ? null : minVerdict(block.xc, block.nc, min)
}
