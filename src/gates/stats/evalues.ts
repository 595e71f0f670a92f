/** Betting factors of one block and the two e-values made of them (Ville 1939; Vovk & Wang 2021). */
import type { Counts } from '../../evidence/types.ts'
import { logSumExp } from './normal.ts'
import { FIRST_START_WEIGHT, RHO_FAIL, RHO_PASS, STARTS } from './rule.ts'

/** `fail`: against "within the margin"; `pass`: against "at or beyond the margin". */
export type Side = 'fail' | 'pass'

const LN_RHO = { fail: RHO_FAIL.map(Math.log), pass: RHO_PASS.map(Math.log) }

/**
 * ln of the e-factor of one complete block, one number per rho of the side's grid. Null hypothesis of `fail`: pc <= r*pb + delta,
 * of `pass`: pc >= r*pb + delta. `phi` >= 1 divides all counts (bursts). The array is the caller's own.
 *
 * With s*a = (rho-1)/(1+rho*kappa) on both sides, ln(1-s*a*kappa) = ln(1+kappa) - ln(1+rho*kappa) and ln(1+s*a) is that plus
 * ln(rho): one logarithm a rho, none where no answer was bad.
 */
export function logFactors(block: Counts, r: number, delta: number, side: Side, phi = 1): number[] {
  const paired = block.kind === 'pairs'
  const kappa = r === 0 ? 0 : paired ? r : (r * block.nc) / block.nb
  const bad = (paired ? block.x10 : block.xc) / phi
  const all = bad + (paired ? block.x01 : block.xb) / phi
  const due = ((paired ? block.n : block.nc) * delta) / phi
  const both = paired && r !== 1 ? block.x11 / phi : 0
  const grid = side === 'fail' ? RHO_FAIL : RHO_PASS
  const lnRho = LN_RHO[side]
  const lnKappa = Math.log1p(kappa)
  // A copy of numbers: an array filled from empty would be laid out twice.
  const out = lnRho.slice()
  for (let i = 0; i < out.length; i++) {
    const rho = grid[i]!
    const stake = (rho - 1) / (1 + rho * kappa)
    let sum = -stake * due
    if (all > 0) sum += bad * lnRho[i]! + all * (lnKappa - Math.log1p(rho * kappa))
    if (both > 0) sum += both * Math.log1p(stake * (1 - r))
    out[i] = sum
  }
  return out
}

/** Sum of the weights of the beginnings 0..k-1, k = 0..STARTS. */
const OPENED: readonly number[] = Array.from({ length: STARTS + 1 }, (_, k) =>
  k === 0 ? 0 : k === STARTS ? 1 : FIRST_START_WEIGHT + ((k - 1) * (1 - FIRST_START_WEIGHT)) / (STARTS - 1),
)
const LN_UNOPENED: readonly number[] = OPENED.map((weight) => Math.log(1 - weight))

/** How many beginnings k, with k*horizon/STARTS < t, are open for a block closed at `t` (s), `before` being open already. */
export function openedAt(t: number, horizon: number, before: number): number {
  let k = before
  while (k < STARTS && k * horizon < STARTS * t) k++
  return k
}

/** ln of the weighted sums after one block: the newly opened beginnings join before the factor. `factors` becomes the result. */
export function advanceSums(M: readonly number[], factors: number[], openBefore: number, openNow: number): number[] {
  const fresh = OPENED[openNow]! - OPENED[openBefore]!
  const lnFresh = fresh > 0 ? Math.log(fresh) : Number.NEGATIVE_INFINITY
  for (let i = 0; i < factors.length; i++) {
    const m = M[i]!
    const high = Math.max(m, lnFresh)
    const low = Math.min(m, lnFresh)
    const joined = fresh > 0 ? high + Math.log1p(Math.exp(low - high)) : m
    factors[i] = joined + factors[i]!
  }
  return factors
}

// exp(-40) is lost beside 1 in double precision.
const LOST = -40

/** ln of (the sum of exp(values) + `more` * exp(value)) / their number. */
function logMeanWith(values: readonly number[], value: number, more: number): number {
  let top = more > 0 ? value : Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) if (values[i]! > top) top = values[i]!
  let sum = more > 0 && value - top > LOST ? more * Math.exp(value - top) : 0
  for (let i = 0; i < values.length; i++) {
    const below = values[i]! - top
    if (below > LOST) sum += below === 0 ? 1 : Math.exp(below)
  }
  return top + Math.log(sum / values.length)
}

/** ln of the fail e-value: mean over rho of the sums of the open beginnings plus the weight of those not yet open. */
export const logFail = (M: readonly number[], open: number): number =>
  logMeanWith(M, LN_UNOPENED[open]!, open < STARTS ? M.length : 0)

/** ln of the pass e-value: mean over rho of the plain products. */
export const logPass = (LP: readonly number[]): number => logMeanWith(LP, 0, 0)

/** ln of the mean of e-values given as logarithms; valid under any dependence (Vovk & Wang 2021). 0 without values. */
export const logMean = (logs: readonly number[]): number =>
  logs.length === 0 ? 0 : logSumExp(logs) - Math.log(logs.length)
