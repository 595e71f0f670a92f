/** How much evidence a verdict takes: for `plan` and `pairs: auto`. From the first two moments of ln e per unit of evidence. */
import type { Side } from './evalues.ts'
import { normalQuantile } from './normal.ts'
import { AUTO_HORIZON_PARTS, AUTO_POWER, FIRST_START_WEIGHT, PAIR_CORRELATION, RHO_FAIL, RHO_PASS } from './rule.ts'

/** What a sample size is asked for. `gates`: how many decide in the release. */
export interface Ask {
  readonly side: Side
  readonly delta: number
  readonly power?: number
  readonly alpha?: number
  readonly gates?: number
}
/** Bad rates of both arms, the candidate's weight (share 0..1) and the ratio r of the margin. */
export interface ArmRates {
  readonly pc: number
  readonly pb: number
  readonly w: number
  readonly r: number
}
const POWER = 0.8
const ALPHA = 0.05

/** Units until e >= threshold with this power: `up` bad candidate answers and `down` bad baseline answers a unit. */
function untilE(ask: Ask, up: number, down: number, kappa: number): number {
  const { side, delta, power = POWER, alpha = ALPHA, gates = 1 } = ask
  const s = side === 'fail' ? 1 : -1
  const z = normalQuantile(power)
  const threshold = ((side === 'fail' ? gates : 1) * 2) / alpha
  const B = Math.log(threshold) + 1 + (side === 'fail' ? -Math.log(FIRST_START_WEIGHT) : 0)
  let best = Number.POSITIVE_INFINITY
  for (const rho of side === 'fail' ? RHO_FAIL : RHO_PASS) {
    const a = (s * (rho - 1)) / (1 + rho * kappa)
    const lnUp = Math.log1p(s * a)
    const lnDown = Math.log1p(-s * a * kappa)
    const growth = up * lnUp + down * lnDown - s * a * delta
    const variance = up * lnUp * lnUp + down * lnDown * lnDown
    if (growth <= 0) continue
    const root = (z * Math.sqrt(variance) + Math.sqrt(z * z * variance + 4 * growth * B)) / (2 * growth)
    best = Math.min(best, root * root)
  }
  return best
}

/** Candidate requests of a canary until the e-value decides; Infinity where it never does. Minutes = n/(60*R*w). */
export function armsNeeded(ask: Ask, { pc, pb, w, r }: ArmRates): number {
  const kappa = (r * w) / (1 - w)
  return untilE(ask, pc, kappa > 0 ? (r * pb) / kappa : 0, kappa)
}

/** Pairs until the e-value decides, at r = 1; p10, p01 = shares of discordant pairs. */
export const pairsNeeded = (ask: Ask, p10: number, p01: number): number => untilE(ask, p10, p01, 1)

/** Candidate requests for which the once-only test at the horizon decides; Infinity exactly at the margin. */
export function onceNeeded(ask: Ask, { pc, pb, w, r }: ArmRates): number {
  const { side, delta, power = POWER, alpha = ALPHA, gates = 1 } = ask
  const distance = Math.abs(pc - r * pb - delta)
  if (distance === 0) return Number.POSITIVE_INFINITY
  const z = normalQuantile(1 - alpha / (2 * (side === 'fail' ? gates : 1)))
  const k = w / (1 - w)
  // Rates under the margin, near the restricted estimate.
  const pb0 = r === 0 ? pb : Math.max(0, (k * (pc - delta) + r * pb) / (k + r))
  const pc0 = r * pb0 + delta
  const v0 = pc0 * (1 - pc0) + r * r * pb0 * (1 - pb0) * k
  const v1 = pc * (1 - pc) + r * r * pb * (1 - pb) * k
  return ((z * Math.sqrt(v0) + normalQuantile(power) * Math.sqrt(v1)) / distance) ** 2
}

/** Discordant shares of a pair when the candidate is worse by `worse`: p01 from the baseline's rate and the pair's correlation. */
export function discordant(pb: number, worse: number, correlation = PAIR_CORRELATION): { p10: number; p01: number } {
  const p01 = (1 - correlation) * pb * (1 - pb)
  return { p10: p01 + worse, p01 }
}

/**
 * `pairs: auto`: pairs to fail, with 80 % power, a candidate worse by twice the margin; at most what a third of the horizon
 * (s) brings. `perSecond`: this gate's own evidence in shadow. Whole pairs.
 */
export function autoPairs(ask: {
  readonly pb: number
  readonly delta: number
  readonly perSecond: number
  readonly horizon: number
  readonly correlation?: number
  readonly gates?: number
  readonly alpha?: number
  /** Bursts: evidence counts so many times less. */
  readonly phi?: number
}): number {
  const { p10, p01 } = discordant(ask.pb, 2 * ask.delta, ask.correlation)
  const { delta, gates = 1, alpha = ALPHA, phi = 1 } = ask
  const n = pairsNeeded({ side: 'fail', delta, power: AUTO_POWER, alpha, gates }, p10, p01)
  return Math.ceil(Math.min(phi * n, (ask.perSecond * ask.horizon) / AUTO_HORIZON_PARTS))
}
