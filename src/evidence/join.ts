/** Labels joined to answers, copies compared with copies: what evaluators are asked, and the blocks that their scores make. */
import { shorten } from '../kit/text.ts'
import type { PlanGate, ReleasePlan } from '../plan/types.ts'
import { armsOf, pairsOf } from './blocks.ts'
import { evaluatorKind } from './evaluators/index.ts'
import type { Changed } from './examples.ts'
import type { Judged, Question } from './question.ts'
import { type LabelShare, sharesFault } from './shares.ts'
import type { AnswerRecord, Evidence } from './types.ts'

export type { Judged, Question } from './question.ts'

/** An answer whose label has come, the first of its id. Times are wall ms. */
export interface LabelledAnswer {
  readonly answer: AnswerRecord
  readonly label: unknown
  readonly labelledAt: number
}
type QualityGate = Extract<PlanGate, { kind: 'quality' }>
type AgreementGate = Extract<PlanGate, { kind: 'agreement' }>

/** How a step's answers are compared: pairs of one request, two arms, or the candidate alone. */
const comparison = (plan: ReleasePlan, step: number): 'pairs' | 'arms' | 'alone' | null => {
  const kind = plan.steps[step]?.kind
  return kind === 'shadow' ? 'pairs' : kind === 'canary' ? 'arms' : kind === undefined ? null : 'alone'
}

/** Bad shares of one joined answer: candidate's and baseline's; null: that version did not answer it. */
interface Counted {
  readonly id: string
  readonly step: number
  readonly candidate: number | null
  readonly baseline: number | null
}

/**
 * Newly joined labels of a quality gate. In shadow the user's answer is paired with the candidate's copy; in a canary each
 * answer counts for its arm; later the candidate counts alone. Not counted: warm-up, labels that came after `labels.arriveMs`,
 * a second label of an id, a label that the evaluator cannot use, and pairs of which one side gave no value (the errors gate counts those).
 * Evidence goes to the gate and to the `labels-min` gate made of it. `shares` of all answers so far: where the arms' labelled
 * shares differ by more than chance, the step's counts wait in an unsure fault. Pairs of which one side is better come too.
 */
export function labelQuestion(
  plan: ReleasePlan,
  gate: QualityGate,
  rows: readonly LabelledAnswer[],
  shares: readonly LabelShare[],
): Question<{ evidence: Evidence[]; changed: Changed[] }> {
  const items: Judged[] = []
  const places: { id: string; step: number; candidate: number | null; baseline: number | null }[] = []
  const seen = new Set<string>()
  const { unfit } = evaluatorKind(gate.evaluator.kind)
  for (const { answer, label, labelledAt } of rows) {
    if (answer.warmup || seen.has(answer.id) || labelledAt - answer.at > plan.labels.arriveMs) continue
    if (unfit(label) !== null) continue
    const how = comparison(plan, answer.step)
    const sides = how && sidesOf(answer, how)
    if (!sides) continue
    seen.add(answer.id)
    const place = (side: 'candidate' | 'baseline'): number | null => {
      const value = sides[side]
      if (value === undefined) return null
      return items.push({ id: `${answer.id} ${side}`, request: null, answer: value, expect: label }) - 1
    }
    places.push({ id: answer.id, step: answer.step, candidate: place('candidate'), baseline: place('baseline') })
  }
  return {
    evaluator: gate.evaluator,
    items,
    read(scores) {
      const bad = (at: number | null): number | null => (at === null ? null : 1 - scores[at]!)
      const counted = places.map((p) => ({ ...p, candidate: bad(p.candidate), baseline: bad(p.baseline) }))
      return { evidence: blocksOf(plan, gate.name, counted, shares), changed: changedOf(rows, counted) }
    },
  }
}

/** Longest value of an example, as JSON; a longer one is cut, as text. */
const LONGEST = 4000
const short = (value: unknown): unknown => {
  const text = JSON.stringify(value) ?? 'null'
  return text.length > LONGEST ? shorten(text, LONGEST) : (value ?? null)
}

/** Pairs whose answers are not equally good. */
function changedOf(rows: readonly LabelledAnswer[], all: readonly Counted[]): Changed[] {
  const known = new Map(rows.map((row) => [row.answer.id, row]))
  return all.flatMap(({ id, candidate, baseline }) => {
    if (candidate === null || baseline === null || candidate === baseline) return []
    const { answer, label } = known.get(id)!
    const example = { id, expect: short(label), baseline: short(answer.user), candidate: short(answer.candidateCopy) }
    return [{ by: baseline - candidate, example }]
  })
}

