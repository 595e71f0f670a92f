/** What persons may do in which state, and what it does. */
import { verdictOf } from '../gates/gate.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import { endTurn, needsSwap, takeBack } from './ending.ts'
import { candidateName, formerName, stepName, targetName } from './shape.ts'
import { note, serve, type Turn } from './turn.ts'
import type { PersonEvent, ReleaseState } from './types.ts'

/** Column of the table of release-rules.md. */
type Column = 'running' | 'paused' | 'held' | 'watch' | 'swap' | 'ending' | 'concluded'

function columnOf(state: ReleaseState): Column {
  if (state.status === 'concluded') return 'concluded'
  if (state.phase === 'end') return 'ending'
  if (state.status === 'paused') return 'paused'
  if (state.status === 'held') return 'held'
  return state.phase === 'watch' ? 'watch' : state.phase === 'swap' ? 'swap' : 'running'
}

/** A sentence where it is refused; null where it is done, or was done already. */
export function personTurn(turn: Turn, event: PersonEvent): string | null {
  switch (event.verb) {
    case 'pause':
      return pause(turn, event)
    case 'resume':
      return resume(turn, event)
    case 'advance':
      return advance(turn, event)
    case 'accept':
      return accept(turn, event)
    case 'abort':
      return abort(turn, event)
    case 'rollback':
      return rollback(turn, event)
  }
}

const by = ({ by, reason }: PersonEvent): string => `by ${by}${reason === null ? '' : `: ${reason}`}`

function endedText({ plan, state }: Turn): string {
  if (state.status === 'concluded') return `the release has ended: ${state.outcome}`
  return `users are being taken to ${targetName(plan, state.target)}`
}

function pause(turn: Turn, event: PersonEvent): string | null {
  const { state } = turn
  switch (columnOf(state)) {
    case 'paused':
      return null
    case 'held':
      return 'the release is held: weights stand already; accept takes it on, abort takes users back'
    case 'swap':
      return 'users wait while versions are swapped: it cannot be paused, only aborted'
    case 'ending':
    case 'concluded':
      return endedText(turn)
    case 'running':
    case 'watch':
      state.status = 'paused'
      state.lastAt = null
      note(turn, 'paused', `paused ${by(event)}; weights stay, a failure still takes back`)
      return null
  }
}

function resume(turn: Turn, event: PersonEvent): string | null {
  const { state } = turn
  switch (columnOf(state)) {
    case 'paused':
      state.status = 'running'
      note(turn, 'resumed', `resumed ${by(event)}`)
      return null
    case 'held':
      return 'the release is held, not paused: it goes on by itself when every gate has passed, or by accept'
    case 'ending':
    case 'concluded':
      return endedText(turn)
    case 'running':
    case 'watch':
    case 'swap':
      return null
  }
}

function advance(turn: Turn, event: PersonEvent): string | null {
  const { plan, state } = turn
  switch (columnOf(state)) {
    case 'paused':
      return 'the release is paused: resume it first'
    case 'held':
      return 'the release is held for want of evidence, not of time: accept takes it on'
    case 'swap':
      return 'users wait while versions are swapped: no minimum time runs'
    case 'ending':
    case 'concluded':
      return endedText(turn)
    case 'running':
    case 'watch': {
      const step =
        state.phase === 'watch' ? 'the watch' : state.phase === 'steps' ? stepName(plan.steps[state.judge.step]) : null
      if (step === null) {
        note(turn, 'advanced', `advanced ${by(event)}: no step with a minimum time runs yet, nothing is cut short`)
        return null
      }
      state.advanced = true
      note(turn, 'advanced', `the minimum time of ${step} was ended ${by(event)}`)
      return null
    }
  }
}

function accept(turn: Turn, event: PersonEvent): string | null {
  const { plan, state, rules } = turn
  const column = columnOf(state)
  if (column === 'ending' || column === 'concluded') return endedText(turn)
  if (column !== 'held') return 'only a held release can be accepted'
  const judge = rules.accepted(plan, state.judge, state.clockMs)
  if (judge === null) {
    const faulty = judgePlanOf(plan).deciding.filter((name) => verdictOf(state.judge.gates[name]!) === 'error')
    return `not while a gate has no reading (${faulty.map((name) => `${name}: ${state.judge.gates[name]!.error}`).join('; ')})`
  }
  const fresh = judge.accepted.filter((name) => !state.judge.accepted.includes(name))
  state.judge = judge
  state.accepts = [...(state.accepts ?? []), { gates: fresh, by: event.by, reason: event.reason }]
  state.status = 'running'
  state.heldAt = null
  note(turn, 'accepted', `${fresh.join(', ')} taken for passed ${by(event)}; failures still take back`)
  return null
}

function abort(turn: Turn, event: PersonEvent): string | null {
  const { plan, state } = turn
  if (state.outcome === 'aborted') return null
  if (state.outcome === 'promoted')
    return `${candidateName(plan)} is promoted already: slipway rollback takes users back`
  if (state.outcome !== null) return endedText(turn)
  const verb = event.replace ? 'replace' : 'abort'
  takeBack(turn, 'aborted', { kind: 'person', by: event.by, reason: event.reason, verb })
  return null
}

function rollback(turn: Turn, event: PersonEvent): string | null {
  const { plan, state } = turn
  if (state.status === 'concluded')
    return `${endedText(turn)}; a rollback now goes to the version that served before it`
  const target = targetOf(turn, event)
  if (target === null) return `${candidateName(plan)} is the version that is being left`
  if (state.outcome === null) {
    const cause = { kind: 'person', by: event.by, reason: event.reason, verb: 'rollback' } as const
    takeBack(turn, 'rolled-back', cause, target)
    return null
  }
  // On their way already: only another goal makes a difference.
  if (event.to === undefined || JSON.stringify(target) === JSON.stringify(state.target)) return null
  state.target = target
  if (needsSwap(turn)) state.swap = 'back-holding'
  else if (typeof target !== 'object') serve(turn, { other: null })
  note(turn, 'taken-back', `users go to ${targetName(plan, target)} instead ${by(event)}`)
  endTurn(turn)
  return null
}

function targetOf({ plan }: Turn, { to }: PersonEvent): 'baseline' | { digest: string } | null {
  if (to === undefined) return 'baseline'
  if (to === plan.candidate.digest) return null
  const former =
    plan.baseline === null ? plan.noBaseline?.former : 'url' in plan.baseline ? plan.baseline.url : plan.baseline.digest
  return to === former || to === formerName(plan) ? 'baseline' : { digest: to }
}
