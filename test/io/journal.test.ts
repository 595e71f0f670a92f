import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JOURNAL_VERSION, type Journal, memoryJournal, openJournal } from '../../src/io/journal.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const row = (kind: string, release = 'm-1') => ({ at: 1, kind, environment: 'dev', release, data: { kind } })

describe.each<[string, () => Journal]>([
  ['SQLite', () => openJournal(join(folder, 'journal.db'))],
  ['memory', () => memoryJournal()],
])('the journal in %s', (_name, open) => {
  it('appends where the head is as expected, and nothing else', () => {
    const journal = open()
    expect(journal.append([row('a'), row('b')], 0)).toBe(true)
    expect(journal.append([row('c')], 0)).toBe(false)
    expect(journal.append([row('c')], 2)).toBe(true)
    expect(journal.read(0).map((r) => [r.seq, r.kind])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ])
    expect(journal.read(2).map((r) => r.kind)).toEqual(['c'])
    journal.close()
  })

  it('writes snapshots with the rows or not at all', () => {
    const journal = open()
    journal.append([row('a')], 0, { 'release:m-1': { n: 1 } })
    expect(journal.append([row('b')], 0, { 'release:m-1': { n: 2 } })).toBe(false)
    expect(journal.snapshot('release:m-1')).toEqual({ n: 1 })
    journal.append([], null, { 'release:m-1': undefined, 'release:m-2': 2 })
    expect(journal.snapshot('release:m-1')).toBeUndefined()
    expect(journal.snapshotKeys('release:')).toEqual(['release:m-2'])
    journal.close()
  })

  it('finds the rows of a release', () => {
    const journal = open()
    journal.append([row('a'), row('b', 'm-2'), row('c')], null)
    expect(journal.readRelease('m-1').map((r) => r.kind)).toEqual(['a', 'c'])
    journal.close()
  })

  it('halves points beyond the bound and keeps their order', () => {
    const journal = open()
    for (let at = 0; at < 10; at++) journal.addPoint('m-1', at, { at })
    journal.thinPoints('m-1', 20)
    expect(journal.points('m-1')).toHaveLength(10)
    journal.thinPoints('m-1', 9)
    expect(journal.points('m-1').map((p) => p.at)).toEqual([0, 2, 4, 6, 8])
    journal.close()
  })

  it('replaces the counts of a minute and forgets old ones', () => {
    const journal = open()
    const minute = { environment: 'dev', digest: 'd', minute: 5, data: 1 }
    journal.addMinutes([minute, { ...minute, minute: 6 }])
    journal.addMinutes([{ ...minute, data: 2 }])
    expect(journal.minutes('dev', 0).map((m) => [m.minute, m.data])).toEqual([
      [5, 2],
      [6, 1],
    ])
    journal.forgetMinutes(6)
    expect(journal.minutes('dev', 0).map((m) => m.minute)).toEqual([6])
    journal.close()
  })
})

it('two processes see each other, and one of two writers at the same head loses', () => {
  const [a, b] = [openJournal(join(folder, 'journal.db')), openJournal(join(folder, 'journal.db'))]
  expect(a.append([row('a')], 0)).toBe(true)
  expect(b.append([row('b')], 0)).toBe(false)
  expect(b.append([row('b')], b.head())).toBe(true)
  expect(a.read(0).map((r) => r.kind)).toEqual(['a', 'b'])
  a.close()
  b.close()
})

it('a journal of a newer slipway is refused', () => {
  const path = join(folder, 'journal.db')
  openJournal(path).close()
  const db = new DatabaseSync(path)
  db.exec(`PRAGMA user_version = ${JOURNAL_VERSION + 1}`)
  db.close()
  expect(() => openJournal(path)).toThrowError(expect.objectContaining({ code: 'JOURNAL_NEWER' }))
})
