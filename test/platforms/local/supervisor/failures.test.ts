import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../src/io/clock.ts'
import { ask, openHouse, processes, readLog, SERVERS } from './house.ts'

const processOf = (house: ReturnType<typeof openHouse>, k = 0) =>
  house.supervisor.records().versions[k]!.replicas[0]!.process!

test('a crash loop: each start waits longer than the one before', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.exits)
  house.supervisor.serve('dev', [house.order(digest)])
  for (const [exits, waitMs] of [
    [1, 1000],
    [2, 2000],
    [3, 4000],
  ] as const) {
    await house.until(`exit ${exits}`, () => house.status(digest)?.unaskedExits === exits)
    // The clock has run by itself a little since the exit; well below the wait nothing may start.
    house.clock.forward(waitMs * 0.5)
    for (let k = 0; k < 5; k++) house.supervisor.tick()
    await house.supervisor.settled()
    expect(house.status(digest)!.incarnation).toBe(exits)
    house.clock.forward(waitMs * 0.5)
    await house.until(`start ${exits + 1}`, () => house.status(digest)?.incarnation === exits + 1)
  }
})

test('a server on another port is told with both ports', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.elsewhere)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('started', () => house.events.some((event) => event.kind === 'started'))
  const given = processOf(house).port
  await house.until('failed', () => {
    house.clock.forward(100)
    return house.status(digest)?.state === 'failed'
  })
  const used = readFileSync(join(house.state, 'run', 'a'.repeat(16), 'dev-0', 'home', 'port'), 'utf8')
  expect(house.status(digest)).toMatchObject({
    code: 'WRONG_PORT',
    unaskedExits: 0,
    why: expect.stringContaining(`listens on port ${used}, not on 127.0.0.1:${given}, the {port} it was given`),
  })
})

test('a metrics endpoint beside a server that still loads is no wrong port', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.metrics)
  house.supervisor.serve('dev', [house.order(digest, { readyTimeoutMs: 30_000 })])
  await house.until('looked ten times', () => {
    house.clock.forward(200)
    return house.clock.mono() > 15_000 + systemClock.mono()
  })
  expect(house.status(digest)).toMatchObject({ state: 'starting', code: null })
  house.clock.forward(30_000)
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  // In the end it is what a person needs to know.
  expect(house.status(digest)).toMatchObject({ code: 'WRONG_PORT' })
})

test('never ready: ended after its time, and tried again later', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.loading)
  house.supervisor.serve('dev', [house.order(digest, { readyTimeoutMs: 5000 })])
  await house.until('started', () => house.events.some((event) => event.kind === 'started'))
  const first = processOf(house)
  house.clock.forward(5000)
  await house.until('failed', () => house.status(digest)?.state === 'failed')
  expect(house.status(digest)).toMatchObject({
    code: 'NEVER_READY',
    unaskedExits: 0,
    why: expect.stringContaining('not ready within 5s'),
  })
  await house.until('ended', () => !processes.alive(first))
  house.clock.forward(1000)
  await house.until('tried again', () => house.status(digest)?.incarnation === 2)
  expect(house.status(digest)).toMatchObject({ state: 'failed', code: 'NEVER_READY' })
})

test('a server that hangs is unready after three missed probes, and ready when it answers again', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  processes.signal([processOf(house)], 'SIGSTOP')
  await house.until('unready', () => house.status(digest)?.state === 'unready')
  expect(house.status(digest)).toMatchObject({ readyReplicas: 0, addresses: [], unaskedExits: 0 })
  processes.signal([processOf(house)], 'SIGCONT')
  await house.until('ready again', () => house.status(digest)?.state === 'ready')
  expect(house.status(digest)).toMatchObject({ incarnation: 1 })
})

test('what leaves its process group and parent is ended with its server', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.escapes)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const server = processOf(house)
  await house.until('escaped', () => processes.family(server, server.mark).length >= 2)
  const [escaped] = processes.family(server, server.mark).filter((member) => member.pid !== server.pid)
  expect(processes.alive(escaped!)).toBe(true)
  process.kill(server.pid, 'SIGKILL')
  await house.until('restarted', () => house.status(digest)?.incarnation === 2)
  expect(processes.alive(escaped!)).toBe(false)
})

test('SIGTERM first, SIGKILL after the grace', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.stubborn)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const server = processOf(house)
  house.supervisor.serve('dev', [])
  await house.until('asked to end', () => readLog(house, digest).includes('not yet'))
  house.clock.forward(9000)
  house.supervisor.tick()
  expect(processes.alive(server)).toBe(true)
  house.clock.forward(1500)
  await house.until('ended', () => house.status(digest)?.state === 'stopped')
  expect(processes.alive(server)).toBe(false)
})

test('a draining server ends when its last request is answered, or its time is over', async () => {
  const open = new Map<string, number>()
  await using house = openHouse({ inFlight: (_, digest) => open.get(digest) ?? 0 })
  const [slow, stuck] = [house.version('a', SERVERS.good), house.version('b', SERVERS.good)]
  house.supervisor.serve('dev', [house.order(slow), house.order(stuck, { drainMs: 60_000 })])
  await house.until('ready', () => [slow, stuck].every((digest) => house.status(digest)?.state === 'ready'))
  open.set(slow, 1).set(stuck, 1)
  house.supervisor.serve('dev', [])
  for (let k = 0; k < 10; k++) house.supervisor.tick()
  expect([slow, stuck].map((digest) => house.status(digest)!.state)).toEqual(['unready', 'unready'])
  expect([0, 1].map((k) => processes.alive(processOf(house, k)))).toEqual([true, true])
  open.set(slow, 0)
  await house.until('first stopped', () => house.status(slow)?.state === 'stopped')
  expect(processes.alive(processOf(house, 1))).toBe(true)
  house.clock.forward(60_000)
  await house.until('second stopped', () => house.status(stuck)?.state === 'stopped')
})

