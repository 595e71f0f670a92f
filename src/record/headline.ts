/** Outcome and cause of a release in one sentence. */
import { formatShare } from '../kit/units.ts'
import type { PlanGate } from '../plan/types.ts'
import type { Outcome } from '../release/types.ts'
import { spokenTime } from './figures.ts'
import { causeSentence, stepName } from './sentences.ts'
import type { GateView, ReleaseView } from './types.ts'

const VERB: Readonly<Record<Outcome, string>> = {
  promoted: 'was promoted',
  'rolled-back': 'was taken back',
  aborted: 'was aborted',
  inconclusive: 'was taken back as inconclusive',
}
const OPEN: Readonly<Record<PlanGate['kind'], string>> = {
  errors: 'it fails more often than allowed',
  latency: 'it is slower than allowed',
  quality: 'its answers are worse than allowed',
  'labels-min': 'enough of its answers are right',
  agreement: 'it answers too differently',
}
const PLACE = {
  sets: 'before any user saw it',
  shadow: 'in shadow',
  canary: 'in canary',
  swap: 'in the swap',
  watch: 'in the watch',
} as const

/** Gates that still wait for a pass. */
const openGates = (view: ReleaseView): GateView[] =>
  view.gates.filter(({ plan, numbers }) => plan.decides && numbers.verdict !== 'pass')

function openSentence(view: ReleaseView): string {
  const waiting = openGates(view)
  // Held after the sets: the others were not asked yet.
  const asked = waiting.filter(({ numbers }) => numbers.candidateN > 0)
  const open = asked.length > 0 ? asked : waiting
  if (open.length === 0) return 'the evidence does not decide'
  return `it is still open whether ${open.map(({ plan }) => OPEN[plan.kind]).join(', and whether ')}`
}

function ended(view: ReleaseView, outcome: Outcome): string {
  const took = view.endedAt === null ? '' : ` after ${spokenTime(view.endedAt - view.startedAt)}`
  const where = view.cause?.kind === 'gate' ? ` ${PLACE[view.cause.where]}` : ''
  const numbers = Object.fromEntries(view.gates.map((g) => [g.plan.name, g.numbers]))
  const nobody = outcome !== 'promoted' && view.requests.candidate === 0 ? '; no user was served by it' : ''
  return `${VERB[outcome]}${took}${where}: ${causeSentence(view.plan, view.cause, numbers)}${nobody}`
}

/** "digits v3 was taken back after 9 s in shadow: quality fell from 95.1 % to 80.4 %, more than the 5 pp allowed; no user was served by it" */
export function headline(view: ReleaseView): string {
  const name = `${view.model} ${view.candidate.name}`
  if (view.outcome) return `${name} ${ended(view, view.outcome)}`
  const weight = formatShare(view.weightPpm / 1_000_000, 0)
  if (view.status === 'held') return `${name} is held at ${weight}: ${openSentence(view)}`
  if (view.status === 'paused') return `${name} is paused at ${weight}`
  if (view.phase === 'watch') return `${name} serves everyone and is watched`
  if (view.phase === 'start') return `${name} is starting`
  if (view.phase === 'sets') return `${name} is asked its evaluation sets`
  if (view.phase === 'end') return `${name} is ending: users are being taken to where they stay`
  return `${name} is in ${stepName(view.plan.steps[view.step])}`
}
