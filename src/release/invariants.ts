/** What holds after every step, whatever happened. A broken one is a bug of ours and stops the release where traffic stands. */
import { SlipwayError } from '../errors.ts'
import { inDoubt } from '../gates/gate.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import { logMean } from '../gates/stats/evalues.ts'
import { WATCH_ALPHA } from '../gates/stats/rule.ts'
import type { JudgeState } from '../gates/types.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import { baselineThere, neverLeft } from './rules.ts'
import { formerOf, isFirst, isSwap, reachesUsers, sameSplit, splitHome, splitOf } from './shape.ts'
import { sameServe } from './turn.ts'
import type { Cause, Effect, Event, Outcome, ReleaseState } from './types.ts'

/** A step that was taken. */
export interface Taken {
  readonly plan: ReleasePlan
  readonly before: ReleaseState
  readonly event: Event
  readonly after: ReleaseState
  readonly effects: readonly Effect[]
}
type Invariant = (taken: Taken) => boolean

const has = (effects: readonly Effect[], kind: Effect['kind']): boolean => effects.some((one) => one.kind === kind)
const judging = (state: ReleaseState): boolean =>
  state.outcome === null && (state.phase === 'sets' || state.phase === 'steps' || state.phase === 'watch')

const WATCH_BAR = -Math.log(WATCH_ALPHA)
/** Is the mean fail-e of these gates at the bar? Only where one of them is at least. */
function atBar(gates: JudgeState['gates'], names: readonly string[], bar: number): boolean {
  if (!names.some((name) => gates[name]!.lnFail >= bar)) return false
  return logMean(names.map((name) => gates[name]!.lnFail)) >= bar
}

function failing(plan: ReleasePlan, { judge }: ReleaseState): boolean {
  const { deciding, decidingSets } = judgePlanOf(plan)
  if (decidingSets.some((name) => judge.sets[name] === 'fail')) return true
  if (atBar(judge.gates, deciding, Math.log(2 / plan.alpha))) return true
  return judge.watch !== null && atBar(judge.watch.gates, Object.keys(judge.watch.gates), WATCH_BAR)
}

/** Users come to all of the candidate by this step. */
const takesAll = ({ before, after }: Taken): boolean => {
  const all = (state: ReleaseState) => state.split.target === 'candidate'
  return all(after) && !all(before)
}

function decided({ plan, after }: Taken): boolean {
  const { judge } = after
  return judgePlanOf(plan).deciding.every((name) => {
    const gate = judge.gates[name]!
    const accepted = judge.accepted.includes(name)
    // A person may take unsure evidence for passed, never a missing reading.
    if (gate.error !== null) return gate.unsure && accepted
    return accepted || (gate.passed && !inDoubt(gate))
  })
}

const CAUSES: Record<Outcome, (cause: Cause) => boolean> = {
  promoted: (cause) => cause.kind === 'passed' || cause.kind === 'cut-short',
  'rolled-back': (cause) =>
    cause.kind === 'gate' || cause.kind === 'version' || (cause.kind === 'person' && cause.verb === 'rollback'),
  aborted: (cause) => cause.kind === 'person' && cause.verb !== 'rollback',
  inconclusive: (cause) => cause.kind === 'hold-ended' || cause.kind === 'undecided',
}

/** Whoever gets users by this step is ready for them. */
function arrivalsReady({ plan, before, after }: Taken): boolean {
  const [from, to] = [before.split, after.split]
  if (to.weightPpm > from.weightPpm && !after.ready.candidate) return false
  if (to.hold || (from.target === to.target && !from.hold && !(reachesUsers(from) && !reachesUsers(to)))) return true
  if (to.target === 'baseline') return after.ready.baseline || formerOf(plan) === 'none'
  return to.target === 'candidate' ? after.ready.candidate : after.ready.other
}

function splitOfPhase({ plan, after }: Taken): boolean {
  const { phase, split, judge } = after
  if (phase === 'start' || phase === 'sets') return sameSplit(split, splitHome(-1))
  if (phase === 'steps') return sameSplit(split, splitOf(plan, judge.step))
  return phase !== 'watch' || sameSplit(split, splitOf(plan, plan.steps.length - 1))
}

