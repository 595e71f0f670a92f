/** answers.db: the values that were answered and the labels that came, joined in the order in which both were there. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { AnswerRecord } from '../evidence/types.ts'
import { ANSWERS } from './answers-tables.ts'
import { giveBack, inTransaction, isOlder, type Opener, openTables } from './tables.ts'

/** An answer whose label has come. `seq` grows by the moment of joining. */
export interface Joined {
  readonly seq: number
  readonly answer: AnswerRecord
  readonly label: unknown
  readonly labelledAt: number
}
export interface LabelIn {
  readonly id: string
  readonly label: unknown
  /** Wall ms when it came, where it had to wait; absent: now. */
  readonly at?: number
}

export interface Pruned {
  /** Answers without a label that went for the size. */
  readonly cost: number
  /** There may be more to delete. */
  readonly more: boolean
}

export interface Answers {
  /** Keeps answers of a release; what is there already stays as it is. */
  put(release: string, answers: readonly AnswerRecord[]): void
  /** Takes labels of answers in an environment at `now`, wall ms; the first of an id there counts. Returns how many were new, already there, and of ids not known (yet). */
  label(
    environment: string,
    labels: readonly LabelIn[],
    now: number,
  ): { taken: number; repeated: number; unknown: number }
  /** The same, without taking them. */
  wouldLabel(environment: string, labels: readonly LabelIn[]): { taken: number; repeated: number; unknown: number }
  /** Joined pairs of a release after `seq`. */
  joined(release: string, after: number, limit?: number): Joined[]
  /** The newest of them, in the order of joining. */
  newestJoined(release: string, limit: number): Joined[]
  /** Answers of a release in the order they came, for agreement. */
  answersAfter(release: string, after: number, limit?: number): { seq: number; answer: AnswerRecord }[]
  /** Answers per arm and step of a release and how many of them are labelled. */
  labelledShares(release: string): { step: number; arm: string; answers: number; labelled: number }[]
  /** Deletes what is older, then the oldest beyond `maxBytes`; at most so many answers, and labels, at once. */
  prune(before: number, maxBytes: number, most: number): Pruned
  close(): void
}

/** Releases whose shares of labelled answers stay, however old: plans are forecast by them. */
const SHARES_KEPT = 20
/** Pages of 4 KiB given back to the disk at once, so that a turn is not held up. */
const GIVEN_BACK = 2000

const fileIn = (stateFolder: string): string => join(stateFolder, 'answers.db')

/** The answers of a state folder. */
export const answersIn = (stateFolder: string, opener?: Opener): Answers => openAnswers(fileIn(stateFolder), opener)

/** True where only a host may open them. */
export const olderAnswers = (stateFolder: string): boolean => isOlder(fileIn(stateFolder), ANSWERS)

/** Answers and labels in, joined as soon as both are there. */
function writing(db: DatabaseSync): Pick<Answers, 'put' | 'label'> {
  const insertAnswer = db.prepare(
    'INSERT OR IGNORE INTO answers (id, key, release, step, arm, at, data, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq, environment',
  )
  const labelOf = db.prepare('SELECT label, at FROM labels WHERE environment = ? AND id = ?')
  const insertLabel = db.prepare(
    'INSERT OR IGNORE INTO labels (environment, id, label, at) VALUES (?, ?, ?, ?) RETURNING id',
  )
  const answerOf = db.prepare(
    'SELECT seq, release, step, arm FROM answers WHERE (id = ? OR key = ?) AND environment = ? ORDER BY seq LIMIT 1',
  )
  const join = db.prepare('INSERT OR IGNORE INTO joined (answer, release, label, at) VALUES (?, ?, ?, ?) RETURNING seq')
  const count = db.prepare(
    'INSERT INTO shares (release, step, arm, answers, labelled, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET answers = answers + excluded.answers, labelled = labelled + excluded.labelled, at = max(at, excluded.at)',
  )
  const grow = db.prepare('UPDATE size SET bytes = bytes + ?')
  return {
    put: (release, answers) =>
      inTransaction(db, () => {
        let bytes = 0
        for (const answer of answers) {
          const { id, step, arm, at } = answer
          // Where no key of their own is configured, callers may label by the request id that they sent.
          const key = answer.key ?? answer.callerId
          const data = JSON.stringify(answer)
          const row = insertAnswer.get(id, key ?? null, release, step, arm, at, data, data.length)
          if (!row) continue
          bytes += data.length
          const environment = row.environment as string
          const label = labelOf.get(environment, id) ?? (key === undefined ? undefined : labelOf.get(environment, key))
          if (label) join.get(row.seq as number, release, label.label as string, label.at as number)
          count.run(release, step, arm, 1, label ? 1 : 0, at)
        }
        if (bytes > 0) grow.run(bytes)
      }),
    label: (environment, labels, now) =>
      inTransaction(db, () => {
        const result = { taken: 0, repeated: 0, unknown: 0 }
        for (const { id, label, at = now } of labels) {
          const text = JSON.stringify(label ?? null)
          if (!insertLabel.get(environment, id, text, at)) {
            result.repeated++
            continue
          }
          const answer = answerOf.get(id, id, environment)
          if (!answer) {
            result.unknown++
            continue
          }
          result.taken++
          if (join.get(answer.seq as number, answer.release as string, text, at))
            count.run(answer.release as string, answer.step as number, answer.arm as string, 0, 1, at)
        }
        return result
      }),
  }
}

const joinedRow = (row: Record<string, unknown>): Joined => ({
  seq: row.seq as number,
  answer: JSON.parse(row.data as string) as AnswerRecord,
  label: JSON.parse(row.label as string),
  labelledAt: row.at as number,
})

