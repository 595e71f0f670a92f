import type { Evaluator } from '../../plan/types.ts'

/** A way to score an answer. A new one is one file with such a value and one line in index.ts. */
export interface EvaluatorKind<E extends Evaluator = Evaluator> {
  readonly kind: E['kind']
  /** Why a set's or label's `expect` cannot be used (one clause), or null. undefined: the line has none. */
  unfit(expect: unknown): string | null
  /**
   * Score 0..1 of an answer, or why none can be given: a fault of the expectation, never of the answer.
   * null: the kind is no function of ours (a command scores outside).
   */
  readonly score: ((answer: unknown, expect: unknown, evaluator: E) => number | { readonly fault: string }) | null
}

export const missing = (expect: unknown): string | null => (expect === undefined ? 'is missing' : null)

/** Text of an answer: a string as it is, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
