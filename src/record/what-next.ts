/** What happens next, and what would change a verdict. Pure. */
import type { GateNumbers } from '../gates/types.ts'
import { formatCount, formatDuration } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import type { ReleaseState } from '../release/types.ts'
import { points } from './sentences.ts'

const seconds = (ms: number): string => formatDuration(Math.max(1000, Math.ceil(ms / 1000) * 1000))

/** One sentence for a gate that did not pass; null for a pass. */
export function wouldChange(
  _plan: ReleasePlan,
  gate: PlanGate,
  numbers: GateNumbers,
  requestsPerSecond: number,
): string | null {
  if (numbers.verdict === 'pass') return null
  if (numbers.error !== null) return `Evidence must come again: ${numbers.error}.`
  if (numbers.verdict === 'fail') {
    const over = numbers.difference === null ? null : numbers.difference - gate.margin
    return over !== null && over > 0
      ? `The candidate would have to be better by at least ${points(over)}.`
      : 'Nothing more: a failure stands.'
  }
  if (numbers.more === null)
    return 'At the rates seen, more traffic alone will not make it pass; the candidate would have to be better.'
  const unit = numbers.pairs > 0 ? 'pairs' : 'requests to the candidate'
  const time =
    requestsPerSecond > 0 ? `, about ${seconds((numbers.more / requestsPerSecond) * 1000)} at the traffic seen` : ''
  return `About ${formatCount(numbers.more)} more ${unit}${time}, if the rates stay.`
}

/** "canary 50 % in 2s; promoted at the earliest in 17s" */
export function nextSentence(
  plan: ReleasePlan,
  state: ReleaseState,
  name: (step: PlanStep | undefined) => string,
): string | null {
  if (state.status === 'concluded') return null
  if (state.status === 'held') return 'goes on by itself where every gate passes; else a person accepts or aborts'
  if (state.phase === 'end') return 'users are being taken back'
  const minimum = (step: PlanStep): number => (step.kind === 'full' || step.kind === 'swap' ? step.watchMs : step.forMs)
  const at = Math.max(0, state.judge.step)
  const here = plan.steps[at]
  if (!here) return null
  const left = Math.max(0, minimum(here) - (state.clockMs - state.judge.since * 1000))
  const rest = plan.steps.slice(at + 1).reduce((sum, step) => sum + minimum(step), left)
  if (state.phase === 'watch') return `promoted in ${seconds(left)} where no gate alarms`
  const then = plan.steps[at + 1]
  return `${then ? `${name(then)} in ${seconds(left)} at the earliest; ` : ''}promoted at the earliest in ${seconds(rest)}`
}
