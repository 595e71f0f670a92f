/** Betting factors of one block and the two e-values made of them (Ville 1939; Vovk & Wang 2021). */
import type { Counts } from '../../evidence/types.ts'
import { logSumExp } from './normal.ts'
import { FIRST_START_WEIGHT, RHO_FAIL, RHO_PASS, STARTS } from './rule.ts'

/** `fail`: against "within the margin"; `pass`: against "at or beyond the margin". */
export type Side = 'fail' | 'pass'

/** Per rho: the stake a, ln(1 + s*a) of a bad candidate answer and ln(1 - s*a*kappa) of a bad baseline answer. */
interface Bets {
  readonly stake: readonly number[]
  readonly up: readonly number[]
  readonly down: readonly number[]
}

function betsFor(side: Side, kappa: number): Bets {
  const s = side === 'fail' ? 1 : -1
  const stake = (side === 'fail' ? RHO_FAIL : RHO_PASS).map((rho) => (s * (rho - 1)) / (1 + rho * kappa))
  return { stake, up: stake.map((a) => Math.log1p(s * a)), down: stake.map((a) => Math.log1p(-s * a * kappa)) }
}

// kappa is 1 for every pair at r = 1 and 0 for every fixed objective: tables spare the logarithms.
const AT_ONE = { fail: betsFor('fail', 1), pass: betsFor('pass', 1) }
const AT_ZERO = { fail: betsFor('fail', 0), pass: betsFor('pass', 0) }

/**
 * ln of the e-factor of one complete block, one number per rho of the side's grid. Null hypothesis of `fail`: pc <= r*pb + delta,
 * of `pass`: pc >= r*pb + delta. `phi` >= 1 divides all counts (bursts). The array is the caller's own.
 */
export function logFactors(block: Counts, r: number, delta: number, side: Side, phi = 1): number[] {
  const s = side === 'fail' ? 1 : -1
  const paired = block.kind === 'pairs'
  const kappa = r === 0 ? 0 : paired ? r : (r * block.nc) / block.nb
  const bad = (paired ? block.x10 : block.xc) / phi
  const reverse = (paired ? block.x01 : block.xb) / phi
  const due = ((paired ? block.n : block.nc) * delta) / phi
  const both = paired && r !== 1 ? block.x11 / phi : 0
  const table = kappa === 1 ? AT_ONE[side] : kappa === 0 ? AT_ZERO[side] : undefined
  const grid = side === 'fail' ? RHO_FAIL : RHO_PASS
  const out = new Array<number>(grid.length)
  for (let i = 0; i < out.length; i++) {
    const a = table ? table.stake[i]! : (s * (grid[i]! - 1)) / (1 + grid[i]! * kappa)
    const up = table ? table.up[i]! : Math.log1p(s * a)
    const down = table ? table.down[i]! : Math.log1p(-s * a * kappa)
    let sum = bad * up + reverse * down - s * a * due
    if (both > 0) sum += both * Math.log1p(s * a * (1 - r))
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

/** ln of the fail e-value: mean over rho of the sums of the open beginnings plus the weight of those not yet open. */
export function logFail(M: readonly number[], open: number): number {
  const rest = LN_UNOPENED[open]!
  let top = rest
  for (let i = 0; i < M.length; i++) if (M[i]! > top) top = M[i]!
  let sum = open < STARTS ? M.length * Math.exp(rest - top) : 0
  for (let i = 0; i < M.length; i++) sum += Math.exp(M[i]! - top)
  return top + Math.log(sum / M.length)
}

/** ln of the pass e-value: mean over rho of the plain products. */
export function logPass(LP: readonly number[]): number {
  let top = LP[0]!
  for (let i = 1; i < LP.length; i++) if (LP[i]! > top) top = LP[i]!
  let sum = 0
  for (let i = 0; i < LP.length; i++) sum += Math.exp(LP[i]! - top)
  return top + Math.log(sum / LP.length)
}

/** ln of the mean of e-values given as logarithms; valid under any dependence (Vovk & Wang 2021). 0 without values. */
export const logMean = (logs: readonly number[]): number =>
  logs.length === 0 ? 0 : logSumExp(logs) - Math.log(logs.length)
