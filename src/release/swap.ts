/** The swap of two versions that do not fit at once: requests wait, the old stops, the new starts; and the same way back. Every persisted state
 * says what has been observed, so any host may go on from it. */
import { judgePlanOf } from '../gates/judge-plan.ts'
import { judged } from './judging.ts'
import { candidateName, formerName, splitHome } from './shape.ts'
import { enter, note, order, serve, type Turn } from './turn.ts'
import type { Cause, SplitEffect, SwapState } from './types.ts'

/** What a swap comes to: users are back with the version named, or the sets ended it. */
export type SwapResult =
  | { readonly kind: 'back'; readonly on: 'baseline' | 'other' }
  | { readonly kind: 'ended'; readonly outcome: 'rolled-back' | 'inconclusive'; readonly cause: Cause }

const waiting: SplitEffect = { ...splitHome(0), hold: true }

/** Goes as far as this look allows; `asked` is left by a later look, because it has to be written down before users come. */
export function swapTurn(turn: Turn): SwapResult | null {
  const { state } = turn
  if (turn.look === null) return null
  for (let from: SwapState | null = null; state.swap !== null && state.swap !== from; ) {
    from = state.swap
    const result = advance(turn, from)
    if (result) return result
    if (state.swap === 'asked' || state.phase === 'watch') return null
  }
  return null
}

export function beginSwap(turn: Turn): void {
  enter(turn, 'swap')
  turn.state.swap = 'holding'
  turn.state.again = false
  turn.state.askingAt = null
  note(
    turn,
    'step',
    `swap: requests wait, ${formerName(turn.plan)} drains and stops, then ${candidateName(turn.plan)} starts`,
  )
}

/** The old version is started again, then the swap begins anew. */
export function tryAgain(turn: Turn, why: string): void {
  turn.state.swap = 'back-holding'
  turn.state.again = true
  note(turn, 'fault', `${why}: ${formerName(turn.plan)} is started again, then the swap begins anew`)
}

function advance(turn: Turn, swap: SwapState): SwapResult | null {
  switch (swap) {
    case 'holding':
      holding(turn)
      return null
    case 'old-stopped':
      serve(turn, { candidate: true })
      if (!turn.rules.isGone(turn.look!.candidate)) turn.state.swap = 'new-starting'
      return null
    case 'new-starting':
      return newStarting(turn)
    case 'asked':
      asked(turn)
      return null
    case 'open':
      open(turn)
      return null
    case 'back-holding':
      backHolding(turn)
      return null
    case 'back-stopped':
      backStopped(turn)
      return null
    case 'back-starting':
      return backStarting(turn)
  }
}

function holding(turn: Turn): void {
  order(turn, waiting)
  if (!turn.rules.mayStopForSwap(turn.state)) return
  serve(turn, { candidate: false, baseline: false })
  if (turn.rules.isGone(turn.look!.baseline)) turn.state.swap = 'old-stopped'
}

function newStarting(turn: Turn): SwapResult | null {
  const { plan, state } = turn
  if (turn.died) {
    tryAgain(turn, `${candidateName(plan)} exited before it had answered its sets`)
    return null
  }
  if (state.ready.candidate) {
    state.askingAt ??= turn.at
    const action = state.judge.step >= 0 ? 'full' : judged(turn)
    if (action === 'full') {
      state.swap = 'asked'
      return null
    }
    if (action === 'rollback')
      return { kind: 'ended', outcome: 'rolled-back', cause: { kind: 'gate', gate: state.judge.blame!, where: 'sets' } }
    if (action === 'hold') return undecided(turn)
  }
  return waitedLong(turn) ? undecided(turn) : null
}

function undecided({ plan, state: { judge } }: Turn): SwapResult {
  const gates = judgePlanOf(plan).decidingSets.filter((name) => judge.sets[name] !== 'pass')
  return { kind: 'ended', outcome: 'inconclusive', cause: { kind: 'undecided', gates } }
}

/** Have users waited for the new version's answers for as long as the plan lets a request wait? */
function waitedLong({ plan, state, at }: Turn): boolean {
  const [step] = plan.steps
  return state.askingAt !== null && step?.kind === 'swap' && at - state.askingAt >= step.waitMs
}

function asked(turn: Turn): void {
  const { plan, state, rules } = turn
  if (!state.ready.candidate) return tryAgain(turn, `${candidateName(plan)} is not ready any more`)
  order(turn, rules.splitOf(plan, 0))
  state.swap = 'open'
  note(turn, 'weight', `users go to ${candidateName(plan)}`)
}

function open(turn: Turn): void {
  if (!turn.state.observed) return
  enter(turn, 'watch')
  note(turn, 'step', `${candidateName(turn.plan)} serves all users and is watched`)
}

function backHolding(turn: Turn): void {
  const { state, rules } = turn
  order(turn, waiting)
  if (!rules.mayStopForSwap(state)) return
  serve(turn, { candidate: false })
  if (rules.isGone(turn.look!.candidate)) state.swap = 'back-stopped'
}

/** The version that is started on the way back. One that does not start gives way to the baseline, again without both at once. */
function returning(turn: Turn): 'baseline' | 'other' {
  const { state, look, plan } = turn
  if (typeof state.target !== 'object') return 'baseline'
  if (!look?.other?.failed) return 'other'
  note(turn, 'fault', `the version asked for does not start (${look.other.failed.why}); ${formerName(plan)} is started`)
  state.target = 'baseline'
  state.swap = 'back-holding'
  return 'baseline'
}

function backStopped(turn: Turn): void {
  const { state, rules } = turn
  const look = turn.look!
  const to = returning(turn)
  if (!rules.isGone(look.candidate)) return
  if (to === 'baseline') {
    serve(turn, { other: null })
    if (look.other && !rules.isGone(look.other)) return
    serve(turn, { baseline: true })
    if (!rules.isGone(look.baseline)) state.swap = 'back-starting'
  } else if (typeof state.target === 'object') {
    serve(turn, { baseline: false })
    if (!rules.isGone(look.baseline)) return
    serve(turn, { other: state.target.digest })
    if (look.other && !rules.isGone(look.other)) state.swap = 'back-starting'
  }
}

function backStarting(turn: Turn): SwapResult | null {
  const { state } = turn
  const to = returning(turn)
  if (state.swap !== 'back-starting') return null
  if (state.split.hold) {
    if (to === 'other' ? state.ready.other : state.ready.baseline) order(turn, splitHome(0, to))
    return null
  }
  if (!state.observed) return null
  if (!state.again) return { kind: 'back', on: to }
  beginSwap(turn)
  return null
}
