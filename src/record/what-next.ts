/** What happens next, and what would change a verdict. Pure. */
import { perSecond } from '../gates/expected.ts'
import { gateKind } from '../gates/index.ts'
import type { GateNumbers } from '../gates/types.ts'
import { formatCount } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import type { ReleaseState } from '../release/types.ts'
import { spokenTime, timeLeft } from './figures.ts'
import { points } from './sentences.ts'

/** The step that evidence comes from now, and all users' requests a second. */
export interface Flow {
  readonly step: PlanStep | undefined
  readonly requestsPerSecond: number
  /** It has ended: nothing can come any more. */
  readonly over: boolean
}

const UNIT = { requests: 'requests', lines: 'lines', copies: 'copies' } as const

/** About how much more evidence a gate needs, and how long that takes at the traffic seen. */
export interface StillNeeded {
  readonly count: number
  readonly unit: 'requests' | 'lines' | 'copies' | 'pairs'
  /** null: none comes in this step. */
  readonly ms: number | null
}

export function stillNeeded(
  gate: PlanGate,
  numbers: GateNumbers,
  { step, requestsPerSecond }: Flow,
): StillNeeded | null {
  if (numbers.more === null) return null
  const unit = numbers.pairs > 0 && step?.kind === 'shadow' ? 'pairs' : UNIT[gateKind(gate.kind).words(gate).unit]
  const rate = step ? perSecond(gate, step, seenAt(requestsPerSecond)) : 0
  return { count: numbers.more, unit, ms: rate > 0 ? (numbers.more / rate) * 1000 : null }
}

/** Traffic of which only the rate is known. */
const seenAt = (requestsPerSecond: number) => ({
  seconds: 0,
  requestsPerSecond,
  requests: 0,
  codes: {},
  totalBuckets: [],
  firstByteBuckets: [],
  labelledShare: null,
  judged: {},
})

function afterFail(gate: PlanGate, numbers: GateNumbers): string {
  if (numbers.bound !== null) return 'Nothing more: it went past the bound that was frozen at its promotion.'
  const over = numbers.difference === null ? null : numbers.difference - gate.margin
  if (over === null || over <= 0) return 'Nothing more: a failure stands.'
  const what = gateKind(gate.kind).words(gate)
  return `To stand inside, it would need at least ${points(over)} ${what.good ? 'more' : 'fewer'} ${what.rate}.`
}

/** One sentence for a gate that did not pass; null for a pass, and for a report. */
export function wouldChange(gate: PlanGate, numbers: GateNumbers, flow: Flow): string | null {
  if (numbers.verdict === 'pass' || (!gate.decides && gate.waived === null)) return null
  if (numbers.error !== null) return `Evidence must come again: ${numbers.error}.`
  if (numbers.verdict === 'fail') return afterFail(gate, numbers)
  if (gateKind(gate.kind).needs(gate).set !== null)
    return numbers.candidateN === 0
      ? 'The set is asked before users get the candidate.'
      : 'A longer evaluation set, or a candidate that is better by more, would decide it.'
  if (flow.over) return 'It ended before this could be decided.'
  if (numbers.candidateN === 0) return 'No evidence has come yet: traffic is needed.'
  const needed = stillNeeded(gate, numbers, flow)
  if (needed === null)
    return 'At the rates seen, more traffic alone will not make it pass; the candidate would have to be better.'
  const time = needed.ms === null ? '' : `, ${spokenTime(Math.ceil(needed.ms / 1000) * 1000)} at the traffic seen`
  return `About ${formatCount(needed.count)} more ${needed.unit}${time}, would make it pass if the rates stay.`
}

/** What a step lasts at least, ms. */
export const minimumOf = (step: PlanStep | undefined): number =>
  !step ? 0 : step.kind === 'full' || step.kind === 'swap' ? step.watchMs : step.forMs

/** "canary 50 % in 2 s at the earliest; promoted at the earliest in 17 s" */
export function nextSentence(
  plan: ReleasePlan,
  state: ReleaseState,
  name: (step: PlanStep | undefined) => string,
): string | null {
  if (state.status === 'concluded') return null
  if (state.status === 'held') return 'goes on by itself when every gate passes; else a person accepts or aborts'
  if (state.status === 'paused') return 'nothing until it is resumed; a failure still takes users back'
  if (state.phase === 'end') return 'users are being taken to where they stay'
  if (state.judge.step < 0 && plan.baseline !== null) {
    const all = plan.steps.reduce((sum, step) => sum + minimumOf(step), 0)
    return `${name(plan.steps[0])} once it is ready and its sets have passed; promoted at the earliest in ${timeLeft(all)}`
  }
  const at = Math.max(0, state.judge.step)
  const here = plan.steps[at]
  if (!here) return null
  if (plan.baseline === null) return 'all users, once it is ready and has answered its evaluation sets'
  const left = Math.max(0, minimumOf(here) - (state.clockMs - state.judge.since * 1000))
  if (state.phase === 'watch') return `promoted in ${timeLeft(left)} where no gate alarms`
  const rest = plan.steps.slice(at + 1).reduce((sum, step) => sum + minimumOf(step), left)
  const then = plan.steps[at + 1]
  const soon = left > 0 ? `${timeLeft(left)} at the earliest` : 'as soon as the gates allow'
  return `${then ? `${name(then)} ${left > 0 ? 'in ' : ''}${soon}; ` : ''}promoted at the earliest in ${timeLeft(rest)}`
}