/** Joined rows and counts out. */
function reading(
  db: DatabaseSync,
): Pick<Answers, 'wouldLabel' | 'joined' | 'newestJoined' | 'answersAfter' | 'labelledShares'> {
  return {
    wouldLabel: (environment, labels) => {
      const labelled = db.prepare('SELECT 1 FROM labels WHERE environment = ? AND id = ?')
      const answered = db.prepare('SELECT 1 FROM answers WHERE (id = ? OR key = ?) AND environment = ? LIMIT 1')
      const seen = new Set<string>()
      const result = { taken: 0, repeated: 0, unknown: 0 }
      for (const { id } of labels) {
        if (seen.has(id) || labelled.get(environment, id)) result.repeated++
        else result[answered.get(id, id, environment) ? 'taken' : 'unknown']++
        seen.add(id)
      }
      return result
    },
    joined: (release, after, limit = 5000) =>
      db
        .prepare(
          'SELECT j.seq AS seq, j.label AS label, j.at AS at, a.data AS data FROM joined j JOIN answers a ON a.seq = j.answer WHERE j.release = ? AND j.seq > ? ORDER BY j.seq LIMIT ?',
        )
        .all(release, after, limit)
        .map(joinedRow),
    newestJoined: (release, limit) =>
      db
        .prepare(
          'SELECT j.seq AS seq, j.label AS label, j.at AS at, a.data AS data FROM joined j JOIN answers a ON a.seq = j.answer WHERE j.release = ? ORDER BY j.seq DESC LIMIT ?',
        )
        .all(release, limit)
        .map(joinedRow)
        .reverse(),
    answersAfter: (release, after, limit = 5000) =>
      db
        .prepare('SELECT seq, data FROM answers WHERE release = ? AND seq > ? ORDER BY seq LIMIT ?')
        .all(release, after, limit)
        .map((row) => ({ seq: row.seq as number, answer: JSON.parse(row.data as string) as AnswerRecord })),
    labelledShares: (release) =>
      db
        .prepare('SELECT step, arm, answers, labelled FROM shares WHERE release = ?')
        .all(release)
        .map((row) => ({
          step: row.step as number,
          arm: row.arm as string,
          answers: row.answers as number,
          labelled: row.labelled as number,
        })),
  }
}

interface Dropped {
  readonly answers: number
  readonly bytes: number
  /** Of them without a label. */
  readonly unlabelled: number
}

/** These answers go. `rows`: of the table answers. */
function drop(db: DatabaseSync, rows: readonly Record<string, unknown>[]): Dropped {
  const seqs = JSON.stringify(rows.map((row) => row.seq))
  const bytes = rows.reduce((sum, row) => sum + (row.bytes as number), 0)
  const { changes } = db.prepare('DELETE FROM joined WHERE answer IN (SELECT value FROM json_each(?))').run(seqs)
  db.prepare('DELETE FROM answers WHERE seq IN (SELECT value FROM json_each(?))').run(seqs)
  return { answers: rows.length, bytes, unlabelled: rows.length - Number(changes) }
}

/** Of what is older so much goes: labels, answers, and shares of all but the newest releases. */
function dropBefore(db: DatabaseSync, before: number, most: number): Dropped {
  db.prepare('DELETE FROM labels WHERE rowid IN (SELECT rowid FROM labels WHERE at < ? LIMIT ?)').run(before, most)
  db.prepare(
    'DELETE FROM shares WHERE at < ? AND release NOT IN (SELECT release FROM shares GROUP BY release ORDER BY max(at) DESC LIMIT ?)',
  ).run(before, SHARES_KEPT)
  return drop(db, db.prepare('SELECT seq, bytes FROM answers WHERE at < ? LIMIT ?').all(before, most))
}

/** The oldest answers go until so many bytes are gone, or so many answers. */
function dropOldest(db: DatabaseSync, bytes: number, most: number): Dropped {
  const rows: Record<string, unknown>[] = []
  let gone = 0
  for (const row of db.prepare('SELECT seq, bytes FROM answers ORDER BY seq LIMIT ?').iterate(most)) {
    if (gone >= bytes) break
    rows.push(row)
    gone += row.bytes as number
  }
  return drop(db, rows)
}

/** Old ones go, and then the oldest beyond a size, which is counted as they come and go. */
function pruning(db: DatabaseSync): Pick<Answers, 'prune'> {
  const size = db.prepare('SELECT bytes FROM size')
  const resize = db.prepare('UPDATE size SET bytes = ?')
  const oldLabel = db.prepare('SELECT 1 FROM labels WHERE at < ? LIMIT 1')
  return {
    prune: (before, maxBytes, most) => {
      const pruned = inTransaction(db, () => {
        const all = (size.get() as { bytes: number }).bytes
        const old = dropBefore(db, before, most)
        const left = all - old.bytes
        // What age takes is no cost of the size.
        const over = old.answers < most && left > maxBytes ? dropOldest(db, left - maxBytes, most - old.answers) : null
        const after = left - (over?.bytes ?? 0)
        if (after !== all) resize.run(after)
        const more = old.answers + (over?.answers ?? 0) >= most || oldLabel.get(before) !== undefined
        return { cost: over?.unlabelled ?? 0, more }
      })
      giveBack(db, GIVEN_BACK)
      return pruned
    },
  }
}

/** Opens answers.db at `path`; `:memory:` for tests. Losing its last second is bearable, so commits are not each fsynced. */
export function openAnswers(path: string, opener: Opener = { migrates: false }): Answers {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = openTables(path, ANSWERS, opener)
  db.exec('PRAGMA synchronous = NORMAL;')
  return { ...writing(db), ...reading(db), ...pruning(db), close: () => db.close() }
}
