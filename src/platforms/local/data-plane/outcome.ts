/** How one request to a server ended. */
import type { AnswerClass, WholeAnswer } from '../../../evidence/types.ts'

/** What a server did with a request, or with a copy of it. */
export interface Outcome {
  /** null: nobody's, a caller hung up. */
  readonly class: AnswerClass | null
  /** null without an answer. */
  readonly status: number | null
  /** Value at the answer pointer; undefined: none. */
  readonly value: unknown
  /** The answer itself, where orders keep it. */
  readonly whole?: WholeAnswer | undefined
  /** ms since the request was sent; null where no first byte, or no end, came. */
  readonly firstByteMs: number | null
  readonly totalMs: number | null
}

/** Class of a whole answer by its status alone. */
export function classOf(status: number): AnswerClass {
  if (status < 300) return '2xx'
  if (status < 400) return '3xx'
  return status < 500 ? '4xx' : '5xx'
}

/** True where the server answered nothing whole: evidence even in a warm-up. */
export const isFault = (answer: AnswerClass): boolean => answer === 'timeout' || answer === 'reset'
