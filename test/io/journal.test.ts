import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Journal, memoryJournal, openJournal } from '../../src/io/journal.ts'
import { JOURNAL } from '../../src/io/journal-tables.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const M1 = { environment: 'dev', name: 'm-1' }
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

  it('finds the rows and points of a release by its environment and name', () => {
    const journal = open()
    const elsewhere = { ...row('d'), environment: 'prod' }
    const point = { environment: 'prod', name: 'm-1', at: 7, data: 1 }
    journal.append([row('a'), row('b', 'm-2'), row('c'), elsewhere], null, {}, [point])
    expect(journal.readRelease(M1).map((r) => r.kind)).toEqual(['a', 'c'])
    expect(journal.readRelease({ ...M1, environment: 'prod' }).map((r) => r.kind)).toEqual(['d'])
    expect([journal.points(M1), journal.points(point)]).toEqual([[], [{ at: 7, data: 1 }]])
    journal.close()
  })

  it('adds points with the rows or not at all', () => {
    const journal = open()
    expect(journal.append([], 3, {}, [{ ...M1, at: 1, data: 1 }])).toBe(false)
    expect(journal.points(M1)).toEqual([])
    journal.close()
  })

  it('halves points beyond the bound and keeps their order', () => {
    const journal = open()
    const points = Array.from({ length: 10 }, (_, at) => ({ ...M1, at, data: { at } }))
    journal.append([], null, {}, points)
    journal.thinPoints(M1, 20)
    expect(journal.points(M1)).toHaveLength(10)
    journal.thinPoints(M1, 9)
    expect(journal.points(M1).map((p) => p.at)).toEqual([0, 2, 4, 6, 8])
    journal.close()
  })

  it('forgets releases that are over and not kept, and entries that are folded and belong to none', () => {
    const journal = open()
    const named = (n: number, kind: string) => row(kind, `m-${n}`)
    journal.append([named(1, 'started'), named(2, 'started'), named(1, 'concluded'), row('late', 'm-1')], null)
    const m2 = { ...M1, name: 'm-2' }
    const points = [M1, m2].map((id) => ({ ...id, at: 1, data: 1 }))
    journal.append([], null, { 'over:dev/m-1': 1, 'over:dev/m-2': 2, 'release:dev/m-3': 3 }, points)
    expect(journal.forget([m2], 3, { dry: true })).toEqual([M1])
    expect(journal.readRelease(M1)).toHaveLength(3)
    expect(journal.forget([m2], 3, { dry: false })).toEqual([M1])
    // What is not folded yet, and the head, stay.
    expect(journal.read(0).map((r) => [r.seq, r.kind])).toEqual([
      [2, 'started'],
      [4, 'late'],
    ])
    expect(journal.snapshotKeys('')).toEqual(['over:dev/m-2', 'release:dev/m-3'])
    expect([journal.points(M1), journal.points(m2)].map((p) => p.length)).toEqual([0, 1])
    expect(journal.forget([m2], 4, { dry: false })).toEqual([])
    expect(journal.append([row('next')], 4)).toBe(true)
    expect(journal.read(3).map((r) => r.seq)).toEqual([4, 5])
    journal.close()
  })

  it('forgets nothing of a release that began meanwhile', () => {
    const journal = open()
    journal.append([row('started')], null, { 'over:dev/m-1': 1 }, [{ ...M1, at: 1, data: 1 }])
    expect(journal.forget([], 0, { dry: false })).toEqual([])
    expect(journal.snapshotKeys('')).toEqual(['over:dev/m-1'])
    const m2 = { ...M1, name: 'm-2' }
    journal.append([row('started', 'm-2')], null, { 'release:dev/m-2': 1 }, [{ ...m2, at: 1, data: 1 }])
    expect(journal.forget([], 1, { dry: false })).toEqual([M1])
    expect(journal.points(m2)).toHaveLength(1)
    journal.close()
  })

  it('keeps the last thousand entries that belong to no release', () => {
    const journal = open()
    journal.append(
      Array.from({ length: 1500 }, () => row('host', '')),
      null,
    )
    journal.forget([], 1400, { dry: false })
    expect(journal.read(0)[0]?.seq).toBe(401)
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
  db.exec(`PRAGMA user_version = ${JOURNAL.version + 1}`)
  db.close()
  expect(() => openJournal(path)).toThrowError(expect.objectContaining({ code: 'JOURNAL_NEWER' }))
})
