/** What happened, in sentences. Pure; names and numbers come in. */

import type { GateNumbers } from '../gates/types.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import { passedSentence } from '../release/shape.ts'
import type { Cause, Outcome } from '../release/types.ts'
import { shownRate, showsGood, spokenTime } from './figures.ts'
import type { UsersRequests } from './runtime.ts'

/** `canary 25 %`, `shadow`, `full`, `swap`. */
export function stepName(step: PlanStep | undefined): string {
  if (!step) return 'start'
  return step.kind === 'canary' ? `canary ${formatShare(step.weightPpm / 1_000_000, 0)}` : step.kind
}

/** A margin or difference of shares in percentage points: 0.025 -> `2.5 pp`. */
export const points = (difference: number): string => `${Number((difference * 100).toFixed(1))} pp`

/** `in canary 25 %`, `in part of the time`: where a candidate was past its margin that is not past it over all steps. */
export function pastIn({ steps }: ReleasePlan, { worst, margin }: GateNumbers): string {
  if (!worst || worst.difference <= margin) return 'in part of the time'
  return worst.step < 0 ? 'in the sets' : `in ${stepName(steps[worst.step])}`
}

/** `quality fell from 95.1 % to 80.4 %, more than the 5 pp allowed` */
function gateSentence(plan: ReleasePlan, gate: PlanGate, numbers: GateNumbers): string {
  const { baselineRate: b, candidateRate: c } = numbers
  if (c === null) return `${gate.name} failed`
  const good = showsGood(gate)
  const show = (rate: number) => shownRate(gate, rate)
  const what = gate.kind === 'latency' ? `${gate.name} (answers above ${gate.boundMs} ms)` : gate.name
  if (numbers.bound !== null)
    return `${what} ${good ? 'fell to' : 'rose to'} ${show(c)}, past the bound of ${show(numbers.bound)}`
  if (gate.kind === 'labels-min') return `${what} is ${show(c)}, less than the ${formatShare(gate.min)} asked for`
  if (b === null) return `${what} is ${show(c)}`
  const moved = c < b ? 'went' : good ? 'fell' : 'rose'
  const allowed = `more than the ${points(gate.margin)} allowed`
  // Steps and moments are judged apart: what took users back need not show in the numbers over all of them.
  if (c - b <= gate.margin)
    return `${what} ${moved} from ${show(b)} to ${show(c)} over all steps, and by ${allowed} ${pastIn(plan, numbers)}`
  return `${what} ${moved} from ${show(b)} to ${show(c)}, ${allowed}`
}

export interface Told {
  readonly candidate: string
  readonly baseline: string | null
  readonly outcome: Outcome | null
  readonly weightPpm: number
  readonly requests: UsersRequests
  /** Who serves the environment's users now, where another release or a person changed it since. */
  readonly since: string | null
  readonly takebackMs: number | null
  readonly quarantined: boolean
  /** The baseline had a ready server when it was last looked at. */
  readonly baselineReady: boolean
}

/** Why it ended, without its subject. */
export function causeSentence(
  plan: ReleasePlan,
  cause: Cause | null,
  all: Readonly<Record<string, GateNumbers>>,
): string {
  if (!cause) return ''
  switch (cause.kind) {
    case 'passed':
      return passedSentence(plan, cause.accepted)
    case 'cut-short':
      return `${passedSentence(plan, cause.accepted, true)}; the watch was cut short by a person`
    case 'gate': {
      const gate = plan.gates.find((g) => g.name === cause.gate)
      const numbers = all[cause.gate]
      return gate && numbers ? gateSentence(plan, gate, numbers) : `${cause.gate} failed`
    }
    case 'version':
      return cause.why
    case 'person':
      return `${cause.by} ${cause.verb === 'rollback' ? 'rolled it back' : cause.verb === 'replace' ? 'replaced it' : 'aborted it'}${cause.reason ? `: ${cause.reason}` : ''}`
    case 'undecided':
      return `${cause.gates.join(', ')} could not be decided, and users may not wait`
    case 'hold-ended':
      return 'the evidence stayed inconclusive until the hold ended'
  }
}

/** `: 4,700 at v2, 28 at v3`: whose failures they were; empty where that is not known. */
function failedAt({ candidate, baseline, requests }: Told): string {
  const { failed, candidateFailed, baselineFailed } = requests
  if (failed === 0 || candidateFailed === undefined || baselineFailed === undefined) return ''
  const refused = failed - candidateFailed - baselineFailed
  const parts = [
    ...(baselineFailed > 0 ? [`${formatCount(baselineFailed)} at ${baseline ?? 'the version before'}`] : []),
    ...(candidateFailed > 0 ? [`${formatCount(candidateFailed)} at ${candidate}`] : []),
    ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
  ]
  return `: ${parts.join(', ')}`
}

/** Who was affected. */
export function affectedSentence(told: Told): string {
  const { candidate, outcome, requests } = told
  const { total, failed } = requests
  const many = (n: number) => `${formatCount(n)} ${n === 1 ? 'request' : 'requests'}`
  const failures = total === 0 ? '' : ` ${formatCount(failed)} of all ${formatCount(total)} failed${failedAt(told)}.`
  if (requests.candidate === 0 && outcome === 'promoted')
    return `No request of users came during the release.${failures}`
  if (requests.candidate === 0) return `No user was served by ${candidate}.${failures}`
  const share = total === 0 ? '' : `, ${formatShare(requests.candidate / total)} of all`
  const were = requests.candidate === 1 ? 'was' : 'were'
  return `${many(requests.candidate)} of users ${were} answered by ${candidate}${outcome === null ? ' so far' : ''}${share}.${failures}`
}

/** Who serves whom now. */
export function nowSentence(told: Told): string {
  const { outcome, weightPpm, candidate, baseline, since } = told
  const kept = told.quarantined ? ` ${candidate} is in quarantine.` : ''
  if (since !== null) return `${since} serves all users now; what came after this release changed it.${kept}`
  if (outcome === 'promoted' || (outcome === null && weightPpm >= 1_000_000))
    return `${candidate} serves all users.${kept}`
  if (!baseline) return `No version serves users.${kept}`
  if (outcome === null && weightPpm > 0)
    return `${formatShare(weightPpm / 1_000_000, 0)} of users get ${candidate}, all others ${baseline}.`
  if (outcome === null) return `${baseline} serves all users.`
  if (!told.baselineReady)
    return `${baseline} is where all users are, but it was not ready when the release ended: their requests failed; slipway local status tells how it is now.${kept}`
  if (told.requests.candidate === 0) return `${baseline} serves all users, as before.${kept}`
  const back = told.takebackMs === null ? '' : ` again, ${spokenTime(told.takebackMs)} after the verdict`
  return `${baseline} serves all users${back}.${kept}`
}
