/** SQLite files of a project, and the tables of the journal with their versions. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { SlipwayError } from '../errors.ts'

/** Version of the tables; an older slipway refuses a newer journal. */
export const JOURNAL_VERSION = 2

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, environment TEXT NOT NULL, release TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_of ON entries (environment, release, seq);
CREATE TABLE IF NOT EXISTS snapshots (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS points (release TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, environment TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS points_of ON points (environment, release, at);
CREATE TABLE IF NOT EXISTS minutes (environment TEXT NOT NULL, digest TEXT NOT NULL, minute INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (environment, digest, minute));
`

/** From version 1: releases were known by their name alone, and all of them by the same key. What was folded is folded anew. */
const BY_ENVIRONMENT = `
ALTER TABLE points ADD COLUMN environment TEXT NOT NULL DEFAULT '';
UPDATE points SET environment = coalesce((SELECT e.environment FROM entries e WHERE e.release = points.release AND e.kind = 'started'), '');
UPDATE snapshots SET key = iif(json_extract(data, '$.state.phase') = 'over', 'over:', 'release:')
  || (SELECT e.environment FROM entries e WHERE e.release = substr(key, 9) AND e.kind = 'started') || '/' || substr(key, 9)
  WHERE substr(key, 1, 8) = 'release:' AND EXISTS (SELECT 1 FROM entries e WHERE e.release = substr(key, 9) AND e.kind = 'started');
DELETE FROM snapshots WHERE key = 'fold';
DROP INDEX entries_release;
DROP INDEX points_release;
`

const BUSY_MS = 10_000

/** Opens a SQLite file with a durable commit each: WAL, synchronous FULL. What is deleted from it can be given back to the disk. */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS })
  db.exec(
    'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;',
  )
  return db
}

/** Runs `work` in one write transaction. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

/** Gives free pages of 4 KiB back to the disk, at most so many. */
export function giveBack(db: DatabaseSync, most = Number.MAX_SAFE_INTEGER): void {
  const { freelist_count: free } = db.prepare('PRAGMA freelist_count').get() as { freelist_count: number }
  if (free > 0) db.exec(`PRAGMA incremental_vacuum(${Math.min(free, most)})`)
}

const versionOf = (db: DatabaseSync): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** Brings the tables of the journal at `path` to this version; a copy of an older one stays beside it. Throws JOURNAL_NEWER. */
export function migrate(db: DatabaseSync, path: string): void {
  const found = versionOf(db)
  if (found > JOURNAL_VERSION)
    throw new SlipwayError(
      'JOURNAL_NEWER',
      `the journal has version ${found}; this slipway knows up to ${JOURNAL_VERSION}`,
    )
  if (found === JOURNAL_VERSION) return
  const copy = `${path}.v${found}`
  if (found > 0 && !existsSync(copy)) db.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`)
  // A file that gives nothing back learns it only as a whole.
  if (found === 1) db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM;')
  inTransaction(db, () => {
    // Another process may have been here meanwhile.
    const now = versionOf(db)
    if (now === 1) db.exec(BY_ENVIRONMENT)
    if (now < JOURNAL_VERSION) db.exec(`${SCHEMA} PRAGMA user_version = ${JOURNAL_VERSION};`)
  })
}
