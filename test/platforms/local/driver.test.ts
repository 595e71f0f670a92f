/** The loop of a host over parts that do as told: what fails, what ends, what is told. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SlipwayError } from '../../../src/errors.ts'
import { systemClock } from '../../../src/io/clock.ts'
import { type Journal, memoryJournal } from '../../../src/io/journal.ts'
import { type Driven, Driver } from '../../../src/platforms/local/host/driver.ts'
import { boundOwnLogs } from '../../../src/platforms/local/host/own-logs.ts'
import { EMPTY, type EnvironmentState, environmentOf } from '../../../src/record/fold.ts'
import { until } from '../data-plane/rig.ts'

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'slipway-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const environment = (more: Partial<EnvironmentState>): EnvironmentState => ({
  ...environmentOf(EMPTY, 'dev'),
  up: true,
  ...more,
})

function drive(
  environments: Record<string, EnvironmentState>,
  turn: () => Promise<void>,
  journal: Journal = memoryJournal(),
) {
  const said: string[] = []
  const notified: string[] = []
  const downs: string[] = []
  let turns = 0
  let end = () => {}
  const state = { ...EMPTY, environments }
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const driver = new Driver({
    clock: systemClock,
    logs: folder(),
    say: (text) => said.push(text),
    notify: (_name, release) => notified.push(release),
  })
  const broken = () => {
    throw new Error('no table')
  }
  const running = driver.run({
    runner: {
      state,
      begin: () => [new Error('digits-7: its plan is gone')],
      turn: () => {
        turns++
        return turn()
      },
    },
    platform: {
      down: (name: string) => {
        downs.push(name)
        return ended
      },
      listening: () => false,
      failureOf: () => null,
    },
    supervisor: {
      tick: broken,
      status: (name: string) => (downs.includes(name) ? [] : [{ state: 'ready' }]),
      records: () => ({ versions: [] }),
      limitsKind: () => 'polling',
    },
    journal,
    lock: { held: () => true },
  } as unknown as Driven)
  return { driver, said, notified, downs, running, turns: () => turns, end: () => end() }
}
const servers = (driver: Driver) =>
  driver.answer('servers', null, { version: '1', pid: 1, epoch: 1 }) as {
    environments: Record<string, { running: boolean }>
  }

test('turns go on while an environment goes down, whatever fails; each failure is told once', async () => {
  const one = drive({ dev: environment({ up: false }), other: environment({}) }, () =>
    Promise.reject(new Error('the disk is full')),
  )
  for (const goal = 12; one.turns() < goal; ) {
    one.driver.wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(one.downs).toEqual(['dev'])
  expect(servers(one.driver).environments).toMatchObject({ dev: { running: true }, other: { running: true } })
  const told = (what: string) => one.said.filter((line) => line.includes(what))
  expect(told('the disk is full')).toHaveLength(1)
  expect(told('no table')).toHaveLength(1)
  expect(told('digits-7: its plan is gone')).toHaveLength(1)
  one.end()
  await until(() => !servers(one.driver).environments.dev!.running)
  one.driver.handOver()
  await one.running
})

test('a full disk is one line in the log, and the loop goes on past it', async () => {
  const full = new SlipwayError('NO_SPACE', 'journal.db cannot be written: database or disk is full')
  const journal = Object.assign(memoryJournal(), {
    append: () => {
      throw full
    },
  })
  const fail = () => Promise.reject(new Error(`digits-1: ${full.message}`, { cause: full }))
  const one = drive({ dev: environment({ active: 'digits-1' }) }, fail, journal)
  one.driver.serverEvent({
    at: 0,
    environment: 'dev',
    replica: 0,
    why: 'it ended',
    digest: 'sha256:bb',
    kind: 'exited',
  })
  one.driver.dataPlaneLost('dev')
  await until(() => one.turns() > 2)
  const told = one.said.filter((line) => line.includes('NO_SPACE'))
  expect(told).toEqual([`note: NO_SPACE: ${full.message}`, `turn: NO_SPACE: digits-1: ${full.message}`])
  one.driver.handOver()
  await one.running
})

test('a host ends where another drives', async () => {
  const one = drive({}, () => Promise.reject(new SlipwayError('HOST_ELSEWHERE', 'the host of epoch 2 drives now')))
  await expect(one.running).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
})

test('a crash of the candidate is notified, and no other', async () => {
  const release = { name: 'digits-1', candidate: 'sha256:cc' } as EnvironmentState['releases'][number]
  const one = drive({ dev: environment({ active: 'digits-1', releases: [release] }) }, async () => {})
  const event = { at: 0, environment: 'dev', replica: 0, why: 'it ended' }
  one.driver.serverEvent({ ...event, digest: 'sha256:bb', kind: 'exited' })
  one.driver.serverEvent({ ...event, digest: 'sha256:cc', kind: 'unready' })
  expect(one.notified).toEqual([])
  one.driver.serverEvent({ ...event, digest: 'sha256:cc', kind: 'exited' })
  expect(one.notified).toEqual(['digits-1'])
  one.driver.handOver()
  await one.running
})

test('own logs are bounded, others are left alone', () => {
  const logs = folder()
  const names = ['host.log', 'data-plane-dev.log', 'dev-abc-0.log']
  for (const name of names) writeFileSync(join(logs, name), 'x'.repeat(150))
  boundOwnLogs(logs, 100)
  expect(names.map((name) => statSync(join(logs, name)).size)).toEqual([0, 0, 150])
  expect(statSync(join(logs, 'host.log.1')).size).toBe(150)
})