test('without a count of requests the port’s open connections tell when it is drained', async () => {
  await using house = openHouse({ inFlight: () => null })
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const server = processOf(house)
  const caller = connect(server.port, '127.0.0.1')
  await new Promise((done) => caller.once('connect', done))
  house.supervisor.serve('dev', [])
  for (let k = 0; k < 10; k++) house.supervisor.tick()
  expect(processes.alive(server)).toBe(true)
  caller.destroy()
  await house.until('stopped', () => house.status(digest)?.state === 'stopped')
})

test('a version wanted again while it drains goes on with the same process', async () => {
  await using house = openHouse({ inFlight: () => 1 })
  const digest = house.version('a', SERVERS.good)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  const before = processOf(house)
  house.supervisor.serve('dev', [])
  house.supervisor.tick()
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('ready again', () => house.status(digest)?.state === 'ready')
  expect(processOf(house)).toEqual(before)
})

test('above its memory limit a server is ended, and that counts against it', async () => {
  await using house = openHouse()
  const digest = house.version('a', SERVERS.hungry)
  house.supervisor.serve('dev', [house.order(digest, { memoryBytes: 150 * 2 ** 20 })])
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  house.clock.forward(1000)
  house.supervisor.tick()
  expect(house.status(digest)!.unaskedExits).toBe(0)
  await ask(house.status(digest)!.addresses[0]!, '/eat')
  house.clock.forward(1000)
  await house.until('ended', () => house.status(digest)?.unaskedExits === 1)
  expect(house.status(digest)!.why).toMatch(/^it held \d+ MiB of memory, more than its limit of 150 MiB/)
})

// Its first start listens only once the file `go` lies beside the model: time enough for a stranger to take its port.
const WAITS =
  'const listen = () => http.createServer((q, s) => s.end("own")).listen(Number(process.argv[2]), "127.0.0.1"); const look = () => fs.existsSync(process.argv[3] + ".go") ? listen() : setTimeout(look, 20); look()'

test.each([
  [
    'answers like a server: seen before its own server is up',
    createServer((_, answer) => answer.end('stranger')),
    false,
  ],
  ['does not answer: its own server cannot listen', createTcpServer(), true],
])('a stranger takes the port after it was chosen and %s; another port, no exit counted', async (_, stranger, goes) => {
  await using house = openHouse()
  const digest = house.version('a', WAITS)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('started', () => house.events.some((event) => event.kind === 'started'))
  const { port } = processOf(house)
  await new Promise<void>((done) => stranger.listen(port, '127.0.0.1', done))
  const go = () => writeFileSync(`${house.supervisor.records().versions[0]!.layout!.modelPath}.go`, '')
  if (goes) go()
  await house.until('started again', () => house.status(digest)?.incarnation === 2)
  go()
  await house.until('ready', () => house.status(digest)?.state === 'ready')
  expect(processOf(house).port).not.toBe(port)
  expect((await ask(house.status(digest)!.addresses[0]!)).body).toBe('own')
  expect(house.status(digest)).toMatchObject({ unaskedExits: 0, code: null })
  expect(house.events.filter((event) => event.kind === 'failed')).toEqual([])
  stranger.close()
})

test('a port in use that is not the one it was given is its own mistake', async () => {
  await using house = openHouse()
  const stranger = createServer((_, answer) => answer.end('stranger'))
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done))
  const { port } = stranger.address() as AddressInfo
  const digest = house.version('a', `http.createServer().listen(${port}, "127.0.0.1")`)
  house.supervisor.serve('dev', [house.order(digest)])
  await house.until('failed', () => house.status(digest)?.unaskedExits === 1)
  expect(house.status(digest)).toMatchObject({
    code: 'CRASHED',
    why: expect.stringContaining('EADDRINUSE: address already in use'),
  })
  stranger.close()
})

test('a fixed port: taken by a stranger names the holder, taken by our own waits for its end', async () => {
  let open = 1
  await using house = openHouse({ inFlight: () => open })
  const stranger = spawn(process.execPath, [
    '-e',
    'require("node:http").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })',
  ])
  const port = await new Promise<number>((done) => stranger.stdout.once('data', (line) => done(Number(line))))
  const body = `http.createServer((q, s) => s.end("fixed")).listen(${port}, "127.0.0.1")`
  const [first, second] = [house.version('a', body), house.version('b', body)]
  house.supervisor.serve('dev', [house.order(first, { port })])
  await house.until('failed', () => house.status(first)?.state === 'failed')
  expect(house.status(first)).toMatchObject({ code: 'PORT_TAKEN', unaskedExits: 0, incarnation: 0 })
  expect(house.status(first)!.why).toContain(`port ${port} is taken by node`)
  expect(house.status(first)!.why).toContain(`(pid ${stranger.pid})`)
  stranger.kill('SIGKILL')
  await new Promise((done) => stranger.once('exit', done))
  house.clock.forward(1000)
  await house.until('ready', () => house.status(first)?.state === 'ready')
  house.supervisor.serve('dev', [house.order(second, { port })])
  await house.until('second laid out', () => house.supervisor.records().versions[1]!.layout !== null)
  for (let k = 0; k < 5; k++) {
    house.clock.forward(250)
    house.supervisor.tick()
    await house.supervisor.settled()
  }
  expect(house.status(second)).toMatchObject({ state: 'starting', incarnation: 0 })
  open = 0
  await house.until('second ready', () => {
    house.clock.forward(50)
    return house.status(second)?.state === 'ready'
  })
  expect(house.status(first)!.state).toBe('stopped')
  expect(house.events.filter((event) => event.digest === second && event.kind === 'failed')).toEqual([])
})
