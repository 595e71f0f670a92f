/** SQLite files of a project, and how their tables get from one version to the next. */
import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SlipwayError } from '../errors.ts'

/** The tables of one file. */
export interface Tables {
  readonly version: number
  /** One that every version has. */
  readonly table: string
  readonly schema: string
  /** From an older version; runs in the transaction. `path`: of the file. */
  migrate(db: DatabaseSync, found: number, path: string): void
}
/** Who opens it: only the host, which holds the lock of its project, brings older tables to this version. */
export interface Opener {
  readonly migrates: boolean
}

const BUSY_MS = 10_000

/** Opens a SQLite file with a durable commit each: WAL, synchronous FULL. What is deleted from it can be given back to the disk. */
function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_MS })
  try {
    db.exec(
      'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;',
    )
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Runs `work` in one write transaction; nothing of it stays where it throws. NO_SPACE where the disk is full. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  try {
    db.exec('BEGIN IMMEDIATE')
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    try {
      // A full disk has ended it already.
      if (db.isTransaction) db.exec('ROLLBACK')
    } catch {
      // What went wrong first is what is told.
    }
    throw kindOf(error) === 'NO_SPACE' ? fault(`${basename(db.location() ?? '')} cannot be written`, error) : error
  }
}

/** Gives free pages of 4 KiB back to the disk, at most so many. */
export function giveBack(db: DatabaseSync, most = Number.MAX_SAFE_INTEGER): void {
  const { freelist_count: free } = db.prepare('PRAGMA freelist_count').get() as { freelist_count: number }
  if (free > 0) db.exec(`PRAGMA incremental_vacuum(${Math.min(free, most)})`)
}

/** Version of the tables in a file; null: it has none yet. Files of before versions were written have 0. */
function versionIn(db: DatabaseSync, table: string): number | null {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  const made = version > 0 || db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table)
  return made ? version : null
}

/** Where SQLite keeps user_version in the head of a file: 4 bytes, big-endian. */
const VERSION_AT = 60

/** Are the tables of a file of an older version? Most files tell by their head, so that SQLite is not even loaded with them. */
export function isOlder(path: string, { version, table }: Tables): boolean {
  let file: number | null = null
  let db: DatabaseSync | null = null
  try {
    if (!existsSync(path)) return false
    file = openSync(path, 'r')
    const head = Buffer.alloc(4)
    if (readSync(file, head, 0, 4, VERSION_AT) < 4 || head.readUInt32BE(0) >= version) return false
    // The newest may still stand beside the file, in its log.
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
    const found = versionIn(db, table)
    return found !== null && found < version
  } catch {
    // Whoever opens it is told what is wrong.
    return false
  } finally {
    db?.close()
    if (file !== null) closeSync(file)
  }
}

function syncPath(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A copy beside the file, whole or not at all. */
function copyOnce(db: DatabaseSync, path: string, found: number): void {
  const copy = `${path}.v${found}`
  if (existsSync(copy)) return
  const draft = `${copy}.part`
  rmSync(draft, { force: true })
  db.exec(`VACUUM INTO '${draft.replaceAll("'", "''")}'`)
  syncPath(draft)
  renameSync(draft, copy)
  syncPath(dirname(copy))
}

/** SQLITE_CORRUPT, SQLITE_NOTADB: damage; SQLITE_FULL, SQLITE_IOERR_SHMSIZE: no space. */
const CODES: Readonly<Record<number, 'JOURNAL_DAMAGED' | 'NO_SPACE'>> = {
  11: 'JOURNAL_DAMAGED',
  13: 'NO_SPACE',
  26: 'JOURNAL_DAMAGED',
  4874: 'NO_SPACE',
}

/** Undefined: nothing that has a kind of its own. */
function kindOf(error: unknown): 'JOURNAL_DAMAGED' | 'NO_SPACE' | undefined {
  const { errcode = 0, code } = error as { readonly errcode?: number; readonly code?: string }
  return CODES[errcode] ?? CODES[errcode & 0xff] ?? (code === 'ENOSPC' ? 'NO_SPACE' : undefined)
}

/** What SQLite or the file system says of a file, as an error of ours. */
function fault(what: string, error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error
  const text = `${what}: ${(error as Error).message}`
  return new SlipwayError(kindOf(error) ?? 'PERMISSION', text, { next: ['slipway doctor'], cause: error })
}

function bring(db: DatabaseSync, path: string, tables: Tables, { migrates }: Opener): void {
  const { version, table, schema } = tables
  const name = basename(path)
  const found = versionIn(db, table)
  if (found !== null && found > version)
    throw new SlipwayError('JOURNAL_NEWER', `${name} has version ${found}; this slipway knows up to ${version}`)
  if (found === version) return
  if (found !== null && !migrates)
    throw new SlipwayError(
      'HOST_ELSEWHERE',
      `${name} has version ${found}, and the host has not brought it to ${version}`,
      {
        next: ['slipway local logs host'],
      },
    )
  if (found !== null) {
    copyOnce(db, path, found)
    // A file that gives nothing back learns it only as a whole.
    const { auto_vacuum: vacuum } = db.prepare('PRAGMA auto_vacuum').get() as { auto_vacuum: number }
    if (vacuum !== 2) db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM;')
  }
  inTransaction(db, () => {
    // Another process may have made them meanwhile.
    const now = versionIn(db, table)
    if (now === version) return
    if (now !== null) tables.migrate(db, now, path)
    db.exec(`${schema} PRAGMA user_version = ${version};`)
  })
  // So that the head of the file tells.
  if (found !== null) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}

/** Opens a file with these tables, made where there are none. Throws JOURNAL_NEWER, JOURNAL_DAMAGED, NO_SPACE, PERMISSION; HOST_ELSEWHERE where only a host may go on. */
export function openTables(path: string, tables: Tables, opener: Opener): DatabaseSync {
  let db: DatabaseSync | null = null
  try {
    db = openDatabase(path)
    bring(db, path, tables, opener)
    return db
  } catch (error) {
    db?.close()
    throw fault(`${basename(path)} cannot be opened`, error)
  }
}
