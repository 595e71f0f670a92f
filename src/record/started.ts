/** The row that a release began with. */
import type { Entry, JournalRow } from './entries.ts'
import type { ReleaseId } from './release-id.ts'

export type Started = Extract<Entry, { kind: 'started' }>['data']

/** Of the rows of one release; undefined: they were removed. */
export const startedOf = (rows: readonly JournalRow[]): Started | undefined =>
  rows.find((row) => row.kind === 'started')?.data as Started | undefined

/** The same from the journal. */
export const readStarted = (
  journal: { readRelease(id: ReleaseId): readonly JournalRow[] },
  id: ReleaseId,
): Started | undefined => startedOf(journal.readRelease(id))
