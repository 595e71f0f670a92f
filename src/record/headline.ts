/** Outcome and cause of a release in one sentence. */
import { formatDuration } from '../kit/units.ts'
import type { Outcome } from '../release/types.ts'
import { causeSentence } from './sentences.ts'
import type { ReleaseView } from './types.ts'

const VERB: Readonly<Record<Outcome, string>> = {
  promoted: 'was promoted',
  'rolled-back': 'was taken back',
  aborted: 'was aborted',
  inconclusive: 'was taken back as inconclusive',
}

/** "v3 was taken back after 9s: quality fell from 95.1 % to 80.4 %, more than the 5 pp allowed (in the shadow)" */
export function headline(view: ReleaseView): string {
  const { candidate, outcome } = view
  if (outcome) {
    const took =
      view.endedAt === null
        ? ''
        : ` after ${formatDuration(Math.max(1000, Math.round((view.endedAt - view.startedAt) / 1000) * 1000))}`
    const numbers = Object.fromEntries(view.gates.map((g) => [g.plan.name, g.numbers]))
    return `${candidate.name} ${VERB[outcome]}${took}: ${causeSentence(view.plan, view.cause, numbers)}`
  }
  if (view.status === 'held') return `${candidate.name} is held: the evidence does not decide`
  if (view.status === 'paused') return `${candidate.name} is paused`
  return `${candidate.name} ${view.phase === 'watch' ? 'serves everyone and is watched' : 'is being released'}`
}
