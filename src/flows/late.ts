/** Labels that came after a release had ended: shown in its report, and without a say in its verdict. */
import { SlipwayError } from '../errors.ts'
import { evaluatorKind, scoresOf } from '../evidence/evaluators/index.ts'
import type { Judged } from '../evidence/question.ts'
import type { Joined } from '../io/answers.ts'
import type { PlanGate } from '../plan/types.ts'
import { type ReleaseId, releaseKey } from '../record/release-id.ts'
import type { LateLabels, ReleaseView } from '../record/types.ts'
import type { Project } from './project.ts'

/** So many of the newest labels are looked at. */
const MOST_ROWS = 5000

type QualityGate = Extract<PlanGate, { kind: 'quality' }>

/** An answer that the evaluator cannot judge leaves the shares unknown; a report is no place to fail for it. */
function known<T>(scores: () => T): T | null {
  try {
    return scores()
  } catch (error) {
    if (error instanceof SlipwayError) return null
    throw error
  }
}

/** What they say of a gate; null: none of them tells it anything. A command is not run for it: shares are not known then. */
function lateOf({ evaluator }: QualityGate, rows: readonly Joined[]): LateLabels | null {
  const { unfit } = evaluatorKind(evaluator.kind)
  const items: Judged[] = []
  const sides: ('candidate' | 'baseline')[] = []
  let labels = 0
  for (const { answer, label } of rows) {
    if (answer.warmup || unfit(label) !== null) continue
    const candidate = answer.arm === 'candidate' ? answer.user : answer.candidateCopy
    const baseline = answer.arm === 'baseline' ? answer.user : undefined
    if (candidate === undefined && baseline === undefined) continue
    labels++
    for (const [side, value] of [['candidate', candidate] as const, ['baseline', baseline] as const]) {
      if (value === undefined) continue
      items.push({ id: `${answer.id} ${side}`, request: null, answer: value, expect: label })
      sides.push(side)
    }
  }
  if (labels === 0) return null
  const scores = known(() => scoresOf(evaluator, items))
  const share = (side: 'candidate' | 'baseline'): number | null => {
    const mine = scores?.filter((_, i) => sides[i] === side) ?? []
    return mine.length === 0 ? null : 1 - mine.reduce((sum, score) => sum + score, 0) / mine.length
  }
  return { labels, atLeast: rows.length === MOST_ROWS, candidate: share('candidate'), baseline: share('baseline') }
}

/** The view of a release that has ended, with what labels said of it later. */
export function withLate({ answers }: Pick<Project, 'answers'>, id: ReleaseId, view: ReleaseView): ReleaseView {
  const { endedAt } = view
  const asked = view.gates.some(({ plan }) => plan.kind === 'quality' && 'labels' in plan.source)
  if (endedAt === null || !asked) return view
  const rows = answers.newestJoined(releaseKey(id), MOST_ROWS).filter(({ labelledAt }) => labelledAt > endedAt)
  if (rows.length === 0) return view
  const gates = view.gates.map((gate) => {
    const { plan } = gate
    const late = plan.kind === 'quality' && 'labels' in plan.source ? lateOf(plan, rows) : null
    return late === null ? gate : { ...gate, late }
  })
  return { ...view, gates }
}
