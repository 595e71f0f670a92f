/** Engines that break one rule each, by name, and the invariants that have to notice. */
import type { JudgeState } from '../../src/gates/types.ts'
import { type Engine, engine } from '../../src/release/engine.ts'
import type { Taken } from '../../src/release/invariants.ts'
import { RULES, type Rules } from '../../src/release/rules.ts'
import type { Event, ReleaseState, StepResult } from '../../src/release/types.ts'

type Verify = (taken: Taken) => void
export interface Mutant {
  readonly name: string
  /** Invariants, or what `live` throws, each of which must show up. */
  readonly caughtBy: readonly string[]
  readonly make: (verify: Verify) => Engine
}

/** Another decision in the place of one of the rules. */
const rule = (name: string, change: Partial<Rules>, ...caughtBy: string[]): Mutant => ({
  name,
  caughtBy,
  make: (verify) => engine({ ...RULES, ...change }, verify),
})
type Tamper = (result: StepResult, before: ReleaseState, event: Event) => StepResult

/** A right step whose result is spoilt, for what no single rule decides. */
const spoilt = (name: string, tamper: Tamper, ...caughtBy: string[]): Mutant => ({
  name,
  caughtBy,
  make(verify) {
    const right = engine(RULES, () => {})
    return {
      ...right,
      step(plan, before, event) {
        const result = tamper(right.step(plan, before, event), before, event)
        if (result.refused === null) verify({ plan, before, event, after: result.state, effects: result.effects })
        return result
      },
    }
  },
})

/** A judgement that has left the step it stood in, whatever the evidence says. */
const moved = (judge: JudgeState, clockMs: number, step: number): JudgeState => ({
  ...judge,
  step,
  since: clockMs / 1000,
  held: false,
  blocks: Object.fromEntries(Object.keys(judge.blocks).map((name) => [name, 0])),
})

const failing: Rules['judge'] = (plan, judge, clockMs, evidence, options) => {
  const looked = RULES.judge(plan, judge, clockMs, evidence, options)
  if (looked.action !== 'rollback') return looked
  return { state: { ...looked.state, outcome: null, blame: null }, action: 'stay' }
}
const undecided: Rules['judge'] = (plan, judge, clockMs, evidence, options) => {
  const looked = RULES.judge(plan, judge, clockMs, evidence, options)
  const last = plan.steps.length - 1
  if (looked.action !== 'hold' || looked.state.step < 0 || options.paused) return looked
  return { state: { ...moved(looked.state, clockMs, last), watch: { bounds: {}, gates: {} } }, action: 'full' }
}
const impatient: Rules['judge'] = (plan, judge, clockMs, evidence, options) => {
  const last = plan.steps.length - 1
  if (judge.step < 0 || judge.step >= last - 1 || judge.outcome || options.paused)
    return RULES.judge(plan, judge, clockMs, evidence, options)
  return { state: moved(judge, clockMs, last - 1), action: 'next' }
}

