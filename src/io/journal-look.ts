/** A journal looked at without taking part in it: nothing is made, migrated or written. */
import { DatabaseSync } from 'node:sqlite'
import type { JournalRow } from '../record/entries.ts'

export interface JournalLook {
  /** Version of its tables. */
  readonly version: number
  /** What SQLite's own check found, or why it cannot be read; null: sound. */
  readonly damage: string | null
  /** Wall clock of the newest entry, ms; null: there is none. */
  readonly lastAt: number | null
  /** The largest step back of the wall clock from one of the last entries to the next, ms. */
  readonly wentBackMs: number
  /** Snapshots by their keys. */
  readonly snapshots: Readonly<Record<string, unknown>>
  /** Entries after the `fold` snapshot, oldest first. */
  readonly since: readonly JournalRow[]
}

/** Entries whose times are compared. */
const COMPARED = 1000
const BUSY_MS = 5000

/** Looks at the journal of this path, which must exist. Never throws: what is wrong is its `damage`. */
export function lookAtJournal(path: string): JournalLook {
  let db: DatabaseSync | null = null
  let version = 0
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
    version = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
    const { quick_check: check } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (check !== 'ok') return broken(version, check)
    const times = db
      .prepare('SELECT at FROM entries ORDER BY seq DESC LIMIT ?')
      .all(COMPARED)
      .map((row) => row.at as number)
    const snapshots = Object.fromEntries(
      db
        .prepare('SELECT key, data FROM snapshots')
        .all()
        .map((row) => [row.key as string, JSON.parse(row.data as string) as unknown]),
    )
    const { seq = 0 } = (snapshots.fold ?? {}) as { readonly seq?: number }
    return {
      version,
      damage: null,
      lastAt: times[0] ?? null,
      wentBackMs: times.reduce((most, at, i) => Math.max(most, (times[i + 1] ?? at) - at), 0),
      snapshots,
      since: db
        .prepare('SELECT * FROM entries WHERE seq > ? ORDER BY seq')
        .all(seq)
        .map((row) => ({ ...row, data: JSON.parse(row.data as string) }) as unknown as JournalRow),
    }
  } catch (error) {
    return broken(version, (error as Error).message)
  } finally {
    db?.close()
  }
}

const broken = (version: number, damage: string): JournalLook => ({
  version,
  damage,
  lastAt: null,
  wentBackMs: 0,
  snapshots: {},
  since: [],
})
