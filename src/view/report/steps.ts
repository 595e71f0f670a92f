/** The steps of a release as rows: when each ran, who answered in it, and why it ended. */
import type { Counts } from '../../evidence/types.ts'
import { formatCount } from '../../kit/units.ts'
import { NONE, spokenTime } from '../../record/figures.ts'
import { stepName } from '../../record/sentences.ts'
import type { ReleaseView } from '../../record/types.ts'
import type { Phase } from '../../release/types.ts'

export interface StepRow {
  readonly name: string
  readonly when: string
  readonly baseline: string
  readonly candidate: string
  /** Users' requests that failed, of those. */
  readonly failed: string
  readonly ended: string
}
/** A stretch of the release; ms since its start. */
export interface Stretch {
  readonly kind: 'start' | 'step' | 'watch' | 'end'
  /** Index of the step; -1: before the first, or after the last. */
  readonly step: number
  readonly from: number
  readonly to: number
}

const KIND: Readonly<Record<Phase, Stretch['kind']>> = {
  start: 'start',
  sets: 'start',
  steps: 'step',
  swap: 'step',
  watch: 'watch',
  end: 'end',
  'keep-warm': 'end',
  drain: 'end',
  over: 'end',
}

/** Stretches of the release, from the timeline. */
export function stretches(view: ReleaseView): Stretch[] {
  const found: Stretch[] = []
  const end = (view.endedAt ?? view.now) - view.startedAt
  for (const point of view.timeline) {
    const kind = KIND[point.phase]
    const step = kind === 'step' ? point.step : kind === 'watch' ? view.plan.steps.length - 1 : -1
    const at = Math.max(0, point.at - view.startedAt)
    const last = found.at(-1)
    if (last?.step === step && last.kind === kind) continue
    if (last) found[found.length - 1] = { ...last, to: at }
    // What came before the first look was the start.
    else if (kind !== 'start' && at > 0) found.push({ kind: 'start', step: -1, from: 0, to: at })
    found.push({ kind, step, from: found.length > 0 ? at : 0, to: end })
  }
  return found
}

const NOT_SEEN = { baseline: NONE, candidate: NONE, failed: NONE }

/** Of the gate that counts every judged request. */
const errorsOf = (view: ReleaseView) => view.gates.find(({ plan }) => plan.kind === 'errors')

const badOf = (counts: Counts): number => (counts.kind === 'pairs' ? counts.x01 + counts.x11 : counts.xb + counts.xc)

/** What users saw fail that is in no step's column; null: nothing, or it is not known. */
export function uncountedSentence(view: ReleaseView): string | null {
  const errors = errorsOf(view)
  if (!errors) return null
  const counted = errors.steps.reduce((sum, { counts }) => sum + badOf(counts), 0)
  const more = view.requests.failed - counted
  if (more <= 0) return null
  return `${formatCount(more)} more of the ${formatCount(view.requests.failed)} failed requests count for no step: they came before the first one, while a version had no ready server and nothing was compared, were refused, or are not what ${errors.plan.name} counts.`
}

/** What a step answered, and how many of the users' requests failed, by the gate that counts every judged request. */
function answered(view: ReleaseView, step: number): Pick<StepRow, 'baseline' | 'candidate' | 'failed'> {
  const errors = errorsOf(view)
  const counts = (errors ?? view.gates[0])?.steps.find((s) => s.step === step)?.counts
  if (!counts) return NOT_SEEN
  const failed = (bad: number) => (errors ? formatCount(bad) : NONE)
  if (counts.kind === 'pairs') {
    const { n } = counts
    // Users had the baseline's answers.
    return { baseline: formatCount(n), candidate: `0 (${formatCount(n)} copies)`, failed: failed(badOf(counts)) }
  }
  const { nb, nc } = counts
  return { baseline: nb === 0 ? NONE : formatCount(nb), candidate: formatCount(nc), failed: failed(badOf(counts)) }
}

function endedBecause(view: ReleaseView, shadow: boolean, last: boolean): string {
  if (!last) return shadow ? 'time and pairs reached, no gate in doubt' : 'its time over, no gate in doubt'
  if (view.outcome === null) return view.status === 'held' ? 'held' : 'still runs'
  if (view.outcome === 'promoted') return 'promoted'
  const { cause } = view
  if (cause?.kind === 'gate') return `${cause.gate} failed; users taken back`
  if (cause?.kind === 'version') return 'the version does not work; users taken back'
  return `${view.outcome}; users taken back`
}

/** One row a step of the plan; those not reached say so. */
export function stepRows(view: ReleaseView): StepRow[] {
  const ran = stretches(view).filter(({ step }) => step >= 0)
  const last = ran.at(-1)
  return view.plan.steps.map((step, i) => {
    const mine = ran.filter((s) => s.step === i)
    const name = stepName(step)
    if (mine.length === 0) return { name, when: NONE, ...NOT_SEEN, ended: 'not reached' }
    const [from, to] = [mine[0]!.from, mine.at(-1)!.to]
    const ended = endedBecause(view, step.kind === 'shadow', mine.at(-1) === last)
    return { name, when: `${spokenTime(from)} to ${spokenTime(to)}`, ...answered(view, i), ended }
  })
}
