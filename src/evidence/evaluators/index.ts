/** The registry of evaluators: one file and one line each. */
import { SlipwayError } from '../../errors.ts'
import { visible } from '../../kit/text.ts'
import type { Evaluator } from '../../plan/types.ts'
import type { Judged } from '../question.ts'
import { command } from './command.ts'
import { contains } from './contains.ts'
import { exactMatch } from './exact-match.ts'
import { jsonSubset } from './json-subset.ts'
import type { EvaluatorKind } from './kind.ts'
import { numeric } from './numeric.ts'
import { regex } from './regex.ts'

const KINDS = {
  'exact-match': exactMatch,
  contains,
  regex,
  'json-subset': jsonSubset,
  numeric,
  command,
} as const satisfies Readonly<Record<Evaluator['kind'], Pick<EvaluatorKind, 'kind' | 'unfit'>>>

/** A kind of evaluator; CONFIG_INVALID naming the known ones where it is none of them. */
export function evaluatorKind(kind: string): EvaluatorKind {
  if (Object.hasOwn(KINDS, kind)) return KINDS[kind as Evaluator['kind']] as EvaluatorKind
  throw new SlipwayError(
    'CONFIG_INVALID',
    `unknown evaluator ${visible(kind)}; known are ${Object.keys(KINDS).join(', ')}`,
    { next: ['slipway validate'] },
  )
}

/**
 * Scores 0..1 in the order of the items, by an evaluator that is a function of ours; null: it is a command, ask outside.
 * What is compared with is `expect`, or else the other version's answer. EVALUATOR_FAILED at the first item that no score can
 * be given for, naming it.
 */
export function scoresOf(evaluator: Evaluator, items: readonly Judged[]): readonly number[] | null {
  const { score, kind } = evaluatorKind(evaluator.kind)
  if (score === null) return null
  return items.map((item) => {
    const result = scored(() => score(item.answer, 'expect' in item ? item.expect : item.other, evaluator))
    if (typeof result === 'number') return result
    throw new SlipwayError('EVALUATOR_FAILED', `${kind} cannot judge ${visible(item.id)}: ${visible(result.fault)}`)
  })
}

/** An answer nested so deep that comparing it overflows the stack is no right answer to anything that a set could hold. */
function scored<T>(score: () => T): T | 0 {
  try {
    return score()
  } catch (error) {
    if (error instanceof RangeError) return 0
    throw error
  }
}
