/** One set judged as its gate would judge it. */
import type { EnvironmentConfig, GateConfig } from '../config/types.ts'
import { type LineAnswer, setQuestion } from '../evidence/set-answers.ts'
import type { SetLine } from '../evidence/sets.ts'
import { judgeSetAlone } from '../gates/golden.ts'
import type { Evaluator, ReleasePlan } from '../plan/types.ts'
import type { EvaluatedSet } from './eval-result.ts'

/** The gate of an environment that names the set, or what stands for one. */
export function gateFor(environment: EnvironmentConfig, set: string, evaluator: Evaluator): SetGate {
  type Quality = Extract<GateConfig, { kind: 'quality' }>
  const named = (environment.release.gates ?? []).find(
    (gate): gate is Quality => gate.kind === 'quality' && 'set' in gate.source && gate.source.set === set,
  )
  return {
    evaluator: named?.evaluator ?? evaluator,
    margin: named?.margin ?? DEFAULT_MARGIN,
    min: named?.min ?? null,
    alpha: environment.release.alpha,
  }
}
export interface SetGate {
  readonly evaluator: Evaluator
  readonly margin: number
  readonly min: number | null
  readonly alpha: number
}
const DEFAULT_MARGIN = 0.03
const SHOWN = 20

type Gates = Pick<ReleasePlan, 'gates'>
const asPlan = (set: string, { evaluator, margin, min }: SetGate): Gates => ({
  gates: [
    { kind: 'quality', name: set, decides: true, waived: null, margin, ratio: 1, source: { set }, evaluator, min },
  ],
})

/** Judges the answers to one set. Throws EVALUATOR_FAILED, from `score`. */
export async function evaluatedOf(
  set: string,
  gate: SetGate,
  lines: readonly SetLine[],
  candidate: readonly LineAnswer[],
  baseline: readonly LineAnswer[] | null,
  score: (evaluator: Evaluator, items: ReturnType<typeof setQuestion>['items']) => Promise<readonly number[]>,
): Promise<EvaluatedSet> {
  const question = setQuestion(asPlan(set, gate), set, lines, candidate, baseline)
  const scores = await score(question.evaluator, question.items)
  const { counts, newlyWrong, newlyRight, unanswered } = question.read(scores)
  const byId = new Map(question.items.map(({ id }, i) => [id, scores[i]!]))
  const scored = lines.map((line, i) => ({
    id: line.id,
    expect: line.expect ?? null,
    baseline: baseline?.[i]?.value ?? null,
    candidate: candidate[i]?.value ?? null,
    score: byId.get(`${line.id} candidate`) ?? 0,
    other: byId.get(`${line.id} baseline`) ?? 0,
  }))
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  return {
    name: set,
    lines: lines.length,
    answered: candidate.filter((answer) => answer.value !== undefined).length,
    score: sum(scored.map((one) => one.score)),
    baselineScore: baseline === null ? null : sum(scored.map((one) => one.other)),
    margin: baseline === null ? null : gate.margin,
    min: gate.min,
    verdict: judgeSetAlone(counts, gate),
    unanswered,
    worst: scored
      .filter((one) => one.score < 1)
      .sort((a, b) => a.score - b.score)
      .slice(0, SHOWN)
      .map(({ score: _, other: __, ...shown }) => shown),
    newlyWrong: [...newlyWrong],
    newlyRight: [...newlyRight],
  }
}
