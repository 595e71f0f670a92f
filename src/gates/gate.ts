/** The evidence of one gate, as plain numbers that are never reset between steps. */
import type { ArmsBlock, Block, Counts, PairsBlock } from '../evidence/types.ts'
import { advanceSums, logFactors, logFail, logPass, openedAt } from './stats/evalues.ts'
import { onceFails, oncePasses } from './stats/once.ts'
import { DOUBT, NEVER, RHO_FAIL, RHO_PASS } from './stats/rule.ts'
import type { GateState, Verdict } from './types.ts'

/** What a gate asks: is the candidate worse than r * baseline by more than delta? `horizon` (s) spans the grid of beginnings. */
export interface GateRule {
  readonly delta: number
  readonly r: number
  readonly phi: number
  readonly horizon: number
}

export const NEW_GATE: GateState = {
  M: RHO_FAIL.map(() => NEVER),
  open: 0,
  LP: RHO_PASS.map(() => 0),
  strata: {},
  pending: {},
  passed: false,
  failed: false,
  error: null,
  unsure: false,
  lnFail: 0,
  lnPass: 0,
}

const LN_DOUBT = Math.log(DOUBT)
// Sums of scores are rounded; they may exceed the total by so much.
const ROUNDING = 1 + 1e-9

const unfit = (x: unknown): boolean => typeof x !== 'number' || !Number.isFinite(x)

function armsFault({ xc, nc, xb, nb, xw = 0 }: ArmsBlock): string | null {
  if (unfit(xc) || unfit(nc) || unfit(xb) || unfit(nb) || unfit(xw)) return 'not a number'
  if (xc < 0 || nc < 0 || xb < 0 || nb < 0 || xw < 0) return 'negative count (counter reset)'
  return xc > nc * ROUNDING || xb > nb * ROUNDING || xw > nb * ROUNDING ? 'more bad than total' : null
}

function pairsFault({ x10, x01, x11, n, xw = 0 }: PairsBlock): string | null {
  if (unfit(x10) || unfit(x01) || unfit(x11) || unfit(n) || unfit(xw)) return 'not a number'
  if (x10 < 0 || x01 < 0 || x11 < 0 || n < 0 || xw < 0) return 'negative count (counter reset)'
  return x10 + x01 + x11 > n * ROUNDING || xw > n * ROUNDING ? 'more bad than total' : null
}

/** Why a block is no evidence, or null. A fault is never a number, never a pass, never a fail. */
export function faultOf(block: Block): string | null {
  if ('error' in block) return block.error
  return block.kind === 'arms' ? armsFault(block) : pairsFault(block)
}

/** Sum of two blocks of one kind and one step (of two replicas, or of two intervals). */
export function addCounts(a: Counts, b: Counts): Counts {
  if (a.kind === 'arms' && b.kind === 'arms') {
    const sum = { kind: a.kind, xc: a.xc + b.xc, nc: a.nc + b.nc, xb: a.xb + b.xb, nb: a.nb + b.nb }
    return a.xw === undefined && b.xw === undefined ? sum : { ...sum, xw: baselineBad(a) + baselineBad(b) }
  }
  if (a.kind === 'pairs' && b.kind === 'pairs') {
    const sum = { kind: a.kind, x10: a.x10 + b.x10, x01: a.x01 + b.x01, x11: a.x11 + b.x11, n: a.n + b.n }
    return a.xw === undefined && b.xw === undefined ? sum : { ...sum, xw: baselineBad(a) + baselineBad(b) }
  }
  throw new TypeError('counts of two kinds cannot be added')
}

/** Bad baseline answers as the watch would count them. */
const baselineBad = (counts: Counts): number =>
  counts.xw ?? (counts.kind === 'arms' ? counts.xb : counts.x01 + counts.x11)

/** Enough to be a block? Until then counts are merged forward. */
const complete = (counts: Counts, r: number): boolean =>
  counts.kind === 'pairs' ? counts.n > 0 : counts.nc > 0 && (counts.nb > 0 || r === 0)

function without(record: Readonly<Record<string, Counts>>, key: string): Readonly<Record<string, Counts>> {
  const { [key]: _, ...rest } = record
  return rest
}

const keys = new Map<string, Record<Counts['kind'], string>>()

/** `step/kind`; kept, since joining strings anew is dear where evidence is looked at thousands of times. */
function keyOf(step: string, kind: Counts['kind']): string {
  const known = keys.get(step)
  if (known) return known[kind]
  const made = { arms: `${step}/arms`, pairs: `${step}/pairs` }
  keys.set(step, made)
  return made[kind]
}

const NOTHING_WAITS = { error: null, unsure: false, waits: undefined } as const

