/** Single answers that reports of a release show: a few examples, written when they change, for as long as the release is known. */
import type { Examples } from '../evidence/examples.ts'
import type { WholePair } from '../evidence/whole-pairs.ts'
import { type ReleaseId, releaseKey } from './release-id.ts'

export interface KeptAnswers {
  /** By gate of labels. */
  readonly examples: Readonly<Record<string, Examples>>
  /** With `evaluation.keepAnswers`. */
  readonly pairs: readonly WholePair[]
  /** Answers up to this one were looked at for pairs. */
  readonly upTo: number
}
export const NOTHING_KEPT: KeptAnswers = { examples: {}, pairs: [], upTo: 0 }

/** Key of the snapshot. */
export const keptKey = (id: ReleaseId): string => `kept:${releaseKey(id)}`

export const keptOf = (journal: { snapshot(key: string): unknown }, id: ReleaseId): KeptAnswers =>
  (journal.snapshot(keptKey(id)) as KeptAnswers | undefined) ?? NOTHING_KEPT