/** Did the data plane act on the split that was ordered before this step? */
const wasObserved = ({ before, event }: Taken): boolean =>
  event.kind === 'look' ? event.applied !== null && sameSplit(before.split, event.applied) : before.observed

/** Are users where the split says: the data plane acts on it, or they never left the baseline? */
const settled = ({ event, after }: Taken): boolean =>
  after.observed || neverLeft(after, event.kind === 'look' ? event : null)

/** Nothing is stopped that users may still be on. */
function trafficLeftFirst(taken: Taken): boolean {
  const { before, after } = taken
  const { split } = before
  if (before.status === 'concluded')
    return (
      after.serve.candidate === before.serve.candidate &&
      (after.outcome === 'promoted' || sameServe(before.serve, after.serve))
    )
  if (
    before.serve.candidate &&
    !after.serve.candidate &&
    (reachesUsers(split) || !(wasObserved(taken) || settled(taken)))
  )
    return false
  const onBaseline = !split.hold && split.target === 'baseline'
  return !before.serve.baseline || after.serve.baseline || (!onBaseline && wasObserved(taken))
}

function roomThere({ plan, after }: Taken): boolean {
  if (after.status === 'concluded' || after.split.hold) return true
  if (reachesUsers(after.split) && !after.serve.candidate) return false
  if (after.split.target === 'other' && after.serve.other === null) return false
  return after.split.target !== 'baseline' || formerOf(plan) !== 'own' || after.serve.baseline
}

/** Evidence of a step counts only once, and while, its split is observed. */
function splitSeenFirst({ plan, before, event, after }: Taken): boolean {
  if (!judging(after)) return true
  const { blocks, watch, step } = after.judge
  if (!after.everObserved) {
    if (Object.values(blocks).some((n) => n > 0)) return false
    if (watch && Object.values(watch.gates).some((gate) => gate.open > 0)) return false
  }
  const followed = after.observed || (event.kind === 'look' && event.applied === null)
  if (after.phase !== 'steps' || step !== before.judge.step || (followed && baselineThere(plan, after))) return true
  return plan.gates.every(
    ({ name, kind }) => kind === 'quality' || kind === 'labels-min' || blocks[name] === before.judge.blocks[name],
  )
}

function timeHonest(taken: Taken): boolean {
  const { plan, before, event, after } = taken
  const gained = after.clockMs - before.clockMs
  if (gained === 0) return true
  if (gained < 0 || event.kind !== 'look' || before.lastAt === null || gained > event.at - before.lastAt) return false
  return before.status !== 'paused' && wasObserved(taken) && baselineThere(plan, after)
}

/** Two versions that do not fit are never ordered, or left running, at once. */
function oneAtATime({ plan, before, event, after }: Taken): boolean {
  if (!isSwap(plan) || sameServe(before.serve, after.serve)) return true
  const { candidate, baseline, other } = after.serve
  if (Number(candidate) + Number(baseline) + Number(other !== null) > 1) return false
  if (event.kind !== 'look') return true
  if (candidate && !before.serve.candidate) return event.baseline.stopped
  return !baseline || before.serve.baseline || event.candidate.stopped
}

function concludedHonestly(taken: Taken): boolean {
  const { before, after } = taken
  if (after.status !== 'concluded' || before.status === 'concluded') return true
  if (!settled(taken) || after.split.hold || after.endedAt === null) return false
  if (after.outcome === 'promoted') return after.observed && after.split.target === 'candidate' && after.ready.candidate
  const goal = typeof after.target === 'object' ? 'other' : 'baseline'
  return !reachesUsers(after.split) && after.split.target === goal && after.usersOffAt !== null
}

function outcomeKept({ before, after }: Taken): boolean {
  if (before.outcome !== null) return after.outcome === before.outcome && after.cause === before.cause
  return after.outcome === null || (after.cause !== null && CAUSES[after.outcome](after.cause))
}