/** What is said of a gate after counts of `key` that may decide: those of another step that may not still wait. */
function settled({ waits }: GateState, key: string): Pick<GateState, 'error' | 'unsure' | 'waits'> {
  if (waits === undefined) return NOTHING_WAITS
  const { [key]: _, ...others } = waits
  const [error] = Object.values(others)
  return error === undefined ? NOTHING_WAITS : { error, unsure: true, waits: others }
}

/** Do counts wait, or did the last look bring some, that must not decide yet? */
export const undecided = ({ unsure, waits }: GateState): boolean => unsure || waits !== undefined

/** Counts that must not decide yet wait with those of one arm, and join the next block of their step. */
function keepUnsure(state: GateState, step: string, error: string, counts: Counts): GateState {
  const fault = faultOf(counts)
  if (fault !== null) return { ...state, error: fault, unsure: false }
  const key = keyOf(step, counts.kind)
  const waiting = state.pending[key]
  const pending = { ...state.pending, [key]: waiting ? addCounts(waiting, counts) : counts }
  return { ...state, error, unsure: true, pending, waits: { ...state.waits, [key]: error } }
}

/**
 * The state after one interval's counts of requests answered in `step`, seen at time `t` (s). A fault only sets `error`; counts
 * of one arm wait in `pending`. `madeBlock` tells whether the e-values moved.
 */
export function feed(rule: GateRule, state: GateState, t: number, step: string, block: Block): GateState {
  const error = faultOf(block)
  if ('error' in block && block.unsure && block.counts) return keepUnsure(state, step, block.error, block.counts)
  if (error !== null || 'error' in block) return { ...state, error, unsure: 'error' in block && block.unsure === true }
  const key = keyOf(step, block.kind)
  const waiting = state.pending[key]
  const counts = waiting ? addCounts(waiting, block) : block
  const { error: cause, unsure, waits } = settled(state, key)
  if (!complete(counts, rule.r))
    return { ...state, error: cause, unsure, waits, pending: { ...state.pending, [key]: counts } }
  const open = openedAt(t, rule.horizon, state.open)
  const M = advanceSums(state.M, logFactors(counts, rule.r, rule.delta, 'fail', rule.phi), state.open, open)
  const LP = logFactors(counts, rule.r, rule.delta, 'pass', rule.phi)
  for (let i = 0; i < LP.length; i++) LP[i]! += state.LP[i]!
  const before = state.strata[key]
  // A copy and an assignment: three times as fast as a spread with a computed key.
  const strata: Record<string, Counts> = { ...state.strata }
  strata[key] = before ? addCounts(before, counts) : counts
  return {
    M,
    open,
    LP,
    strata,
    pending: waiting ? without(state.pending, key) : state.pending,
    waits,
    passed: state.passed,
    failed: state.failed,
    error: cause,
    unsure,
    lnFail: logFail(M, open),
    lnPass: logPass(LP),
  }
}

export const madeBlock = (before: GateState, after: GateState): boolean => before.M !== after.M

export const inDoubt = (state: GateState): boolean => state.lnFail >= LN_DOUBT

/** What is shown for a gate by its own evidence. */
export function verdictOf(state: GateState): Verdict {
  if (state.failed) return 'fail'
  if (state.error !== null) return state.unsure ? 'inconclusive' : 'error'
  if (inDoubt(state)) return 'doubt'
  return state.passed ? 'pass' : 'inconclusive'
}

/** The e part at any look, for a gate alone. A pass is kept; a fail too, and wins. `bar` = ln(2/alpha). */
export function lookAlone(state: GateState, bar: number): GateState {
  const failed = state.failed || state.lnFail >= bar
  const passed = state.passed || state.lnPass >= bar
  return failed === state.failed && passed === state.passed ? state : { ...state, failed, passed }
}

/** The once-only part, at the horizon and never again; `gates` = how many share the fail level. */
export function lookOnce(rule: GateRule, state: GateState, alpha: number, gates: number): GateState {
  const strata = Object.values(state.strata)
  return {
    ...state,
    failed: state.failed || onceFails(strata, rule.r, rule.delta, rule.phi, alpha / (2 * gates)),
    passed: state.passed || oncePasses(strata, rule.r, rule.delta, rule.phi, alpha / 2),
  }
}

/** Bad and total of the baseline over the release's own data, as the watch would count them; pairs by their marginal. */
export function baselineOf(state: GateState): { readonly bad: number; readonly total: number } {
  let [bad, total] = [0, 0]
  for (const counts of Object.values(state.strata)) {
    bad += baselineBad(counts)
    total += counts.kind === 'arms' ? counts.nb : counts.n
  }
  return { bad, total }
}
