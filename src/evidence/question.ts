import type { Evaluator } from '../plan/types.ts'

/** One thing that an evaluator scores: `answer` against `expect`, or against the `other` version's answer. `id` is unique in a question. */
export interface Judged {
  readonly id: string
  readonly request: unknown
  readonly answer: unknown
  readonly expect?: unknown
  readonly other?: unknown
}

/** Items for one evaluator, and what their scores (0..1, in the same order) mean. */
export interface Question<R> {
  readonly evaluator: Evaluator
  readonly items: readonly Judged[]
  read(scores: readonly number[]): R
}