function quarantineRight({ before, after, effects }: Taken): boolean {
  const failed =
    before.outcome === null && after.outcome !== null && after.cause?.kind === 'gate' ? after.cause.gate : null
  const rejected = effects.filter((one) => one.kind === 'quarantine').map((one) => one.gate)
  return failed === null ? rejected.length === 0 : rejected.length === 1 && rejected[0] === failed
}

function personObeyed({ before, event, after }: Taken): boolean {
  if (event.kind !== 'person' || before.outcome !== null) return true
  if (event.verb === 'abort') return after.outcome === 'aborted'
  return event.verb !== 'rollback' || after.outcome === 'rolled-back'
}

function concludedOnce({ before, after, effects }: Taken): boolean {
  const ends = before.status !== 'concluded' && after.status === 'concluded'
  if (has(effects, 'conclude') !== ends) return false
  return before.status !== 'concluded' || (after.status === 'concluded' && after.endedAt === before.endedAt)
}

/** By name; tests break each with an engine of other rules. */
export const INVARIANTS: Readonly<Record<string, Invariant>> = {
  'weights sum to 1,000,000 ppm': ({ after: { split } }) =>
    Number.isInteger(split.weightPpm) && split.weightPpm >= 0 && split.weightPpm <= FULL_PPM,
  'whoever gets users is ready for them': arrivalsReady,
  'shadow traffic reaches no user': ({ plan, after: { split } }) =>
    plan.steps[split.step]?.kind === 'shadow' ? !reachesUsers(split) : !split.mirror,
  'the split is the one of the phase': splitOfPhase,
  'room before traffic': roomThere,
  'traffic before less room': trafficLeftFirst,
  'no step passes a failing gate': ({ plan, after }) => !judging(after) || !failing(plan, after),
  'all of traffic needs a pass of every deciding gate': (taken) => !takesAll(taken) || decided(taken),
  'evidence counts when its split is observed': splitSeenFirst,
  'release time is time under the ordered split': timeHonest,
  'an outcome has its cause and stays': outcomeKept,
  'concluded once, with one effect': concludedOnce,
  'concluded where users are': concludedHonestly,
  'a concluded release moves no user': ({ before, after, effects }) =>
    before.status !== 'concluded' ||
    (sameSplit(before.split, after.split) && effects.every((one) => one.kind === 'serve' || one.kind === 'note')),
  'a release that is over does nothing': ({ before, effects }) => before.phase !== 'over' || effects.length === 0,
  'what a gate failed is quarantined, nothing else': quarantineRight,
  'persons take back without evidence': personObeyed,
  'a second exit takes back': ({ before, after }) =>
    after.exits < 2 || before.outcome !== null || after.outcome !== null || !after.serve.candidate,
  'paused moves nothing forwards': ({ before, after }) =>
    before.status !== 'paused' ||
    after.status !== 'paused' ||
    (after.phase === before.phase && after.judge.step === before.judge.step && sameSplit(before.split, after.split)),
  'a hold has a beginning and an end': ({ plan, event, after }) =>
    (after.status === 'held') === (after.heldAt !== null) &&
    (event.kind !== 'look' || after.heldAt === null || event.at - after.heldAt < plan.holdMs),
  'requests wait in a swap alone': ({ plan, after }) =>
    !after.split.hold || (isSwap(plan) && (after.phase === 'swap' || after.phase === 'end')),
  'a swap runs one version at a time': oneAtATime,
  'users are off when it says so': (taken) =>
    taken.before.usersOffAt === taken.after.usersOffAt || (settled(taken) && !reachesUsers(taken.after.split)),
  'a first release compares nothing': ({ plan, after }) =>
    !isFirst(plan) || (after.phase !== 'steps' && after.phase !== 'watch' && !after.split.mirror),
}
const ALL = Object.entries(INVARIANTS)

export function check(taken: Taken): void {
  for (const [name, holds] of ALL) {
    if (!holds(taken))
      throw new SlipwayError(
        'BUG',
        `the engine broke its own rule "${name}" at ${taken.event.kind} in ${taken.before.phase}`,
      )
  }
}
