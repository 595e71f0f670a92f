/** What an evaluation came to. */
import * as z from 'zod/mini'
import { outputOf } from '../config/json-schema.ts'
import type { Exit } from '../errors.ts'

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
  would: about(z.nullable(z.string()), 'With --dry-run: what would be asked; else null.'),
  undo: about(
    z.nullable(z.string()),
    'The command that takes the report away; null: none was written, or one was replaced.',
  ),
})
export type Evaluated = Omit<z.output<typeof evaluatedSchema>, '$schema'>
export type EvaluatedSet = Evaluated['sets'][number]
export type Verdict = NonNullable<Evaluated['verdict']>

const ORDER: readonly Verdict[] = ['fail', 'inconclusive', 'pass']
export const worstVerdict = (verdicts: readonly (Verdict | null)[]): Verdict | null =>
  ORDER.find((one) => verdicts.includes(one)) ?? null
export const exitOfVerdict = (worst: Verdict | null): Exit => (worst === 'fail' ? 3 : worst === 'inconclusive' ? 7 : 0)
