/** The rule over all gates and steps of a release (reference/statistics.md). Pure: time is seconds of release time, pauses left out. */
import type { Evidence } from '../evidence/types.ts'
import { baselineOf, feed, inDoubt, lookAlone, lookOnce, madeBlock, NEW_GATE, undecided, verdictOf } from './gate.ts'
import { judgeSet } from './golden.ts'
import type { JudgePlan } from './judge-plan.ts'
import { logMean } from './stats/evalues.ts'
import { minVerdict, watchBound } from './stats/intervals.ts'
import { onceFails, oncePasses, onceZ } from './stats/once.ts'
import { WATCH_ALPHA } from './stats/rule.ts'
import type { GateState, JudgeAction, JudgeState, Verdict } from './types.ts'

export interface Looked {
  readonly state: JudgeState
  readonly action: JudgeAction
}
export interface LookOptions {
  /** A person ended the present step's minimum time (not its pairs), or the watch. */
  readonly advanced?: boolean
  /** Evidence and failures go on, no step ends, nothing is decided at the horizon. */
  readonly paused?: boolean
}

/** A state being built within one look; it leaves as a JudgeState. */
type Draft = { -readonly [K in keyof JudgeState]: JudgeState[K] } & {
  gates: Record<string, GateState>
  blocks: Record<string, number>
}

const record = <T>(names: readonly string[], value: T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, value]))

/** The state before the first look. */
export function newJudge(plan: JudgePlan): JudgeState {
  const names = plan.gates.map((gate) => gate.name)
  const sets = plan.gates.filter((gate) => gate.set).map((gate) => gate.name)
  return {
    step: plan.steps.length === 1 || plan.decidingSets.length > 0 ? -1 : 0,
    since: 0,
    judged: false,
    held: false,
    blocks: record(names, 0),
    sets: record<Verdict | null>(sets, null),
    accepted: [],
    outcome: null,
    blame: null,
    gates: record(names, NEW_GATE),
    watch: null,
  }
}

/** Has this gate passed, or was it taken for passed by a person? */
function hasPassed(state: JudgeState, name: string): boolean {
  const gate = state.gates[name]!
  if (gate.error !== null) return gate.unsure && state.accepted.includes(name)
  return state.accepted.includes(name) || (gate.passed && !inDoubt(gate))
}

const pairsOf = (gate: GateState): number => {
  let n = 0
  for (const counts of Object.values(gate.strata)) if (counts.kind === 'pairs') n += counts.n
  return n
}

const largest = (names: readonly string[], value: (name: string) => number): string =>
  names.reduce((best, name) => (value(name) > value(best) ? name : best))

function rollBack(state: Draft, blame: string): JudgeAction {
  state.outcome = 'rolled-back'
  state.blame = blame
  state.held = false
  state.gates[blame] = { ...state.gates[blame]!, failed: true }
  return 'rollback'
}

function feedSet(plan: JudgePlan, state: Draft, name: string, block: Evidence['block']): void {
  if (state.sets[name]) return
  const rule = plan.rules.get(name)!
  const gate = feed(rule, state.gates[name]!, rule.horizon, 'set', block)
  state.gates[name] = gate
  if (gate.error !== null || 'error' in block) return
  const { min } = plan.gates.find((one) => one.name === name)!
  const decides = plan.deciding.includes(name)
  const verdict: Verdict =
    block.kind === 'pairs'
      ? judgeSet(rule, block, plan.alpha, decides ? plan.deciding.length : 1, min).verdict
      : min === null
        ? 'pass'
        : minVerdict(block.xc, block.nc, min)
  state.sets = { ...state.sets, [name]: verdict }
  state.gates[name] = { ...gate, passed: verdict === 'pass', failed: !decides && verdict === 'fail' }
}

function feedWatch(plan: JudgePlan, state: Draft, t: number, { gate: name, block }: Evidence): void {
  const watch = state.watch!
  const delta = watch.bounds[name]
  const gate = watch.gates[name]
  if (delta === undefined || gate === undefined) return
  const last = plan.steps[plan.steps.length - 1]!
  const horizon = 'watch' in last ? last.watch : 0
  const { phi } = plan.rules.get(name)!
  const fed = feed({ delta, r: 0, phi, horizon }, gate, t - state.since, 'watch', block)
  state.watch = { bounds: watch.bounds, gates: { ...watch.gates, [name]: fed } }
}