/** Values to be judged; null: this answer is none of the comparison's. */
function sidesOf(
  answer: AnswerRecord,
  how: 'pairs' | 'arms' | 'alone',
): { candidate: unknown; baseline: unknown } | null {
  if (how === 'pairs') {
    const [candidate, baseline] = [answer.candidateCopy, answer.user]
    return candidate === undefined || baseline === undefined ? null : { candidate, baseline }
  }
  if (answer.user === undefined || (how === 'alone' && answer.arm === 'baseline')) return null
  return answer.arm === 'candidate'
    ? { candidate: answer.user, baseline: undefined }
    : { candidate: undefined, baseline: answer.user }
}

/** A quality gate of labels and the `labels-min` gates made of it. */
const fedBy = (plan: ReleasePlan, name: string): string[] => [
  name,
  ...plan.gates.flatMap((g) => (g.kind === 'labels-min' && g.of === name ? [g.name] : [])),
]

const unlike = (plan: ReleasePlan, shares: readonly LabelShare[]): string | null =>
  sharesFault(shares.filter(({ step }) => comparison(plan, step) === 'arms'))

/**
 * Counts that waited because the arms were labelled unlike: blocks of nothing, to which they join, once the arms are alike by
 * the answers that came since. `waits`: steps of which a gate's counts wait.
 */
export function joinedLate(
  plan: ReleasePlan,
  gate: QualityGate,
  waits: (gate: string) => readonly number[],
  shares: () => readonly LabelShare[],
): Evidence[] {
  const late = fedBy(plan, gate.name).flatMap((name) =>
    waits(name)
      .filter((step) => comparison(plan, step) === 'arms')
      .map((step) => ({ gate: name, step, block: armsOf([], []) })),
  )
  return late.length === 0 || unlike(plan, shares()) !== null ? [] : late
}

function blocksOf(plan: ReleasePlan, name: string, all: readonly Counted[], shares: readonly LabelShare[]): Evidence[] {
  const gates = fedBy(plan, name)
  const fault = unlike(plan, shares)
  const evidence: Evidence[] = []
  for (const step of new Set(all.map((c) => c.step))) {
    const mine = all.filter((c) => c.step === step)
    const how = comparison(plan, step)
    const counts =
      how === 'pairs'
        ? pairsOf(mine.map((c) => [c.candidate!, c.baseline!]))
        : armsOf(
            mine.flatMap((c) => c.candidate ?? []),
            mine.flatMap((c) => c.baseline ?? []),
          )
    const block = how === 'arms' && fault !== null ? { error: fault, unsure: true as const, counts } : counts
    for (const gate of gates) evidence.push({ gate, step, block })
  }
  return evidence
}

/** How often the baseline differed from itself, over the whole release: sum of bad shares, and pairs. */
export interface Noise {
  readonly bad: number
  readonly pairs: number
}
const MOST_NOISE = 0.5
/** Below this many pairs the noise is not yet judged. */
const FEW_PAIRS = 20

/**
 * Copies compared with copies, in shadow: bad for the candidate is that its copy differs from the baseline's copy; bad for the
 * baseline is that its copy differs from its own answer to the user (noise). Where the noise so far lies above 50 %, the block
 * is replaced by an unsure fault. Keep the noise that comes back and pass it to the next question.
 */
export function agreementQuestion(
  plan: ReleasePlan,
  gate: AgreementGate,
  answers: readonly AnswerRecord[],
  noise: Noise,
): Question<{ evidence: Evidence[]; noise: Noise }> {
  const items: Judged[] = []
  const steps: number[] = []
  for (const { id, step, warmup, user, candidateCopy, baselineCopy } of answers) {
    if (warmup || comparison(plan, step) !== 'pairs') continue
    if (user === undefined || candidateCopy === undefined || baselineCopy === undefined) continue
    steps.push(step)
    items.push({ id: `${id} candidate`, request: null, answer: candidateCopy, other: baselineCopy })
    items.push({ id: `${id} noise`, request: null, answer: baselineCopy, other: user })
  }
  return {
    evaluator: gate.evaluator,
    items,
    read(scores) {
      const pairs = steps.map((_, i) => [1 - scores[2 * i]!, 1 - scores[2 * i + 1]!] as const)
      const after = {
        bad: pairs.reduce((sum, [, baseline]) => sum + baseline, noise.bad),
        pairs: noise.pairs + pairs.length,
      }
      if (pairs.length === 0) return { evidence: [], noise: after }
      const share = after.bad / after.pairs
      const noisy = after.pairs >= FEW_PAIRS && share > MOST_NOISE
      const block = noisy
        ? {
            error: `the baseline itself answers ${Math.round(share * 100)} % of repeated requests differently`,
            unsure: true as const,
          }
        : pairsOf(pairs)
      return { evidence: [{ gate: gate.name, step: steps[0]!, block }], noise: after }
    },
  }
}
