import type { Evaluator } from '../../plan/types.ts'
import { type EvaluatorKind, missing } from './kind.ts'

const numberOf = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN

/** 1 where answer and `expect` are numbers (or lists of as many numbers) that differ by at most the tolerance, each. */
export const numeric: EvaluatorKind<Extract<Evaluator, { kind: 'numeric' }>> = {
  kind: 'numeric',
  unfit(expect) {
    const numbers = [expect].flat()
    if (expect === undefined) return missing(expect)
    return numbers.length > 0 && numbers.every((n) => Number.isFinite(numberOf(n)))
      ? null
      : 'numeric wants a number, or a list of numbers'
  },
  score(answer, expect, { tolerance }) {
    const [got, wanted] = [[answer].flat(), [expect].flat()]
    if (got.length !== wanted.length || Array.isArray(answer) !== Array.isArray(expect)) return 0
    // Half a billionth on top: 0.3 - 0.2 is above 0.1 in binary.
    const room = tolerance + 1e-12 * Math.max(1, ...wanted.map((n) => Math.abs(numberOf(n))))
    return wanted.every((n, i) => Math.abs(numberOf(got[i]) - numberOf(n)) <= room) ? 1 : 0
  },
}
