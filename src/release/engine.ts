/** step(plan, state, event) -> {state, effects}: one decision of a release. Pure: time comes with the events, nothing else does. */
import { newJudge } from '../gates/judge.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { makeRoom } from './ending.ts'
import { check, type Taken } from './invariants.ts'
import { lookTurn } from './look.ts'
import { personTurn } from './person.ts'
import { RULES, type Rules } from './rules.ts'
import { checkShape, formerOf, isFirst, isSwap, sameSplit, setsToAsk, splitHome } from './shape.ts'
import { tryAgain } from './swap.ts'
import { type Draft, note, sameServe, type Turn } from './turn.ts'
import type { Effect, Event, LookEvent, ReleaseState, StepResult } from './types.ts'

export interface Engine {
  begin(plan: ReleasePlan, at: number): ReleaseState
  step(plan: ReleasePlan, state: ReleaseState, event: Event): StepResult
  /** The state after all events, the first of which may be at any time after `at`. */
  fold(plan: ReleasePlan, at: number, events: Iterable<Event>): ReleaseState
}

/** A release before its first look. Its orders stand in the state; the first look tells where the world differs. */
export function begin(plan: ReleasePlan, at: number): ReleaseState {
  checkShape(plan)
  return {
    phase: 'start',
    status: 'running',
    swap: null,
    again: false,
    askingAt: null,
    clockMs: 0,
    lastAt: null,
    startedAt: at,
    phaseAt: at,
    heldAt: null,
    advanced: false,
    judge: newJudge(judgePlanOf(plan)),
    serve: { kind: 'serve', candidate: !isSwap(plan), baseline: formerOf(plan) === 'own', other: null },
    split: splitHome(-1),
    observed: false,
    everObserved: false,
    untouched: true,
    ready: { candidate: false, baseline: false, other: false },
    exits: 0,
    exitsSeen: null,
    everReady: false,
    outcome: null,
    cause: null,
    target: 'baseline',
    endedAt: null,
    usersOffAt: null,
  }
}

/** What is asked of whom now; null: nothing. */
function askOf(plan: ReleasePlan, state: ReleaseState): Effect | null {
  const swapping = state.phase === 'swap' && state.swap === 'new-starting' && state.ready.candidate
  if (state.phase !== 'sets' && !swapping) return null
  const sets = setsToAsk(plan, state.judge.sets)
  if (sets.length === 0) return null
  if (isSwap(plan)) return { kind: 'ask', sets, versions: swapping ? ['candidate'] : ['baseline'] }
  return { kind: 'ask', sets, versions: isFirst(plan) ? ['candidate'] : ['baseline', 'candidate'] }
}

/** Does what runs differ from what should? */
function serveDiffers(plan: ReleasePlan, state: ReleaseState, look: LookEvent): boolean {
  const { candidate, baseline, other } = state.serve
  return (
    candidate === look.candidate.stopped ||
    (formerOf(plan) === 'own' && baseline === look.baseline.stopped) ||
    (other !== null && look.other?.stopped !== false)
  )
}

/** Orders that changed, and at a look also those that the world does not follow yet. Room before traffic, traffic before less room. */
function orders({ plan, before, state, look }: Turn): Effect[] {
  const effects: Effect[] = []
  if (before.phase === 'over') return effects
  if (!sameServe(before.serve, state.serve) || (look !== null && serveDiffers(plan, state, look)))
    effects.push(state.serve)
  if (state.status === 'concluded') return effects
  if (!sameSplit(before.split, state.split) || (look !== null && !state.observed)) effects.push(state.split)
  const ask = look === null ? null : askOf(plan, state)
  if (ask !== null) effects.push(ask)
  return effects
}

function hostStarted(turn: Turn): void {
  const { state } = turn
  if (state.status === 'concluded') return
  state.lastAt = null
  const { swap } = state
  if (state.phase === 'swap' && (swap === 'holding' || swap === 'old-stopped' || swap === 'new-starting'))
    tryAgain(turn, 'another host took over in the middle of the swap')
  else note(turn, 'fault', 'another host took over; release time stood still in between')
}

/** An engine of these rules, whose steps are verified. Everything but tests uses RULES and `check`. */
export function engine(rules: Rules, verify: (taken: Taken) => void = check): Engine {
  function step(plan: ReleasePlan, before: ReleaseState, event: Event): StepResult {
    const state: Draft = { ...before }
    const look = event.kind === 'look' ? event : null
    const turn: Turn = { plan, rules, at: event.at, look, before, state, effects: [], died: false }
    let refused: string | null = null
    if (event.kind === 'look') {
      if (before.phase !== 'over') lookTurn(turn, event)
    } else if (event.kind === 'person') refused = personTurn(turn, event)
    else if (event.kind === 'host-started') hostStarted(turn)
    else makeRoom(turn, event.by)
    if (refused !== null) return { state: before, effects: [], refused }
    const effects = [...orders(turn), ...turn.effects]
    verify({ plan, before, event, after: state, effects })
    return { state, effects, refused: null }
  }
  return {
    begin,
    step,
    fold(plan, at, events) {
      let state = begin(plan, at)
      for (const event of events) state = step(plan, state, event).state
      return state
    },
  }
}

export const { step, fold } = engine(RULES)
