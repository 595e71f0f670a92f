import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { JOURNAL } from '../../src/io/journal-tables.ts'
import { journalOfVersion1 } from '../io/journal-1.ts'
import { type Scenario, scenario } from './harness.ts'
import { printed } from './waits.ts'

interface Found {
  readonly check: string
  readonly outcome: string
  readonly text: string
  readonly code: string | null
  readonly fixed: string | null
}
async function examined(one: Scenario, ...more: string[]) {
  const { code, stdout } = await one.run(['doctor', '--json', ...more])
  const { checks, leftOut, exit, $schema } = JSON.parse(stdout)
  expect({ exit, $schema }).toEqual({ exit: code, $schema: 'slipway.dev/diagnosis/v1' })
  return {
    code,
    leftOut,
    checks: checks as Found[],
    bad: (checks as Found[]).filter(({ outcome }) => outcome !== 'ok'),
  }
}
const listening = (where: number | string): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    const ready = () => resolve(server)
    if (typeof where === 'number') server.listen(where, '127.0.0.1', ready)
    else server.listen(where, ready)
    onTestFinished(() => void server.close())
  })

describe('doctor', () => {
  it('finds nothing wrong before, while and after a version serves', async () => {
    const one = await scenario()
    expect((await one.run(['doctor'])).code).toBe(0)
    expect((await one.run(['release', 'start'])).code).toBe(0)
    const { code, bad, checks } = await examined(one)
    expect({ code, bad }).toEqual({ code: 0, bad: [] })
    expect(checks.find(({ check }) => check === 'ports')?.text).toContain('held by the data plane of this project')
    expect(checks.find(({ check }) => check === 'host')?.text).toBe('the host is alive')
    expect((await one.run(['local', 'down'])).code).toBe(0)
    expect(await examined(one)).toMatchObject({ code: 0, bad: [] })
  }, 180_000)

  it('makes nothing where nothing is, and says what it left out', async () => {
    const one = await scenario()
    rmSync(join(one.folder, 'slipway.yaml'))
    const { code, leftOut } = await examined(one)
    expect(code).toBe(0)
    expect(leftOut).toContainEqual({ check: 'store', why: 'there is no .slipway yet' })
    expect(leftOut).toContainEqual({ check: 'config', why: 'there is no slipway.yaml here' })
    expect(() => statSync(join(one.folder, '.slipway'))).toThrow()
  }, 120_000)

  it('names who holds a port, what is wrong in slipway.yaml, and a journal that is damaged', async () => {
    const one = await scenario()
    await listening(one.listen)
    expect(await examined(one)).toMatchObject({
      code: 5,
      bad: [{ code: 'PORT_TAKEN', text: expect.stringMatching(/is held by node.* \(pid \d+\)/) }],
    })
    mkdirSync(join(one.folder, '.slipway'), { mode: 0o700 })
    writeFileSync(join(one.folder, '.slipway', 'journal.db'), 'this is no database, and long enough to be seen as none')
    expect((await examined(one)).bad[0]).toMatchObject({ code: 'JOURNAL_DAMAGED' })
    expect(await one.fails(['release', 'history'])).toMatchObject({ exit: 5, code: 'JOURNAL_DAMAGED' })
    rmSync(join(one.folder, '.slipway', 'journal.db'))
    one.write('slipway.yaml', 'apiVersion: slipway.dev/v1\nmodell: x\n')
    expect(await examined(one)).toMatchObject({ code: 2, bad: [{ code: 'CONFIG_INVALID' }] })
  }, 120_000)

  it('mends with --fix: modes, sockets that nobody answers; and says so', async () => {
    const one = await scenario()
    expect((await one.run(['local', 'up'])).code).toBe(0)
    expect((await one.run(['local', 'down'])).code).toBe(0)
    const state = join(one.folder, '.slipway')
    const runtime = readFileSync(join(state, 'runtime'), 'utf8').trim()
    chmodSync(state, 0o755)
    chmodSync(join(state, 'control-token'), 0o644)
    // Bound and moved away: the name stays, as a killed process leaves it.
    const socket = await listening(join(runtime, 'tmp.sock'))
    const left = join(runtime, 'data-plane-dev.sock')
    renameSync(join(runtime, 'tmp.sock'), left)
    await new Promise((resolve) => socket.close(resolve))
    const before = await examined(one)
    expect(before.code).toBe(4)
    expect(before.bad.map(({ check }) => check)).toEqual(['permissions', 'permissions', 'leftovers'])
    const fixed = (await one.run(['doctor', '--fix'])).stdout
    expect(fixed).toContain('fixed: gave .slipway the mode 0700; gave .slipway/control-token the mode 0600')
    expect(fixed).toContain('fixed: removed data-plane-dev.sock')
    expect(await examined(one)).toMatchObject({ code: 0, bad: [] })
  }, 180_000)

  it('ends what an evaluation left, and leaves what serves', async () => {
    const one = await scenario()
    expect((await one.run(['release', 'start'])).code).toBe(0)
    one.model({ delayMs: 1000 })
    const evaluation = one.start(['eval', 'run'])
    expect(await printed(evaluation, 'stderr', /asking/)).toBe(true)
    evaluation.child.kill('SIGKILL')
    await evaluation.done
    expect((await examined(one)).bad).toMatchObject([
      { check: 'leftovers', text: expect.stringContaining('1 evaluation') },
    ])
    expect((await one.run('doctor --fix'.split(' '))).code).toBe(0)
    expect(await examined(one)).toMatchObject({ code: 0, bad: [] })
    expect(await one.load({ rate: 20, durationMs: 500 })).toMatchObject({ failed: 0, answered: 10 })
  }, 180_000)

  it('sees a journal of a newer slipway, and every command refuses it', async () => {
    const one = await scenario()
    expect((await one.run(['local', 'up'])).code).toBe(0)
    expect((await one.run(['local', 'down'])).code).toBe(0)
    const db = new DatabaseSync(join(one.folder, '.slipway', 'journal.db'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(await examined(one)).toMatchObject({ code: 9, bad: [{ code: 'JOURNAL_NEWER' }] })
    for (const line of ['local status', 'release start', 'rollback', 'local up'])
      expect(await one.fails(line.split(' '))).toMatchObject({
        exit: 9,
        code: 'JOURNAL_NEWER',
        message: expect.stringContaining('version 99'),
      })
  }, 120_000)

  it('a journal of an older slipway is brought over by a host before a command reads it', async () => {
    const one = await scenario()
    const path = join(one.folder, '.slipway', 'journal.db')
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    journalOfVersion1(path)
    const old = new DatabaseSync(path)
    old.exec('DELETE FROM entries; DELETE FROM snapshots;')
    old.close()
    expect((await one.run('release history --env dev'.split(' '))).code).toBe(0)
    const db = new DatabaseSync(path, { readOnly: true })
    // Only a host writes this.
    expect(db.prepare("SELECT count(*) AS n FROM entries WHERE kind = 'host'").get()).toEqual({ n: 1 })
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: JOURNAL.version })
    db.close()
  }, 120_000)
})
