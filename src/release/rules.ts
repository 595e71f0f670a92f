/** The small decisions that the engine is made of, each by itself. The engine asks them; they know of no order of things. */
import type { Evidence } from '../evidence/types.ts'
import { accept, type Looked, type LookOptions, peek } from '../gates/judge.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import type { JudgeState } from '../gates/types.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { formerOf, isFirst, isSwap, reachesUsers, sameSplit, splitOf } from './shape.ts'
import type { Cause, LookEvent, ReleaseState, SplitEffect, VersionSeen } from './types.ts'

/** A gap between looks longer than this was not watched: orders unrenewed for so long are given back by the data plane. */
export const LONGEST_GAP_MS = 60_000
/** The second unasked exit ends a release. */
const EXITS_ALLOWED = 1

export interface Rules {
  /** The judgement at release time `clockMs`. */
  judge(
    plan: ReleasePlan,
    judge: JudgeState,
    clockMs: number,
    evidence: readonly Evidence[],
    options: LookOptions,
  ): Looked
  /** A person takes what has not passed for passed; null: refused. */
  accepted(plan: ReleasePlan, judge: JudgeState, clockMs: number): JudgeState | null
  splitOf(plan: ReleasePlan, step: number): SplitEffect
  /** Does the data plane act on the ordered split? */
  observes(split: SplitEffect, applied: LookEvent['applied']): boolean
  /** Does this piece of evidence count? */
  counts(plan: ReleasePlan, state: ReleaseState, look: LookEvent, piece: Evidence): boolean
  /** Does release time run? */
  timeRuns(plan: ReleasePlan, state: ReleaseState): boolean
  /** May the present step be left forwards? */
  mayGoOn(plan: ReleasePlan, state: ReleaseState): boolean
  /** May users be taken from the candidate to `target` now? */
  mayTakeBack(plan: ReleasePlan, state: ReleaseState, target: 'baseline' | 'other'): boolean
  /** May the candidate's servers go? Where no user was ever taken off the baseline, no data plane is needed to say so. */
  mayStopCandidate(state: ReleaseState, look: LookEvent | null): boolean
  /** May a swap stop what serves? */
  mayStopForSwap(state: ReleaseState): boolean
  /** Why the version does not work, or null. */
  broken(plan: ReleasePlan, state: ReleaseState, look: LookEvent): Cause | null
  /** Has a hold lasted long enough? */
  holdEnds(plan: ReleasePlan, state: ReleaseState, at: number): boolean
  /** The gate that a quarantine names; null: none. */
  quarantines(cause: Cause): string | null
  /** Has a version's last process gone? */
  isGone(seen: VersionSeen): boolean
}

const isLabelled = (plan: ReleasePlan, gate: string): boolean => {
  const kind = plan.gates.find((one) => one.name === gate)?.kind
  return kind === 'quality' || kind === 'labels-min'
}

/** Is there a baseline whose absence makes a comparison meaningless? In a swap and a first release none runs. */
export const baselineThere = (plan: ReleasePlan, state: ReleaseState): boolean =>
  state.ready.baseline || isFirst(plan) || isSwap(plan)

/** The data plane cannot be asked, but users were on the baseline all the time. */
export const neverLeft = (state: ReleaseState, look: LookEvent | null): boolean =>
  state.untouched && look !== null && look.applied === null

/** Evidence of the present step counts once its split was observed, and not while another is; of earlier steps always (late answers and labels).
 * A data plane that cannot be asked just now does not void what it counted: it tends to be busy when a candidate breaks. */
function counts(plan: ReleasePlan, state: ReleaseState, { applied }: LookEvent, piece: Evidence): boolean {
  const { gate, step, block } = piece
  if (step < 0) return state.phase === 'sets' || state.phase === 'swap'
  if (state.phase !== 'steps' && state.phase !== 'watch') return false
  if (step < state.judge.step) return true
  if (step > state.judge.step || !state.everObserved) return false
  if ('error' in block || isLabelled(plan, gate)) return true
  return (state.observed || applied === null) && (state.phase === 'watch' || baselineThere(plan, state))
}

function broken(plan: ReleasePlan, state: ReleaseState, look: LookEvent): Cause | null {
  if (!state.serve.candidate) return null
  const { failed } = look.candidate
  if (failed) return { kind: 'version', code: failed.code, why: failed.why }
  if (state.exits > EXITS_ALLOWED)
    return { kind: 'version', code: 'CRASHED', why: `its server exited unasked ${state.exits} times` }
  if (isFirst(plan) && state.phase === 'sets' && look.unanswered !== null)
    return { kind: 'version', code: 'SET_UNANSWERED', why: look.unanswered }
  return null
}

export const RULES: Rules = {
  judge: (plan, judge, clockMs, evidence, options) => peek(judgePlanOf(plan), judge, clockMs / 1000, evidence, options),
  accepted(plan, judge, clockMs) {
    const result = accept(judgePlanOf(plan), judge, clockMs / 1000)
    // The step itself is left by the next look, which sees whether the candidate is ready for more.
    return result === 'refused' ? null : { ...judge, accepted: result.state.accepted, held: false }
  },
  splitOf,
  observes: (split, applied) => applied !== null && sameSplit(split, applied),
  counts,
  timeRuns: (plan, state) =>
    (state.phase === 'steps' || state.phase === 'watch') &&
    state.status !== 'paused' &&
    state.observed &&
    baselineThere(plan, state) &&
    (state.clockMs > 0 || state.ready.candidate),
  mayGoOn: (plan, state) =>
    state.ready.candidate &&
    state.observed &&
    (baselineThere(plan, state) || (state.phase === 'watch' && state.advanced)),
  mayTakeBack: (plan, state, target) =>
    target === 'other'
      ? state.ready.other
      : state.ready.baseline || !reachesUsers(state.split) || formerOf(plan) === 'none',
  mayStopCandidate: (state, look) => (state.observed || neverLeft(state, look)) && !reachesUsers(state.split),
  mayStopForSwap: (state) => state.observed && state.split.hold,
  broken,
  holdEnds: (plan, state, at) => state.heldAt !== null && at - state.heldAt >= plan.holdMs,
  quarantines: (cause) => (cause.kind === 'gate' ? cause.gate : null),
  isGone: (seen) => seen.stopped,
}
