/** The numbers of a gate for views: what was computed from what. They decide nothing. */
import type { Counts } from '../evidence/types.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { type GateRule, inDoubt, verdictOf } from './gate.ts'
import { meanLogFail } from './judge.ts'
import { type JudgePlan, judgePlanOf } from './judge-plan.ts'
import { type ArmRate, armInterval, differenceInterval, type Rates, ratesOf } from './rates.ts'
import { logFactors, logPass } from './stats/evalues.ts'
import { onceUpper, onceZ } from './stats/once.ts'
import { WATCH_ALPHA } from './stats/rule.ts'
import type { GateNumbers, GateState, JudgeState, Verdict } from './types.ts'

// Beyond this e-values are no news, and JSON has no infinity.
const LN_MOST = Math.log(1e300)
const eValue = (ln: number): number => Math.exp(Math.min(ln, LN_MOST))
const MOST_MORE = 1e9

/** Rates per candidate answer (or pair) of the newest evidence, as a block of one. */
function unitOf(strata: readonly Counts[], rates: Rates): Counts | null {
  const newest = strata[strata.length - 1]
  if (newest?.kind === 'pairs') {
    const pairs = strata.filter((counts) => counts.kind === 'pairs')
    const mean = (of: (counts: (typeof pairs)[number]) => number): number =>
      pairs.reduce((sum, counts) => sum + of(counts), 0) / rates.pairs
    return { kind: 'pairs', x10: mean((c) => c.x10), x01: mean((c) => c.x01), x11: mean((c) => c.x11), n: 1 }
  }
  if (newest === undefined) return null
  const nb = newest.nb / newest.nc
  return { kind: 'arms', xc: rates.candidate.rate, nc: 1, xb: (rates.baseline?.rate ?? 0) * nb, nb }
}

/** About how many more units of evidence until the pass e-value reaches the bar, if the rates stay; null: never. */
function moreUntilPass(rule: GateRule, gate: GateState, unit: Counts, bar: number): number | null {
  const growth = logFactors(unit, rule.r, rule.delta, 'pass', rule.phi)
  const reaches = (n: number): boolean => logPass(gate.LP.map((sum, i) => sum + n * growth[i]!)) >= bar
  let high = 1
  while (!reaches(high)) {
    high *= 2
    if (high > MOST_MORE) return null
  }
  // ln e is convex in n and starts below the bar, so it crosses once.
  let low = high / 2
  while (high - low > 1) {
    const middle = Math.round((low + high) / 2)
    if (reaches(middle)) high = middle
    else low = middle
  }
  return Math.ceil(high)
}

/** All counts of a gate. A set that only one version answered (first release) never makes a block. */
const countsOf = (gate: GateState, set: boolean): Counts[] =>
  Object.values(set ? { ...gate.pending, ...gate.strata } : gate.strata)

/** What is shown: the evidence of the release, or in the watch (and after it, where there is no other) that of the watch. */
interface Shown {
  readonly rates: Rates | null
  readonly candidate: ArmRate | null
  readonly baseline: ArmRate | null
  readonly lnFail: number
  readonly bar: number
  readonly bound: number | null
  readonly watched: GateState | null
}

function shownOf(plan: JudgePlan, state: JudgeState, name: string): Shown {
  const rule = plan.rules.get(name)!
  const gate = state.gates[name]!
  const rates = ratesOf(countsOf(gate, Object.hasOwn(state.sets, name)), rule.r, rule.phi)
  const baseline = rates?.baseline ?? null
  const watched = state.watch?.gates[name] ?? null
  const failedBefore = meanLogFail(plan, state) >= Math.log(2 / plan.alpha)
  if (watched === null || failedBefore || (state.outcome === 'promoted' && rates !== null)) {
    const candidate = rates?.candidate ?? null
    return { rates, candidate, baseline, lnFail: gate.lnFail, bar: 2 / plan.alpha, bound: null, watched: null }
  }
  const since = ratesOf(Object.values(watched.strata), 0, rule.phi)
  return {
    rates: since && {
      ...since,
      baselineN: rates?.baselineN ?? 0,
      pairs: rates?.pairs ?? 0,
      correlation: 0,
    },
    candidate: since?.candidate ?? null,
    baseline,
    lnFail: watched.lnFail,
    bar: 1 / WATCH_ALPHA,
    bound: state.watch!.bounds[name]!,
    watched,
  }
}

function differenceOf({ candidate, baseline, rates }: Shown, r: number) {
  if (candidate === null) return { difference: null, low: null, high: null }
  if (r === 0) {
    const [low, high] = armInterval(candidate)
    return { difference: candidate.rate, low, high }
  }
  if (baseline === null) return { difference: null, low: null, high: null }
  const [low, high] = differenceInterval(candidate, baseline, rates?.correlation ?? 0)
  return { difference: candidate.rate - baseline.rate, low, high }
}

type Worst = NonNullable<GateNumbers['worst']>