export const MUTANTS: readonly Mutant[] = [
  rule('a step passes a failing gate', { judge: failing }, 'no step passes a failing gate'),
  rule('inconclusive promotes', { judge: undecided }, 'all of traffic needs a pass of every deciding gate'),
  rule(
    'paused goes on',
    {
      judge: (plan, judge, clockMs, evidence, { advanced = false }) =>
        RULES.judge(plan, judge, clockMs, evidence, { advanced }),
    },
    'paused moves nothing forwards',
  ),
  rule(
    'a step is left at once, whether observed and ready or not',
    { judge: impatient, mayGoOn: () => true },
    'whoever gets users is ready for them',
  ),
  rule('weight before readiness', { mayGoOn: () => true }, 'whoever gets users is ready for them'),
  rule(
    'users are taken to a baseline that is not ready',
    { mayTakeBack: () => true },
    'whoever gets users is ready for them',
  ),
  rule(
    'rollback needs evidence',
    {
      mayTakeBack: (plan, state, to) =>
        RULES.mayTakeBack(plan, state, to) && Object.values(state.judge.blocks).some((n) => n > 0),
    },
    'it does not end without evidence',
  ),
  rule(
    'a sum of weights above 1,000,000 ppm',
    { splitOf: (plan, step) => ({ ...RULES.splitOf(plan, step), weightPpm: RULES.splitOf(plan, step).weightPpm * 3 }) },
    'weights sum to 1,000,000 ppm',
  ),
  rule(
    'shadow traffic reaches users',
    {
      splitOf: (plan, step) => ({
        ...RULES.splitOf(plan, step),
        ...(plan.steps[step]?.kind === 'shadow' ? { weightPpm: 1000 } : {}),
      }),
    },
    'shadow traffic reaches no user',
  ),
  rule(
    'a canary is mirrored too',
    { splitOf: (plan, step) => ({ ...RULES.splitOf(plan, step), mirror: true }) },
    'shadow traffic reaches no user',
    'a first release compares nothing',
  ),
  rule(
    'a step takes the weight of the next',
    { splitOf: (plan, step) => ({ ...RULES.splitOf(plan, Math.min(step + 1, plan.steps.length - 1)), step }) },
    'the split is the one of the phase',
  ),
  rule(
    'requests wait in a canary',
    { splitOf: (plan, step) => ({ ...RULES.splitOf(plan, step), hold: plan.steps[step]?.kind === 'canary' }) },
    'requests wait in a swap alone',
  ),
  rule(
    'the split is assumed, not observed',
    { observes: () => true },
    'release time is time under the ordered split',
    'traffic before less room',
  ),
  rule(
    'evidence counts before its split is observed, and without a baseline',
    { counts: (_plan, state, _look, piece) => state.phase !== 'start' && piece.step <= state.judge.step },
    'evidence counts when its split is observed',
  ),
  rule(
    'time runs always',
    { timeRuns: (_plan, state) => state.phase === 'steps' || state.phase === 'watch' },
    'release time is time under the ordered split',
  ),
  rule(
    'scale-down before traffic moved',
    { mayStopCandidate: () => true },
    'traffic before less room',
    'concluded where users are',
    'users are off when it says so',
  ),
  rule(
    'a swap stops the old version while requests still reach it',
    { mayStopForSwap: () => true },
    'traffic before less room',
  ),
  rule('a swap takes a version for gone that still runs', { isGone: () => true }, 'a swap runs one version at a time'),
  rule(
    'a crashing version goes on',
    { broken: (plan, state, look) => RULES.broken(plan, { ...state, exits: 0 }, look) },
    'a second exit takes back',
  ),
  rule(
    'a version that never gets ready counts as inconclusive',
    { broken: (plan, state, look) => RULES.broken(plan, state, look) && { kind: 'hold-ended' } },
    'an outcome has its cause and stays',
  ),
  rule('a hold never ends', { holdEnds: () => false }, 'a hold has a beginning and an end'),
  rule('quarantine is skipped', { quarantines: () => null }, 'what a gate failed is quarantined, nothing else'),
  rule(
    'a version that broke is quarantined',
    { quarantines: (cause) => RULES.quarantines(cause) ?? (cause.kind === 'version' ? 'errors' : null) },
    'what a gate failed is quarantined, nothing else',
  ),
  spoilt(
    'abort waits for a look with evidence',
    (result, before, event) =>
      event.kind === 'person' && event.verb === 'abort' && before.outcome === null
        ? { state: before, effects: [], refused: null }
        : result,
    'persons take back without evidence',
  ),
  spoilt(
    'weight before room',
    (result) =>
      result.state.split.weightPpm > 0 && result.state.status !== 'concluded'
        ? { ...result, state: { ...result.state, serve: { ...result.state.serve, candidate: false } } }
        : result,
    'room before traffic',
  ),
  spoilt(
    'a second promotion',
    (result, before) =>
      before.status === 'concluded' && before.outcome === 'promoted' && before.phase !== 'over'
        ? {
            ...result,
            effects: [...result.effects, { kind: 'conclude', outcome: 'promoted', cause: { kind: 'passed' } }],
          }
        : result,
    'concluded once, with one effect',
  ),
  spoilt(
    'conclude, then move users',
    (result, before) =>
      before.status === 'concluded' && before.phase !== 'over'
        ? { ...result, effects: [...result.effects, { ...result.state.split, weightPpm: 0 }] }
        : result,
    'a concluded release moves no user',
  ),
  spoilt(
    'a release that is over keeps serving',
    (result, before) =>
      before.phase === 'over' && result.refused === null ? { ...result, effects: [result.state.serve] } : result,
    'a release that is over does nothing',
  ),
  spoilt(
    'the last cause wins',
    (result, before, event) =>
      before.outcome !== null && event.kind === 'look' && event.candidate.failed
        ? {
            ...result,
            state: {
              ...result.state,
              cause: { kind: 'version', code: 'CRASHED', why: 'later' },
              outcome: 'rolled-back',
            },
          }
        : result,
    'an outcome has its cause and stays',
  ),
  spoilt(
    'a first release is watched',
    (result) =>
      result.state.phase === 'end' && result.state.target === 'candidate'
        ? { ...result, state: { ...result.state, phase: 'watch' } }
        : result,
    'a first release compares nothing',
  ),
]