function take(plan: JudgePlan, state: Draft, t: number, evidence: readonly Evidence[]): void {
  const full = plan.steps.length - 1
  for (const piece of evidence) {
    const { gate: name, step, block } = piece
    const rule = plan.rules.get(name)
    if (rule === undefined) continue
    if (Object.hasOwn(state.sets, name)) feedSet(plan, state, name, block)
    else if (state.watch && step === full) feedWatch(plan, state, t, piece)
    else {
      const before = state.gates[name]!
      const after = feed(rule, before, t, String(step), block)
      state.gates[name] = after
      if (step === state.step && madeBlock(before, after)) state.blocks[name]! += 1
    }
  }
}

/** ln of the mean fail-e over the deciding gates; 0 without any. */
export const meanLogFail = (plan: JudgePlan, state: JudgeState): number =>
  logMean(plan.deciding.map((name) => state.gates[name]!.lnFail))

/** Failures by a set or by the mean of the fail-e, also of labels that come late. */
function failure(plan: JudgePlan, state: Draft, bar: number): JudgeAction | null {
  for (const name of plan.decidingSets) if (state.sets[name] === 'fail') return rollBack(state, name)
  // A mean is at most its largest part: most looks need no more than this.
  if (!plan.deciding.some((name) => state.gates[name]!.lnFail >= bar) || meanLogFail(plan, state) < bar) return null
  return rollBack(
    state,
    largest(plan.deciding, (name) => state.gates[name]!.lnFail),
  )
}

function look(plan: JudgePlan, state: Draft, bar: number): void {
  for (const { name, set } of plan.gates) {
    const gate = state.gates[name]!
    if (set) continue
    if (!plan.deciding.includes(name)) state.gates[name] = lookAlone(gate, bar)
    else if (gate.lnPass >= bar && !gate.passed) state.gates[name] = { ...gate, passed: true }
  }
}

function inWatch(plan: JudgePlan, state: Draft, t: number, options: LookOptions): JudgeAction {
  const gates = state.watch!.gates
  const names = Object.keys(gates)
  if (names.length > 0 && logMean(names.map((name) => gates[name]!.lnFail)) >= -Math.log(WATCH_ALPHA))
    return rollBack(
      state,
      largest(names, (name) => gates[name]!.lnFail),
    )
  const last = plan.steps[plan.steps.length - 1]!
  const over = options.advanced === true || t - state.since >= ('watch' in last ? last.watch : 0)
  if (options.paused || !over) return 'stay'
  state.outcome = 'promoted'
  return 'done'
}

/** The sets that decide, before any user. */
function beforeUsers(plan: JudgePlan, state: Draft, t: number): JudgeAction {
  if (plan.decidingSets.some((name) => state.sets[name] === null)) return 'stay'
  state.held = !plan.decidingSets.every((name) => hasPassed(state, name))
  if (state.held) return 'hold'
  state.step = 0
  state.since = t
  const first = plan.steps[0]!
  if (first.kind === 'swap') return startWatch(state, first.bounds)
  if (first.kind !== 'full') return 'next'
  state.outcome = 'promoted'
  return 'done'
}

/** The once-only part: at the horizon, never again. */
function atHorizon(plan: JudgePlan, state: Draft): JudgeAction | null {
  state.judged = true
  const level = plan.alpha / (2 * plan.deciding.length)
  const z: Record<string, number> = {}
  for (const name of plan.deciding) {
    const { r, delta, phi } = plan.rules.get(name)!
    const gate = state.gates[name]!
    const strata = Object.values(gate.strata)
    if (Object.hasOwn(state.sets, name) || undecided(gate)) continue
    if (onceFails(strata, r, delta, phi, level)) z[name] = onceZ(strata, r, delta, phi).fail!
  }
  const failed = Object.keys(z)
  if (failed.length > 0)
    return rollBack(
      state,
      largest(failed, (name) => z[name]!),
    )
  for (const { name, set } of plan.gates) {
    const rule = plan.rules.get(name)!
    const gate = state.gates[name]!
    if (set || undecided(gate)) continue
    if (!plan.deciding.includes(name)) state.gates[name] = lookOnce(rule, gate, plan.alpha, 1)
    else if (oncePasses(Object.values(gate.strata), rule.r, rule.delta, rule.phi, plan.alpha / 2))
      state.gates[name] = { ...gate, passed: true }
  }
  return null
}

