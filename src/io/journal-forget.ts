/** What the journal no longer has to know: old releases, and entries that are folded. */
import type { DatabaseSync } from 'node:sqlite'
import type { ReleaseId } from '../record/release-id.ts'
import type { Journal } from './journal.ts'
import { giveBack, inTransaction } from './tables.ts'

/** Entries of no release that stay in any case. */
const LAST = 1000
/** Snapshots that belong to one release which is over. */
const OF_RELEASES = ['over:', 'kept:']

/** As snapshots name a release. */
const keyOf = ({ environment, name }: ReleaseId): string => `${environment}/${name}`

/** Releases that are over, not among `kept`, and began before the state in which these were found. */
function goneOf(db: DatabaseSync, kept: string, folded: number): ReleaseId[] {
  return db
    .prepare(
      `SELECT substr(key, 6) AS name FROM snapshots WHERE substr(key, 1, 5) = 'over:' AND substr(key, 6) NOT IN (SELECT value FROM json_each(?))
        AND substr(key, 6) IN (SELECT environment || '/' || release FROM entries WHERE kind = 'started' AND seq <= ?) ORDER BY key`,
    )
    .all(kept, folded)
    .map((row) => {
      const [environment = '', name = ''] = (row.name as string).split('/')
      return { environment, name }
    })
}

export function forgetting(db: DatabaseSync): Pick<Journal, 'forget'> {
  return {
    forget: (ids, folded, { dry }) => {
      const kept = JSON.stringify(ids.map(keyOf))
      if (dry) return goneOf(db, kept, folded)
      const gone = inTransaction(db, () => {
        const gone = goneOf(db, kept, folded)
        const keys = JSON.stringify(gone.map(keyOf))
        for (const kind of OF_RELEASES)
          db.prepare(
            `DELETE FROM snapshots WHERE substr(key, 1, 5) = ? AND substr(key, 6) IN (SELECT value FROM json_each(?))`,
          ).run(kind, keys)
        db.prepare("DELETE FROM points WHERE environment || '/' || release IN (SELECT value FROM json_each(?))").run(
          keys,
        )
        // The head stays: numbers go on from it.
        db.prepare(
          `DELETE FROM entries WHERE seq <= ? AND seq < (SELECT max(seq) FROM entries) AND CASE release WHEN '' THEN seq <= ?
            ELSE environment || '/' || release NOT IN (SELECT value FROM json_each(?)) END`,
        ).run(folded, folded - LAST, kept)
        return gone
      })
      giveBack(db)
      return gone
    },
  }
}
