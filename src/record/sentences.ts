/** What happened, in sentences. Pure; names and numbers come in. */

import type { GateNumbers } from '../gates/types.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import type { Cause, Outcome } from '../release/types.ts'

/** `canary 25 %`, `shadow`, `full`, `swap`. */
export function stepName(step: PlanStep | undefined): string {
  if (!step) return 'start'
  return step.kind === 'canary' ? `canary ${formatShare(step.weightPpm / 1_000_000, 0)}` : step.kind
}

/** A margin or difference of shares in percentage points: 0.025 -> `2.5 pp`. */
export const points = (difference: number): string => `${Number((difference * 100).toFixed(1))} pp`

/** `quality fell from 95.1 % to 80.4 %, more than the 5 pp allowed` */
export function gateSentence(gate: PlanGate, numbers: GateNumbers): string {
  const { baselineRate: b, candidateRate: c } = numbers
  const good = gate.kind === 'quality' || gate.kind === 'labels-min'
  if (c === null) return `${gate.name} failed`
  const show = (rate: number) => formatShare(good ? 1 - rate : rate)
  if (numbers.bound !== null)
    return `${gate.name} ${good ? 'fell to' : 'rose to'} ${show(c)}, past the bound of ${show(numbers.bound)}`
  if (b === null) return `${gate.name} is ${show(c)}`
  const allowed = `more than the ${points(gate.margin)} allowed`
  if (gate.kind === 'latency')
    return `${show(c)} of its answers took longer than ${gate.boundMs} ms (${show(b)} before), ${allowed}`
  return `${gate.name} ${good ? 'fell' : 'rose'} from ${show(b)} to ${show(c)}, ${allowed}`
}

export interface Told {
  readonly candidate: string
  readonly baseline: string | null
  readonly outcome: Outcome | null
  readonly weightPpm: number
  readonly requests: { readonly total: number; readonly candidate: number }
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
      return plan.baseline === null ? 'it is ready and answered what it was asked' : 'every deciding gate passed'
    case 'cut-short':
      return 'every deciding gate passed; the watch was cut short by a person'
    case 'gate': {
      const gate = plan.gates.find((g) => g.name === cause.gate)
      const numbers = all[cause.gate]
      const where = cause.where === 'sets' ? 'in its evaluation set' : `in the ${cause.where}`
      return gate && numbers ? `${gateSentence(gate, numbers)} (${where})` : `${cause.gate} failed ${where}`
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

export function affectedSentence(told: Told): string {
  const { candidate, total } = told.requests
  if (told.outcome === 'promoted')
    return `${told.candidate} answered ${formatCount(candidate)} of ${formatCount(total)} requests of users during the release.`
  if (candidate === 0) return `No user was served by ${told.candidate}.`
  return `${formatCount(candidate)} of ${formatCount(total)} requests of users were answered by ${told.candidate} (${formatShare(total === 0 ? 0 : candidate / total)}).`
}

export function nowSentence(told: Told): string {
  const { outcome, weightPpm, candidate, baseline } = told
  if (outcome === 'promoted' || (outcome === null && weightPpm >= 1_000_000)) return `${candidate} serves all users.`
  if (outcome !== null || weightPpm === 0) return baseline ? `${baseline} serves all users.` : 'No version serves yet.'
  return `${formatShare(weightPpm / 1_000_000)} of users get ${candidate}, the others ${baseline ?? 'none'}.`
}
