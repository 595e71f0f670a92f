/** An evaluator that needs nothing: equal is good. */
import type { Judged } from '../../src/evidence/join.ts'
import type { Evaluator } from '../../src/plan/types.ts'

export const scoreAll = (_evaluator: Evaluator, items: readonly Judged[]): readonly number[] =>
  items.map((item) => (JSON.stringify(item.answer) === JSON.stringify(item.expect ?? item.other) ? 1 : 0))