/** May the present step end, as far as time and evidence go? From the horizon on its minimum time alone counts. */
function stepReady(plan: JudgePlan, state: Draft, t: number, passed: boolean, options: LookOptions): boolean {
  const step = plan.steps[state.step]!
  const minimum = 'for' in step ? step.for : 0
  if (options.advanced !== true && t - state.since < minimum) return false
  if (t >= plan.horizon) return true
  const calm = plan.deciding.every((name) => state.accepted.includes(name) || !inDoubt(state.gates[name]!))
  const seen = plan.answerable[state.step]!.every((name) =>
    step.kind === 'shadow' ? pairsOf(state.gates[name]!) >= step.pairs[name]! : state.blocks[name]! > 0,
  )
  return calm && seen && (state.step < plan.steps.length - 2 || passed)
}

function startWatch(state: Draft, bounds: Readonly<Record<string, number>>): JudgeAction {
  state.watch = { bounds, gates: record(Object.keys(bounds), NEW_GATE) }
  return 'full'
}

function inSteps(plan: JudgePlan, state: Draft, t: number, options: LookOptions): JudgeAction {
  const late = t >= plan.horizon
  const failed = late && !state.judged ? atHorizon(plan, state) : null
  if (failed) return failed
  const passed = plan.deciding.every((name) => hasPassed(state, name))
  state.held = late && !passed
  if (state.held) return 'hold'
  if (!stepReady(plan, state, t, passed, options)) return 'stay'
  const full = plan.steps.length - 1
  state.step += 1
  state.since = t
  state.blocks = record(Object.keys(state.blocks), 0)
  if (state.step < full) return 'next'
  const bounds: Record<string, number> = {}
  for (const name of plan.answerable[full]!) {
    const { r, delta } = plan.rules.get(name)!
    const seen = baselineOf(state.gates[name]!)
    const bound = watchBound(seen.bad, seen.total, r, delta)
    if (bound !== null) bounds[name] = bound
  }
  return startWatch(state, bounds)
}

function decide(plan: JudgePlan, state: Draft, t: number, options: LookOptions): JudgeAction {
  const bar = Math.log(2 / plan.alpha)
  const failed = failure(plan, state, bar)
  if (failed) return failed
  look(plan, state, bar)
  if (state.watch) return inWatch(plan, state, t, options)
  if (options.paused) return 'stay'
  return state.step < 0 ? beforeUsers(plan, state, t) : inSteps(plan, state, t, options)
}

/** One look at time `t` (s), at any times; what comes late belongs to the step that answered it. After the end nothing changes. */
export function peek(
  plan: JudgePlan,
  state: JudgeState,
  t: number,
  evidence: readonly Evidence[],
  options: LookOptions = {},
): Looked {
  if (state.outcome) return { state, action: state.outcome === 'promoted' ? 'done' : 'rollback' }
  const draft: Draft = { ...state, gates: { ...state.gates }, blocks: { ...state.blocks } }
  take(plan, draft, t, evidence)
  const action = decide(plan, draft, t, options)
  return { state: draft, action }
}

/**
 * A person takes, in `held`, every gate that has not passed for passed (before the first step: the sets alone), doubt or not; a
 * later failure still takes back. Refused while a deciding gate is in error.
 */
export function accept(plan: JudgePlan, state: JudgeState, t: number): Looked | 'refused' {
  const broken = plan.deciding.some((name) => verdictOf(state.gates[name]!) === 'error')
  if (state.outcome || !state.held || broken) return 'refused'
  const taken = plan.deciding.filter(
    (name) => (state.step >= 0 || plan.decidingSets.includes(name)) && !hasPassed(state, name),
  )
  return peek(plan, { ...state, accepted: [...state.accepted, ...taken] }, t, [])
}