/** Of a comparison: steps are judged apart, so one may fail a gate whose numbers over all of them are within the margin. */
function worstStep(gate: GateState, { r, delta, phi }: GateRule): Worst | null {
  let [worst, most]: [Worst | null, number] = [null, Number.NEGATIVE_INFINITY]
  if (r === 0) return worst
  for (const [key, counts] of Object.entries(gate.strata)) {
    const { fail } = onceZ([counts], r, delta, phi)
    const rates = ratesOf([counts], r, phi)
    if (fail === null || fail <= most || !rates?.baseline) continue
    const step = Number.parseInt(key, 10)
    most = fail
    worst = { step: Number.isNaN(step) ? -1 : step, difference: rates.candidate.rate - rates.baseline.rate }
  }
  return worst
}

function verdictShown(gate: GateState, watched: GateState | null): Verdict {
  const verdict = verdictOf(gate)
  if (watched === null || verdict === 'fail') return verdict
  const now = verdictOf(watched)
  return now === 'inconclusive' ? verdict : now
}

/**
 * The numbers of one gate. In the watch the candidate is what the promoted version showed since, against the frozen bound, the
 * baseline what it showed before. Against a fixed objective (r = 0) `difference` is the candidate's own rate, which `margin`
 * bounds. `upper`, `low`, `high` are null where nothing can be said. The gate must be one of the plan's.
 */
export function gateNumbers(releasePlan: ReleasePlan, state: JudgeState, name: string): GateNumbers {
  const plan = judgePlanOf(releasePlan)
  const rule = plan.rules.get(name)!
  const gate = state.gates[name]!
  const shown = shownOf(plan, state, name)
  const { rates, watched } = shown
  const strata = Object.values(gate.strata)
  const bar = Math.log(2 / plan.alpha)
  const set = Object.hasOwn(state.sets, name)
  const unit = rates === null || set || gate.passed || state.watch !== null ? null : unitOf(strata, rates)
  const comparable = rule.r === 0 || shown.baseline !== null
  const bounded = watched === null && comparable && onceZ(strata, rule.r, rule.delta, rule.phi).pass !== null
  return {
    gate: name,
    verdict: verdictShown(gate, watched),
    baselineRate: shown.baseline?.rate ?? null,
    candidateRate: shown.candidate?.rate ?? null,
    baselineN: rates?.baselineN ?? 0,
    candidateN: rates?.candidateN ?? 0,
    pairs: rates?.pairs ?? 0,
    ...differenceOf(shown, rule.r),
    worst: watched === null ? worstStep(gate, rule) : null,
    upper: bounded ? onceUpper(strata, rule.r, 0.975, rule.phi) : null,
    margin: rule.delta,
    eFail: eValue(shown.lnFail),
    ePass: eValue(gate.lnPass),
    bar: shown.bar,
    bound: shown.bound,
    error: watched?.error ?? gate.error,
    more: unit === null || gate.lnPass >= bar ? null : moreUntilPass(rule, gate, unit, bar),
  }
}

/** One gate at one look, for its strip of the timeline. `at` = wall ms; an arm is null before it has 20 answers. */
export interface StripNumbers {
  readonly at: number
  readonly baseline: number | null
  readonly baselineLow: number | null
  readonly baselineHigh: number | null
  readonly candidate: number | null
  readonly candidateLow: number | null
  readonly candidateHigh: number | null
  readonly limit: number | null
  readonly doubt: boolean
}
const ENOUGH_ANSWERS = 20

/** Rate and 95 % limits of an arm, or nulls. */
function band(arm: ArmRate | null, n: number): readonly [number | null, number | null, number | null] {
  if (arm === null || n < ENOUGH_ANSWERS) return [null, null, null]
  const [low, high] = armInterval(arm)
  return [arm.rate, low, high]
}

/** All evidence so far; in the watch only the promoted version's since, against the frozen bound. */
export function stripPoint(releasePlan: ReleasePlan, state: JudgeState, name: string, at: number): StripNumbers {
  const plan = judgePlanOf(releasePlan)
  const rule = plan.rules.get(name)!
  const seen = state.watch ? state.watch.gates[name] : state.gates[name]
  const rates = seen ? ratesOf(Object.values(seen.strata), state.watch ? 0 : rule.r, rule.phi) : null
  const [candidate, candidateLow, candidateHigh] = band(rates?.candidate ?? null, rates?.candidateN ?? 0)
  const [baseline, baselineLow, baselineHigh] = band(rates?.baseline ?? null, rates?.baselineN ?? 0)
  const frozen = state.watch?.bounds[name] ?? null
  const moving = rule.r === 0 ? rule.delta : baseline === null ? null : rule.r * baseline + rule.delta
  const doubt = seen !== undefined && inDoubt(seen)
  const limit = state.watch ? frozen : moving
  return { at, baseline, baselineLow, baselineHigh, candidate, candidateLow, candidateHigh, limit, doubt }
}
