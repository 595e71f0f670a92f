/** How a release ends: users to where the outcome wants them, observed, then what nobody needs any more is stopped. */
import { verdictOf } from '../gates/gate.ts'
import { formatDuration } from '../kit/units.ts'
import type { ReleasePlan } from '../plan/types.ts'
import {
  candidateName,
  formerName,
  formerOf,
  isSwap,
  passedSentence,
  reachesUsers,
  splitHome,
  targetName,
} from './shape.ts'
import { swapTurn } from './swap.ts'
import { enter, note, order, serve, type Turn } from './turn.ts'
import type { Cause, Outcome, ReleaseState } from './types.ts'

function causeText(cause: Cause, plan: ReleasePlan): string {
  switch (cause.kind) {
    case 'passed':
      return passedSentence(plan, cause.accepted)
    case 'cut-short':
      return `${passedSentence(plan, cause.accepted, true)}; a person cut the watch short`
    case 'gate':
      return `${cause.gate} failed in ${cause.where === 'sets' ? 'the sets' : cause.where === 'watch' ? 'the watch' : cause.where}`
    case 'version':
      return `the version does not work: ${cause.why}`
    case 'person': {
      const verb = cause.verb === 'rollback' ? 'rolled back' : cause.verb === 'replace' ? 'replaced' : 'aborted'
      return `${verb} by ${cause.by}${cause.reason === null ? '' : `: ${cause.reason}`}`
    }
    case 'hold-ended':
      return 'held for as long as the plan allows, and nobody accepted'
    case 'undecided':
      return `${cause.gates.join(', ')} could not decide, and users cannot wait in a swap`
  }
}

/** Why it is promoted, with what persons accepted and evidence never settled. */
export function passedCause({ state }: Turn, kind: 'passed' | 'cut-short' = 'passed'): Cause {
  const accepted = (state.accepts ?? [])
    .map((one) => ({ ...one, gates: one.gates.filter((name) => verdictOf(state.judge.gates[name]!) !== 'pass') }))
    .filter(({ gates }) => gates.length > 0)
  return accepted.length > 0 ? { kind, accepted } : { kind }
}

/** The outcome is decided; users follow from here on, whatever else happens. Needs no evidence and no candidate. */
export function takeBack(
  turn: Turn,
  outcome: Exclude<Outcome, 'promoted'>,
  cause: Cause,
  target: ReleaseState['target'] = 'baseline',
): void {
  const { plan, state, rules } = turn
  const waiting = state.swap !== null
  const touched = waiting || reachesUsers(state.split)
  state.outcome = outcome
  state.cause = cause
  state.target = target
  state.status = 'running'
  state.heldAt = null
  state.lastAt = null
  state.advanced = false
  state.again = false
  enter(turn, 'end')
  const where = targetName(plan, target)
  const slow = touched && !waiting && !rules.mayTakeBack(plan, state, 'baseline') ? ', which has to start first' : ''
  note(
    turn,
    'taken-back',
    `${candidateName(plan)} is taken back: ${causeText(cause, plan)}; ${touched ? `users go to ${where}${slow}` : `no user was on it, ${where} serves on`}`,
  )
  const rejected = rules.quarantines(cause)
  if (rejected !== null) turn.effects.push({ kind: 'quarantine', gate: rejected })
  // On its way back already it goes on, unless that way leads elsewhere.
  if (needsSwap(turn) && !(state.swap?.startsWith('back-') && target === 'baseline')) state.swap = 'back-holding'
  endTurn(turn)
}

/** Do users get where the outcome wants them by stopping one version before another starts? */
export const needsSwap = ({ plan, state }: Turn): boolean =>
  state.swap !== null || (isSwap(plan) && typeof state.target === 'object')

/** All traffic to a candidate without anything to compare it with. */
export function takeAll(turn: Turn): void {
  const { plan, rules, state } = turn
  state.target = 'candidate'
  enter(turn, 'end')
  order(turn, rules.splitOf(plan, plan.steps.length - 1))
  note(turn, 'weight', `100 % of users go to ${candidateName(plan)}`)
}

