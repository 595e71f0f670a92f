import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { openJournal } from '../../src/io/journal.ts'
import { lookAtJournal } from '../../src/io/journal-look.ts'
import { JOURNAL } from '../../src/io/journal-tables.ts'
import { mountType, softOpenFiles, systemMachine } from '../../src/io/machine.ts'
import { scratch } from '../cli/run.ts'

describe('this machine', () => {
  it('mounts: the deepest that holds the path, the latest of two', () => {
    const mounts = [
      'overlay / overlay rw 0 0',
      'tmpfs /home tmpfs rw 0 0',
      'box:/x /home/ann\\040b nfs4 rw 0 0',
      '/dev/a /srv ext4 rw 0 0',
      '/dev/b /srv xfs rw 0 0',
    ].join('\n')
    expect(mountType(mounts, '/home/ann b/p')).toBe('nfs4')
    expect(mountType(mounts, '/home/anna')).toBe('tmpfs')
    expect(mountType(mounts, '/homeless')).toBe('overlay')
    expect(mountType(mounts, '/srv')).toBe('xfs')
    expect(mountType('', '/srv')).toBeNull()
  })

  it('open files: the soft limit', () => {
    const limits =
      'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n'
    expect(softOpenFiles(limits)).toBe(1024)
    expect(softOpenFiles(limits.replace('1024', 'unlimited'))).toBeNull()
    expect(softOpenFiles('')).toBeNull()
  })

  it('sockets: who answers and who is gone', async () => {
    const path = join(scratch(), 'a.sock')
    const machine = systemMachine()
    expect(await machine.answers(path)).toBe(false)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    expect(await machine.answers(path)).toBe(true)
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('a journal looked at', () => {
  const row = (at: number) => ({ at, kind: 'note', environment: 'dev', release: '', data: {} })

  it('shows its version, the last moment, and steps back of the clock', () => {
    const path = join(scratch(), 'journal.db')
    const journal = openJournal(path)
    journal.append([row(1000), row(9000), row(4000), row(5000)], null, {
      fold: { seq: 3 },
      'data-plane:dev': { pid: 1 },
    })
    // While somebody writes.
    expect(lookAtJournal(path)).toMatchObject({
      version: JOURNAL.version,
      damage: null,
      lastAt: 5000,
      wentBackMs: 5000,
      snapshots: { 'data-plane:dev': { pid: 1 } },
      since: [{ seq: 4, at: 5000, data: {} }],
    })
    journal.close()
  })

  it('tells damage, and never throws', () => {
    const folder = scratch()
    const path = join(folder, 'journal.db')
    const db = new DatabaseSync(path)
    db.exec("CREATE TABLE entries (x TEXT); PRAGMA user_version = 7; INSERT INTO entries VALUES ('a')")
    db.close()
    expect(lookAtJournal(path)).toMatchObject({ version: 7, damage: expect.stringContaining('no such column') })
    expect(lookAtJournal(join(folder, 'none.db')).damage).toContain('unable to open')
  })
})
