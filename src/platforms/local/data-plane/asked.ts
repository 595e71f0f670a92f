/** What is known of a user's request, and the record that it may leave. */
import type { AnswerRecord } from '../../../evidence/types.ts'
import { canonicalJson } from '../../../kit/json.ts'
import type { Choice, Orders } from './routing.ts'

/** What is known of a request before it is routed. */
export interface Asked {
  readonly id: string
  readonly callerId: string | undefined
  readonly method: string
  readonly target: string
  readonly listed: boolean
  /** Fields without framing, as they go to servers. */
  readonly fields: readonly string[]
  /** Value of the label's key in the body. */
  readonly key: string | undefined
  /** Name of its key of `serving.sticky`; undefined: not judged, or each request for itself. */
  readonly sticky: string | undefined
}

/** The part of a record that is the same with copies and without. */
export function recordOf(at: number, orders: Orders, asked: Asked, choice: Choice): Omit<AnswerRecord, 'user'> {
  return {
    id: asked.id,
    ...(asked.key === undefined ? {} : { key: asked.key }),
    ...(asked.callerId === undefined ? {} : { callerId: asked.callerId }),
    ...(asked.sticky === undefined ? {} : { sticky: asked.sticky }),
    at,
    step: orders.counting?.step ?? -1,
    ...(orders.counting ? { release: orders.counting.release } : {}),
    arm: choice.served,
    digest: choice.version.digest,
  }
}

/** A label's key as text: a string as it is, another JSON value in RFC 8785. */
export const keyText = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : canonicalJson(value)
