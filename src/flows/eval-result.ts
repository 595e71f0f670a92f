/** What an evaluation came to: one set judged as its gate would judge it. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import type { EnvironmentConfig, GateConfig } from '../config/types.ts'
import type { Exit } from '../errors.ts'
import { type LineAnswer, setQuestion } from '../evidence/set-answers.ts'
import type { SetLine } from '../evidence/sets.ts'
import { judgeSetAlone } from '../gates/golden.ts'
import type { Evaluator, ReleasePlan } from '../plan/types.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string): S => schema.check(z.meta({ description }))
const version = z.strictObject({ digest: z.string(), tag: z.nullable(z.string()) })
const verdict = z.enum(['pass', 'fail', 'inconclusive'])
const example = z.strictObject({
  id: about(z.string(), 'Id of the line.'),
  expect: about(z.unknown(), 'What the line expects; null: nothing.'),
  baseline: about(z.unknown(), "The baseline's answer; null: none."),
  candidate: about(z.unknown(), 'The answer; null: none.'),
})
const examples = (what: string) => about(z.array(example), what)
const evaluatedSet = z.strictObject({
  name: z.string(),
  lines: about(z.int(), 'Lines that were asked.'),
  answered: about(z.int(), 'Lines with a value at the answer pointer.'),
  score: about(
    z.number(),
    'Sum of the scores, each 0 to 1: with an evaluator of yes and no, the lines answered right.',
  ),
  baselineScore: about(z.nullable(z.number()), 'The same of the baseline; null: none was asked.'),
  margin: about(z.nullable(z.number()), 'How much worse than the baseline it may be, 0 to 1; null: no baseline.'),
  min: about(z.nullable(z.number()), 'Share that must be right, 0 to 1; null: none is demanded.'),
  verdict: about(z.nullable(verdict), 'null: there is neither a baseline nor a `min`.'),
  unanswered: about(z.nullable(z.string()), 'The first line without an answer, and why; null: all were answered.'),
  worst: examples('Lines with the lowest scores.'),
  newlyWrong: examples('Lines that the baseline answered better.'),
  newlyRight: examples('Lines that it answers better than the baseline.'),
})
export const evaluatedSchema = outputOf('eval', {
  model: z.string(),
  version,
  baseline: about(z.nullable(version), 'What it was compared with; null: nothing.'),
  sets: z.array(evaluatedSet),
  verdict: about(z.nullable(verdict), 'The worst of the sets.'),
  exit: about(z.int(), 'Exit code.'),
})
export type Evaluated = Omit<z.output<typeof evaluatedSchema>, '$schema'>
export type EvaluatedSet = Evaluated['sets'][number]
export type Verdict = NonNullable<Evaluated['verdict']>

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

const ORDER: readonly Verdict[] = ['fail', 'inconclusive', 'pass']
export const worstVerdict = (verdicts: readonly (Verdict | null)[]): Verdict | null =>
  ORDER.find((one) => verdicts.includes(one)) ?? null
export const exitOfVerdict = (worst: Verdict | null): Exit => (worst === 'fail' ? 3 : worst === 'inconclusive' ? 7 : 0)
