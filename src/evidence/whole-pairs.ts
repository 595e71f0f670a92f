/** Whole answers of both versions to one request, for reports (`evaluation.keepAnswers`): those that disagree come first. */
import { canonicalJson } from '../kit/json.ts'
import { sameMembers } from './examples.ts'
import type { AnswerRecord, WholeAnswer } from './types.ts'

export interface WholePair {
  readonly id: string
  /** Wall ms. */
  readonly at: number
  /** The values at the answer pointer differ; without a pointer the whole answers. */
  readonly differ: boolean
  /** What the user got; null: no text or JSON. */
  readonly baseline: WholeAnswer | null
  /** The candidate's copy. */
  readonly candidate: WholeAnswer | null
}
const MOST = 20

/** Do the two values differ? undefined: no value. */
export function valuesDiffer(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a !== b
  return canonicalText(a) !== canonicalText(b)
}

/** Beyond RFC 8785 a value is compared as it is written. */
function canonicalText(value: unknown): string {
  try {
    return canonicalJson(value)
  } catch {
    return JSON.stringify(value)
  }
}

/** The pair of a record; null: it holds no whole answers of both sides' requests. */
function pairOf({ id, at, user, candidateCopy, whole }: AnswerRecord): WholePair | null {
  if (!whole) return null
  const [baseline, candidate] = [whole.user ?? null, whole.candidateCopy ?? null]
  const differ =
    user === undefined && candidateCopy === undefined
      ? baseline?.text !== candidate?.text
      : valuesDiffer(user, candidateCopy)
  return { id, at, differ, baseline, candidate }
}

/** At most 20 of the pairs known and of those in new records: those that disagree first, each kind as it came. */
export function keptPairs(known: readonly WholePair[], records: readonly AnswerRecord[]): readonly WholePair[] {
  const seen = new Set(known.map(({ id }) => id))
  const fresh = records.flatMap((record) => pairOf(record) ?? []).filter(({ id }) => !seen.has(id))
  const all = [...known, ...fresh]
  const now = [...all.filter(({ differ }) => differ), ...all.filter(({ differ }) => !differ)].slice(0, MOST)
  return sameMembers(now, known) ? known : now
}
