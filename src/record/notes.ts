/** Rows of the journal as lines that people read. Pure. */
import type { Entry, JournalRow } from './entries.ts'
import type { NoteView } from './types.ts'

/** True for rows that say something to people. */
export const isNote = (row: JournalRow): boolean =>
  ['started', 'note', 'concluded', 'request', 'quarantine', 'asked'].includes(row.kind)

/** One line of text for a row. */
export function noteOf(row: JournalRow): NoteView {
  const entry = { kind: row.kind, data: row.data } as Entry
  const at = row.at
  switch (entry.kind) {
    case 'started':
      return {
        at,
        what: 'started',
        text: `${row.release} started by ${entry.data.by}, plan ${entry.data.planHash.slice(0, 12)}`,
      }
    case 'note':
      return { at, what: entry.data.what, text: entry.data.text }
    case 'concluded':
      return { at, what: 'concluded', text: `${row.release} is over: ${entry.data.outcome}` }
    case 'request':
      return {
        at,
        what: 'person',
        text: `${entry.data.by} asks: ${entry.data.verb}${'reason' in entry.data && entry.data.reason ? ` (${entry.data.reason})` : ''}`,
      }
    case 'quarantine':
      return {
        at,
        what: 'verdict',
        text: `${entry.data.tag ?? entry.data.digest} is quarantined: ${entry.data.reason}`,
      }
    case 'asked':
      return {
        at,
        what: 'verdict',
        text: `the set ${entry.data.set} was asked: ${entry.data.lines} lines, ${entry.data.newlyWrong.length} newly wrong`,
      }
    default:
      return { at, what: 'host', text: row.kind }
  }
}
