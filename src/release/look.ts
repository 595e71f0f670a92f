/** One look at the world, by the phase that the release is in. */
import { verdictOf } from '../gates/gate.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import { formatDuration } from '../kit/units.ts'
import { afterwards, conclude, endTurn, passedCause, takeAll, takeBack } from './ending.ts'
import { judged } from './judging.ts'
import { LONGEST_GAP_MS } from './rules.ts'
import { candidateName, formerName, formerOf, isSwap, reachesUsers, stepName, stepText } from './shape.ts'
import { beginSwap, swapTurn } from './swap.ts'
import { enter, note, order, type Turn } from './turn.ts'
import type { Cause, LookEvent, ReleaseState } from './types.ts'

function tellFaults(turn: Turn, was: ReleaseState['ready']): void {
  const { plan, state } = turn
  const judged = state.phase === 'steps' || state.phase === 'watch'
  const [candidate, former] = [candidateName(plan), formerName(plan)]
  if (turn.died) note(turn, 'fault', `the server of ${candidate} exited unasked (${state.exits} of 2 times)`)
  else if (was.candidate && !state.ready.candidate && state.serve.candidate) {
    const meaning = judged && !isSwap(plan) ? `: its requests go to ${former} and count as bad` : ''
    note(turn, 'fault', `${candidate} is not ready${meaning}`)
  }
  if (was.baseline && !state.ready.baseline && (state.serve.baseline || formerOf(plan) === 'outside'))
    note(turn, 'fault', `${former} is not ready${judged ? ': nothing counts and release time stands still' : ''}`)
}

/** What the look says about servers and the split. */
function see(turn: Turn, look: LookEvent): void {
  const { plan, state, rules } = turn
  const { exits } = look.candidate
  const seen = state.exitsSeen ?? exits
  const fresh = exits < seen ? exits : exits - seen
  turn.died = fresh > 0 && state.serve.candidate
  if (turn.died) state.exits += fresh
  state.exitsSeen = exits
  const was = state.ready
  const ready = { candidate: look.candidate.ready, baseline: look.baseline.ready, other: look.other?.ready ?? false }
  if (was.candidate !== ready.candidate || was.baseline !== ready.baseline || was.other !== ready.other)
    state.ready = ready
  state.everReady ||= ready.candidate
  state.observed = rules.observes(state.split, look.applied)
  if (state.status === 'concluded') return
  tellFaults(turn, was)
  if (!state.observed || state.everObserved) return
  state.everObserved = true
  if (state.phase === 'steps' || state.phase === 'watch') {
    const step = state.phase === 'watch' ? 'watch' : stepName(plan.steps[state.judge.step])
    note(turn, 'weight', `${step}: the split is observed, evidence counts from now`)
  }
}

function tick(turn: Turn): void {
  const { plan, state, rules, at } = turn
  if (!rules.timeRuns(plan, state)) {
    state.lastAt = null
    return
  }
  const gap = state.lastAt === null ? 0 : at - state.lastAt
  if (gap > 0 && gap <= LONGEST_GAP_MS) state.clockMs += gap
  state.lastAt = at
}

/** The step that the judge stands at begins. */
function enterStep(turn: Turn): void {
  const { plan, state, rules } = turn
  goOn(turn)
  state.advanced = false
  const step = state.judge.step
  const split = rules.splitOf(plan, step)
  enter(turn, split.watch ? 'watch' : 'steps')
  order(turn, split)
  note(turn, 'step', split.watch ? `full: 100 % to ${candidateName(plan)}, watched` : stepText(plan, step))
}

function goOn(turn: Turn): void {
  const { state } = turn
  if (state.status !== 'held') return
  state.status = 'running'
  state.heldAt = null
  note(turn, 'resumed', 'held no longer: nothing is left undecided')
}

function hold(turn: Turn): void {
  const { plan, state, rules } = turn
  if (state.status !== 'held') {
    state.status = 'held'
    state.heldAt = turn.at
    const { deciding, decidingSets } = judgePlanOf(plan)
    const open = (state.judge.step < 0 ? decidingSets : deciding).filter(
      (name) => !state.judge.accepted.includes(name) && verdictOf(state.judge.gates[name]!) !== 'pass',
    )
    const users = reachesUsers(state.split) ? 'users stay as they are' : 'no user sees it'
    note(turn, 'held', `held, ${open.join(', ')} undecided; ${users} for at most ${formatDuration(plan.holdMs)}`)
  }
  if (rules.holdEnds(plan, state, turn.at)) takeBack(turn, 'inconclusive', { kind: 'hold-ended' })
}

function whereOf(turn: Turn): Extract<Cause, { kind: 'gate' }>['where'] {
  const { phase, judge } = turn.state
  if (phase === 'sets') return 'sets'
  if (phase === 'watch') return 'watch'
  return turn.plan.steps[judge.step]?.kind === 'shadow' ? 'shadow' : 'canary'
}

function judgedTurn(turn: Turn): void {
  const { state } = turn
  const cut = state.advanced
  switch (judged(turn)) {
    case 'rollback':
      return takeBack(turn, 'rolled-back', { kind: 'gate', gate: state.judge.blame!, where: whereOf(turn) })
    case 'hold':
      return hold(turn)
    case 'next':
    case 'full':
      return enterStep(turn)
    case 'done':
      if (state.phase === 'watch') return conclude(turn, 'promoted', passedCause(turn, cut ? 'cut-short' : 'passed'))
      goOn(turn)
      return takeAll(turn)
    case 'stay':
      return goOn(turn)
  }
}

function startTurn(turn: Turn): void {
  const { plan, state } = turn
  if (state.status === 'paused' || !state.observed) return
  const asks = judgePlanOf(plan).decidingSets.length > 0
  if (isSwap(plan)) {
    if (!state.ready.baseline) return
    if (!asks) return beginSwap(turn)
    enter(turn, 'sets')
    note(turn, 'step', `${formerName(plan)} is asked the sets before the swap`)
  } else if (state.ready.candidate) {
    if (state.judge.step >= 0) return enterStep(turn)
    enter(turn, 'sets')
    if (asks) note(turn, 'step', `${candidateName(plan)} is ready and is asked the sets`)
    judgedTurn(turn)
  }
}

export function lookTurn(turn: Turn, look: LookEvent): void {
  const { plan, state, rules } = turn
  see(turn, look)
  if (state.status === 'concluded') return afterwards(turn)
  tick(turn)
  if (state.outcome === null) {
    const cause = rules.broken(plan, state, look)
    if (cause) return takeBack(turn, 'rolled-back', cause)
  }
  switch (state.phase) {
    case 'start':
      return startTurn(turn)
    case 'sets':
      if (!isSwap(plan)) return judgedTurn(turn)
      if (look.answered.baseline && state.status === 'running') beginSwap(turn)
      return
    case 'steps':
    case 'watch':
      return judgedTurn(turn)
    case 'swap': {
      const result = swapTurn(turn)
      if (result?.kind === 'ended') takeBack(turn, result.outcome, result.cause)
      return
    }
    case 'end':
      return endTurn(turn)
  }
}
