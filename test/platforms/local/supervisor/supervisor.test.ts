import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Digest } from '../../../../src/model/types.ts'
import type { SupervisorRecords } from '../../../../src/platforms/local/supervisor/types.ts'
import { ask, openHouse, processes, SERVERS } from './house.ts'

const processOf = (house: ReturnType<typeof openHouse>, k = 0) =>
  house.supervisor.records().versions[k]!.replicas[0]!.process!

test('a server starts, gets ready, answers and stops', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const status = house.status(digest)!
  expect(status).toMatchObject({
    replicas: 1,
    readyReplicas: 1,
    unaskedExits: 0,
    incarnation: 1,
    code: null,
    why: null,
  })
  expect(status.loadMs).toBeGreaterThan(0)
  const said = JSON.parse((await ask(status.addresses[0]!)).body)
  expect(said.model).toBe('model a')
  expect(said.cwd).toBe(join(house.folder, 'store', 'aaaaaaaa', 'app'))
  const server = processOf(house)
  house.supervisor.serve('dev', [])
  expect(house.status(digest)!.addresses).toEqual([])
  await house.until('stopped', () => house.status(digest)?.state === 'stopped')
  expect(processes.alive(server)).toBe(false)
  expect(house.events.map((event) => event.kind)).toEqual(['started', 'ready', 'draining', 'stopped'])
})

test('a server killed from outside is started again at once and counts', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const first = processOf(house)
  process.kill(first.pid, 'SIGKILL')
  await house.until(
    'ready anew',
    () => house.status(digest)?.state === 'ready' && house.status(digest)?.incarnation === 2,
  )
  expect(house.status(digest)).toMatchObject({
    unaskedExits: 1,
    why: expect.stringMatching(/was ended by SIGKILL after/),
  })
  expect(processOf(house).pid).not.toBe(first.pid)
})

test('the next supervisor goes on with what runs, and starts nothing anew', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const before = processOf(house)
  const records = JSON.parse(JSON.stringify(house.supervisor.records()))
  house.again().adopt(records)
  expect(house.status(digest)).toMatchObject({ state: 'ready', incarnation: 1, unaskedExits: 0 })
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('probed', () => house.status(digest)?.state === 'ready')
  expect(processOf(house)).toEqual(before)
  process.kill(before.pid, 'SIGKILL')
  await house.until(
    'ready anew',
    () => house.status(digest)?.state === 'ready' && house.status(digest)?.incarnation === 2,
  )
  expect(house.status(digest)!.unaskedExits).toBe(1)
})

/** A host of its own, as a process: serves a version until it is killed. */
async function otherHost() {
  const house = new URL('house.ts', import.meta.url).href
  const code = `const { openHouse, SERVERS } = await import(${JSON.stringify(house)});
    const house = openHouse(); const digest = house.version('a', SERVERS.chatty);
    house.supervisor.serve('dev', [house.order(digest)]);
    await house.until('ready', () => house.status(digest)?.state === 'ready');
    console.log(JSON.stringify({ folder: house.folder, digest, records: house.supervisor.records() })); setInterval(() => house.supervisor.tick(), 250)`
  const child = spawn(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', code])
  const said = await new Promise<string>((settle, reject) => {
    child.stdout.once('data', (line) => settle(String(line)))
    child.stderr.once('data', (line) => reject(new Error(String(line))))
  })
  const kill = () =>
    new Promise((settle) => {
      child.once('exit', settle)
      child.kill('SIGKILL')
    })
  return { ...(JSON.parse(said) as { folder: string; digest: Digest; records: SupervisorRecords }), kill }
}

test('a host killed with SIGKILL: its server answers on, and the next host adopts it', async () => {
  const host = await otherHost()
  await host.kill()
  await using house = openHouse({}, host.folder)
  const server = host.records.versions[0]!.replicas[0]!.process!
  // It goes on writing its log, which no pipe to the dead host could take.
  for (let k = 0; k < 3; k++) expect((await ask(`http://127.0.0.1:${server.port}`)).body).toBe('ok')
  house.supervisor.adopt(host.records)
  house.supervisor.serve('dev', [house.order(host.digest)])
  expect(house.status(host.digest)).toMatchObject({ state: 'ready', incarnation: 1, unaskedExits: 0 })
  expect(house.marked()).toEqual([])
  house.supervisor.serve('dev', [])
  await house.until('stopped', () => house.status(host.digest)?.state === 'stopped')
  expect(processes.alive(server)).toBe(false)
})

test('what died while no host looked counts as an exit; what no record knows is ended', async () => {
  await using house = openHouse()
  const [known, unknown] = [house.version('a', SERVERS.good), house.version('b', SERVERS.good)]
  house.supervisor.serve('dev', [house.order(known)])
  await house.until('ready', () => house.status(known)?.state === 'ready')
  const records = house.supervisor.records()
  house.supervisor.serve('dev', [house.order(known), house.order(unknown)])
  await house.until('both ready', () => house.status(unknown)?.state === 'ready')
  const [first, second] = [processOf(house, 0), processOf(house, 1)]
  process.kill(first.pid, 'SIGKILL')
  house.again().adopt(records)
  await house.until('started again', () => house.status(known)?.incarnation === 2)
  expect(house.status(known)).toMatchObject({
    unaskedExits: 1,
    why: expect.stringContaining('ended, and nobody saw how'),
  })
  expect(house.events.filter((event) => event.kind === 'failed')).toEqual([])
  await house.until('stray ended', () => !processes.alive(second))
})

test('503 while loading is not ready, and no failure', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.loading)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('started', () => house.events.some((event) => event.kind === 'started'))
  const { port } = processOf(house)
  await house.until('listening', () => processes.holder(port) !== null)
  expect(await ask(`http://127.0.0.1:${port}`, '/health')).toMatchObject({ status: 503 })
  expect(house.status(digest)).toMatchObject({ state: 'starting', readyReplicas: 0, code: null })
  writeFileSync(join(house.state, 'run', 'a'.repeat(16), 'dev-0', 'home', 'ready'), '')
  await house.until('ready', () => house.status(digest)?.state === 'ready')
})

test('a server that exits before it is ready fails at once, with the end of its log', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.exits)
  writeFileSync(join(house.folder, '.env'), 'TOKEN=hunter22\n')
  house.supervisor.serve('dev', [house.order(digest, {}, { envFile: '.env' })])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({ code: 'CRASHED', unaskedExits: 1 })
  expect(house.status(digest)!.why).toMatch(
    /^it exited with 3 after \d\.\ds, before it was ready; its log ends: cannot load: secret is \*\*\*$/,
  )
})

test('what failed is tried again later, and at once where a person asks', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.exits)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  for (let exits = 2; exits <= 6; exits++) {
    house.clock.forward(30_000)
    await house.until('failed again', () => house.status(digest)?.unaskedExits === exits)
  }
  // Half a minute is to pass now, of which next to nothing does.
  house.version('a', SERVERS.good)
  house.supervisor.tick()
  expect(house.status(digest)).toMatchObject({ state: 'failed' })
  house.supervisor.retry('dev')
  expect(house.status(digest)).toMatchObject({ state: 'starting', code: null, unaskedExits: 6 })
  await house.until('ready', () => house.status(digest)?.state === 'ready', 20_000)
})
