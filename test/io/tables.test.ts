/** Files of an older slipway: who may bring them to this version, what stays of them, and what an accident leaves. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answersIn, olderAnswers } from '../../src/io/answers.ts'
import { journalIn, olderJournal } from '../../src/io/journal.ts'
import { JOURNAL } from '../../src/io/journal-tables.ts'
import { inTransaction, openTables } from '../../src/io/tables.ts'
import { answersOfVersion0, journalOfVersion1 } from './journal-1.ts'

const HOST = { migrates: true }

function older(): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tables-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'journal.db')
  journalOfVersion1(path)
  return { folder, path }
}
const numberIn = (path: string, pragma: string): unknown => {
  const db = new DatabaseSync(path, { readOnly: true })
  const found = Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0]
  db.close()
  return found
}

describe('a journal of version 1', () => {
  it('is refused to commands, for an older host may drive by it; nothing changes', () => {
    const { folder, path } = older()
    expect(olderJournal(folder)).toBe(true)
    expect(() => journalIn(folder)).toThrowError(expect.objectContaining({ code: 'HOST_ELSEWHERE' }))
    expect(numberIn(path, 'user_version')).toBe(1)
    expect(existsSync(`${path}.v1`)).toBe(false)
  })

  it('is copied by a host, and what it knows by name is known by environment and name', () => {
    const { folder, path } = older()
    const journal = journalIn(folder, HOST)
    const m2 = { environment: 'prod', name: 'm-2' }
    expect(journal.snapshotKeys('')).toEqual(['keys:dev', 'over:dev/m-1', 'release:prod/m-2'])
    expect(journal.points(m2)).toEqual([{ at: 5, data: {} }])
    expect(journal.readRelease(m2).map((r) => r.seq)).toEqual([2])
    // While the host has it open a command sees by its head that it is of today.
    expect(olderJournal(folder)).toBe(false)
    journalIn(folder).close()
    journal.close()
    expect(numberIn(path, 'auto_vacuum')).toBe(2)
    expect(numberIn(`${path}.v1`, 'user_version')).toBe(1)
    expect(existsSync(`${path}.v1.part`)).toBe(false)
  })

  it('is copied anew where an earlier copy was cut short', () => {
    const { folder, path } = older()
    writeFileSync(`${path}.v1.part`, 'half of it')
    journalIn(folder, HOST).close()
    const copy = new DatabaseSync(`${path}.v1`, { readOnly: true })
    expect(copy.prepare('SELECT count(*) AS n FROM entries').get()).toEqual({ n: 2 })
    copy.close()
  })

  it('stays as it was where the copy fails, and the error says which file', () => {
    const { folder, path } = older()
    mkdirSync(`${path}.v1.part`)
    const error = expect.objectContaining({ code: 'PERMISSION', message: expect.stringContaining('journal.db') })
    expect(() => journalIn(folder, HOST)).toThrowError(error)
    expect(numberIn(path, 'user_version')).toBe(1)
    rmSync(`${path}.v1.part`, { recursive: true })
    journalIn(folder, HOST).close()
    expect(numberIn(path, 'user_version')).toBe(JOURNAL.version)
  })
})

describe('whose tables are older', () => {
  it('are neither files that are not there nor those of today or tomorrow, also where only the log has the version', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-tables-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    expect(olderJournal(folder)).toBe(false)
    const journal = journalIn(folder)
    expect(olderJournal(folder)).toBe(false)
    journal.close()
    const db = new DatabaseSync(join(folder, 'journal.db'))
    db.exec(`PRAGMA user_version = ${JOURNAL.version + 1}`)
    db.close()
    expect(olderJournal(folder)).toBe(false)
    writeFileSync(join(folder, 'journal.db'), 'x'.repeat(200))
    expect(olderJournal(folder)).toBe(false)
  })
})

describe('answers of before', () => {
  it('are of releases by environment and name once a host has opened them, in the places that cursors know', () => {
    const { folder } = older()
    const path = join(folder, 'answers.db')
    answersOfVersion0(path)
    expect(olderAnswers(folder)).toBe(true)
    expect(() => answersIn(folder)).toThrowError(expect.objectContaining({ code: 'HOST_ELSEWHERE' }))
    journalIn(folder, HOST).close()
    const answers = answersIn(folder, HOST)
    expect(answers.joined('prod/m-2', 0).map(({ seq, label }) => [seq, label])).toEqual([[4, 3]])
    expect(answers.answersAfter('prod/m-2', 7).map(({ seq }) => seq)).toEqual([8])
    expect(answers.labelledShares('prod/m-2')).toEqual([{ step: 0, arm: 'baseline', answers: 2, labelled: 1 }])
    // A label that came before its answer still waits for it.
    answers.put('prod/m-2', [{ id: 'early', at: 10, step: 0, arm: 'baseline', digest: 'd', user: 4 }])
    expect(answers.joined('prod/m-2', 4).map(({ label }) => label)).toEqual([4])
    // Its size is known: the older of two goes beyond half of it.
    expect(answers.prune(0, 70, 100).cost).toBe(1)
    expect(answers.answersAfter('prod/m-2', 0)).toHaveLength(1)
    answers.close()
    expect(olderAnswers(folder)).toBe(false)
    expect(numberIn(path, 'auto_vacuum')).toBe(2)
  })
})

it('a full disk is told as such, whatever became of the transaction; with room again it goes on', () => {
  const { path } = older()
  rmSync(path)
  const db = openTables(path, JOURNAL, HOST)
  onTestFinished(() => db.close())
  const put = (data: string) =>
    inTransaction(db, () => db.prepare('INSERT INTO snapshots (key, data) VALUES (?, ?)').run(data.slice(0, 1), data))
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number }
  db.exec(`PRAGMA max_page_count = ${pages}`)
  const full = { code: 'NO_SPACE', message: 'journal.db cannot be written: database or disk is full' }
  expect(() => put('a'.repeat(100_000))).toThrowError(expect.objectContaining(full))
  expect(db.isTransaction).toBe(false)
  db.exec(`PRAGMA max_page_count = ${pages + 100}`)
  put('b'.repeat(100_000))
  expect(db.prepare('SELECT key FROM snapshots').all()).toEqual([{ key: 'b' }])
  // What `work` itself throws passes as it is.
  const thrown = new Error('of the work')
  expect(() =>
    inTransaction(db, () => {
      throw thrown
    }),
  ).toThrowError(thrown)
})
