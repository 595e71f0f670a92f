/**
 * The lock that lets one host live per project: an exclusive SQLite transaction, which the system ends with its process.
 * Nothing may open the lock file by `fs`: closing any descriptor of it would give the lock away.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { SlipwayError } from '../../errors.ts'

export interface LockHolder {
  readonly pid: number
  readonly startTime: string
  /** Version of slipway that holds it. */
  readonly version: string
}

export interface Lock {
  /** False where the lock's folder was removed or replaced: then it protects nothing any more. */
  held(): boolean
  release(): void
}

const lockFile = (folder: string, name: string) => join(folder, `${name}.lock`)
const holderFile = (folder: string, name: string) => join(folder, `${name}.holder`)

/** Takes the lock `name` in a private folder without waiting; null: another one holds it. */
export function acquireLock(folder: string, name: string, holder: LockHolder): Lock | null {
  const file = lockFile(folder, name)
  const database = open(file)
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA busy_timeout=0; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw unusable(folder, error)
  }
  const inode = statSync(file).ino
  const said = holderFile(folder, name)
  // Written beside and moved: whoever reads sees one holder, whole.
  writeFileSync(`${said}.${holder.pid}`, JSON.stringify(holder), { mode: 0o600 })
  renameSync(`${said}.${holder.pid}`, said)
  let taken = true
  return {
    held: () => taken && statSync(file, { throwIfNoEntry: false })?.ino === inode,
    release() {
      if (!taken) return
      taken = false
      if (readHolder(folder, name)?.pid === holder.pid) rmSync(said, { force: true })
      database.close()
    },
  }
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file)
  } catch (error) {
    throw unusable(file, error)
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (error.errcode === 5 || error.errcode === 6)

const unusable = (place: string, cause: unknown) =>
  new SlipwayError(
    'PERMISSION',
    `the lock in ${place} cannot be used; check the folder's permissions and file system`,
    {
      cause,
    },
  )

/** Who last took the lock; it may have died since. null: nobody, or it was given back. */
export function readHolder(folder: string, name: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(holderFile(folder, name), 'utf8'))
    if (typeof value !== 'object' || value === null) return null
    const { pid, startTime, version } = value as Record<string, unknown>
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof version !== 'string') return null
    return { pid, startTime, version }
  } catch {
    return null
  }
}
