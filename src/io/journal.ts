/** The journal: an append-only list by compare-and-swap, and snapshots written in the same transaction. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SlipwayError } from '../errors.ts'
import type { JournalRow, NewRow } from '../record/entries.ts'
import type { ReleaseId } from '../record/release-id.ts'
import { forgetting } from './journal-forget.ts'
import { JOURNAL } from './journal-tables.ts'
import { inTransaction, isOlder, type Opener, openTables } from './tables.ts'

export type Snapshots = Readonly<Record<string, unknown>>

/** Counts of one version in one minute, kept for 7 days. */
export interface MinuteRow {
  readonly environment: string
  readonly digest: string
  readonly minute: number
  readonly data: unknown
}

/** One point of a release's timeline. */
export interface PointRow extends ReleaseId {
  readonly at: number
  readonly data: unknown
}

export interface Journal {
  /** Rows after `seq`, at most `limit`, oldest first. */
  read(after: number, limit?: number): JournalRow[]
  readRelease(id: ReleaseId): JournalRow[]
  head(): number
  /**
   * Appends where `expected` is still the head, replaces snapshots (undefined removes one) and adds points; false where it was not.
   * `expected` null: wherever the head is.
   */
  append(rows: readonly NewRow[], expected: number | null, snapshots?: Snapshots, points?: readonly PointRow[]): boolean
  snapshot(key: string): unknown
  snapshotKeys(prefix: string): string[]
  /** The timeline of a release. */
  points(id: ReleaseId): { at: number; data: unknown }[]
  /** Halves the points of a release where there are more than `most`. */
  thinPoints(id: ReleaseId, most: number): void
  addMinutes(rows: readonly MinuteRow[]): void
  minutes(environment: string, since: number): MinuteRow[]
  forgetMinutes(before: number): void
  /**
   * Forgets releases that are over and not among `kept`, and entries up to `folded` that belong to none of these: their state is in
   * the snapshot of that row. Returns the releases; with `dry` nothing is removed.
   */
  forget(kept: readonly ReleaseId[], folded: number, how: { readonly dry: boolean }): ReleaseId[]
  close(): void
}

/** The journal in SQLite at `path` (mode 0700 folder made where missing). Throws what opening its tables throws. */
export function openJournal(path: string, opener: Opener = { migrates: false }): Journal {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new SlipwayError('PERMISSION', `the journal cannot be opened: ${(cause as Error).message}`, { cause })
  }
  return sqliteJournal(openTables(path, JOURNAL, opener))
}

const fileIn = (stateFolder: string): string => join(stateFolder, 'journal.db')

/** The journal of a state folder. */
export const journalIn = (stateFolder: string, opener?: Opener): Journal => openJournal(fileIn(stateFolder), opener)

/** True where only a host may open it. */
export const olderJournal = (stateFolder: string): boolean => isOlder(fileIn(stateFolder), JOURNAL)

const parse = (row: Record<string, unknown>): JournalRow => ({
  seq: row.seq as number,
  at: row.at as number,
  kind: row.kind as string,
  environment: row.environment as string,
  release: row.release as string,
  data: JSON.parse(row.data as string),
})

function timelines(db: DatabaseSync): Pick<Journal, 'points' | 'thinPoints'> {
  return {
    points: ({ environment, name }) =>
      db
        .prepare('SELECT at, data FROM points WHERE environment = ? AND release = ? ORDER BY at')
        .all(environment, name)
        .map((row) => ({ at: row.at as number, data: JSON.parse(row.data as string) })),
    thinPoints: ({ environment, name }, most) => {
      const { n } = db
        .prepare('SELECT count(*) AS n FROM points WHERE environment = ? AND release = ?')
        .get(environment, name) as { n: number }
      if (n <= most) return
      db.prepare(
        'DELETE FROM points WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, row_number() OVER (ORDER BY at) AS k FROM points WHERE environment = ? AND release = ?) WHERE k % 2 = 0)',
      ).run(environment, name)
    },
  }
}

function minutesOf(db: DatabaseSync): Pick<Journal, 'addMinutes' | 'minutes' | 'forgetMinutes'> {
  return {
    addMinutes: (rows) =>
      inTransaction(db, () => {
        const put = db.prepare(
          'INSERT INTO minutes (environment, digest, minute, data) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data',
        )
        for (const row of rows) put.run(row.environment, row.digest, row.minute, JSON.stringify(row.data))
      }),
    minutes: (environment, since) =>
      db
        .prepare('SELECT * FROM minutes WHERE environment = ? AND minute >= ? ORDER BY minute')
        .all(environment, since)
        .map((row) => ({
          environment,
          digest: row.digest as string,
          minute: row.minute as number,
          data: JSON.parse(row.data as string),
        })),
    forgetMinutes: (before) => {
      db.prepare('DELETE FROM minutes WHERE minute < ?').run(before)
    },
  }
}

function sqliteJournal(db: DatabaseSync): Journal {
  const headOf = db.prepare('SELECT coalesce(max(seq), 0) AS head FROM entries')
  const insert = db.prepare('INSERT INTO entries (seq, at, kind, environment, release, data) VALUES (?, ?, ?, ?, ?, ?)')
  const keep = db.prepare(
    'INSERT INTO snapshots (key, data) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data',
  )
  const drop = db.prepare('DELETE FROM snapshots WHERE key = ?')
  const mark = db.prepare('INSERT INTO points (environment, release, at, data) VALUES (?, ?, ?, ?)')
  const after = db.prepare('SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ?')
  const head = () => (headOf.get() as { head: number }).head
  return {
    head,
    read: (seq, limit = 100_000) => after.all(seq, limit).map(parse),
    readRelease: ({ environment, name }) =>
      db
        .prepare('SELECT * FROM entries WHERE environment = ? AND release = ? ORDER BY seq')
        .all(environment, name)
        .map(parse),
    append: (rows, expected, snapshots = {}, points = []) =>
      inTransaction(db, () => {
        let seq = head()
        if (expected !== null && seq !== expected) return false
        for (const row of rows)
          insert.run(++seq, row.at, row.kind, row.environment, row.release, JSON.stringify(row.data ?? null))
        for (const [key, value] of Object.entries(snapshots)) {
          if (value === undefined) drop.run(key)
          else keep.run(key, JSON.stringify(value))
        }
        for (const { environment, name, at, data } of points) mark.run(environment, name, at, JSON.stringify(data))
        return true
      }),
    snapshot: (key) => {
      const row = db.prepare('SELECT data FROM snapshots WHERE key = ?').get(key)
      return row ? JSON.parse(row.data as string) : undefined
    },
    snapshotKeys: (prefix) =>
      db
        .prepare('SELECT key FROM snapshots WHERE substr(key, 1, ?) = ? ORDER BY key')
        .all(prefix.length, prefix)
        .map((row) => row.key as string),
    ...timelines(db),
    ...minutesOf(db),
    ...forgetting(db),
    close: () => db.close(),
  }
}

/** The same in memory. */
export function memoryJournal(): Journal {
  const db = new DatabaseSync(':memory:')
  db.exec(JOURNAL.schema)
  return sqliteJournal(db)
}