function destination(turn: Turn): 'baseline' | 'other' {
  const { state, look } = turn
  if (typeof state.target !== 'object') return 'baseline'
  if (look?.other?.failed) {
    note(
      turn,
      'fault',
      `${targetName(turn.plan, state.target)} does not start (${look.other.failed.why}); users stay on ${formerName(turn.plan)}`,
    )
    state.target = 'baseline'
    serve(turn, { other: null })
    return 'baseline'
  }
  // Until it is ready users are safe on the baseline, where there is one.
  return state.ready.other || state.split.target === 'other' || formerOf(turn.plan) === 'none' ? 'other' : 'baseline'
}

/** One look while users are on their way. */
export function endTurn(turn: Turn): void {
  const { plan, state, rules } = turn
  if (state.target === 'candidate') {
    if (state.observed && state.ready.candidate) conclude(turn, 'promoted', passedCause(turn))
    return
  }
  if (state.swap !== null) {
    const result = swapTurn(turn)
    if (result?.kind === 'back') arrive(turn, result.on)
    return
  }
  const goal = typeof state.target === 'object' ? 'other' : 'baseline'
  serve(turn, {
    baseline: formerOf(plan) === 'own',
    other: typeof state.target === 'object' ? state.target.digest : null,
  })
  const to = destination(turn)
  if (rules.mayTakeBack(plan, state, to)) order(turn, splitHome(state.split.step, to))
  arrive(turn, typeof state.target === 'object' ? goal : 'baseline')
}

/** Concludes where the data plane acts on the split that the outcome wants, or users never left it. */
function arrive(turn: Turn, goal: 'baseline' | 'other'): void {
  const { state, rules } = turn
  if (!rules.mayStopCandidate(state, turn.look)) return
  state.usersOffAt ??= turn.at
  if (state.split.target === goal && !state.split.hold) conclude(turn, state.outcome!, state.cause!)
}

/** The end that waiting commands see. What comes after moves no user. */
export function conclude(turn: Turn, outcome: Outcome, cause: Cause): void {
  const { plan, state } = turn
  state.outcome = outcome
  state.cause = cause
  state.status = 'concluded'
  state.endedAt = turn.at
  state.heldAt = null
  state.lastAt = null
  const own = formerOf(plan) === 'own'
  if (outcome === 'promoted') {
    state.target = 'candidate'
    const last = plan.steps.at(-1)
    const warm = own && state.swap === null && last?.kind === 'full' ? last.keepWarmMs : 0
    note(
      turn,
      'promoted',
      `${candidateName(plan)} is promoted: ${causeText(cause, plan)}${warm > 0 ? `; ${formerName(plan)} stays warm for ${formatDuration(warm)}` : ''}`,
    )
    enter(turn, warm > 0 ? 'keep-warm' : 'drain')
    serve(turn, { candidate: true, baseline: warm > 0, other: null })
  } else {
    const other = typeof state.target === 'object' ? state.target.digest : null
    note(
      turn,
      'weight',
      `all users are on ${targetName(plan, state.target)}${cause.kind === 'gate' ? '' : '; not quarantined'}`,
    )
    enter(turn, 'drain')
    serve(turn, { candidate: false, baseline: own && other === null, other })
  }
  turn.effects.push({ kind: 'conclude', outcome, cause })
}

/** After the conclusion: only what runs without users changes. */
export function afterwards(turn: Turn): void {
  const { plan, state, look, rules } = turn
  if (state.phase === 'keep-warm') {
    const last = plan.steps.at(-1)
    if (last?.kind === 'full' && turn.at - state.endedAt! >= last.keepWarmMs) endKeepWarm(turn)
  }
  if (state.phase !== 'drain' || look === null) return
  const gone =
    (state.serve.candidate || rules.isGone(look.candidate)) &&
    (state.serve.baseline || formerOf(plan) !== 'own' || rules.isGone(look.baseline))
  // What still runs then, the platform is stopping, or somebody else wants it again.
  if (gone || turn.at - state.phaseAt >= plan.run.drainMs) enter(turn, 'over')
}

function endKeepWarm(turn: Turn): void {
  enter(turn, 'drain')
  serve(turn, { baseline: false })
}

/** A newer release begins: this one wants nothing any more but what it has taken users to. */
export function makeRoom(turn: Turn, by: string): void {
  const { phase } = turn.state
  if (phase !== 'keep-warm' && phase !== 'drain') return
  if (phase === 'keep-warm') {
    endKeepWarm(turn)
    note(turn, 'step', `the former version makes room for ${by}`)
  }
  enter(turn, 'over')
}
