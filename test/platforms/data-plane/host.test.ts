import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { memoryClock, systemClock } from '../../../src/io/clock.ts'
import { connectDataPlane } from '../../../src/platforms/local/data-plane/client.ts'
import { answering, orders, predict, rig, type SmallServer, smallServer, target, until } from './rig.ts'

const made: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of made.splice(0)) await one.close()
})
const kept = <T extends { close(): unknown }>(one: T): T => {
  made.push(one)
  return one
}
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-'))
  kept({ close: () => rm(path, { recursive: true, force: true }) })
  return path
}

/** Lets a memory clock run in steps, so that whoever sleeps in a loop looks each time. */
async function run(clock: ReturnType<typeof memoryClock>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('hello tells version, boot and pid; a second data plane at the socket is refused', async () => {
  const plane = kept(await rig())
  expect(await plane.client.call('hello', {})).toMatchObject({
    protocol: 1,
    version: '0.0.0-test',
    boot: plane.plane.boot,
    pid: process.pid,
    environment: 'dev',
    listen: plane.plane.listen,
    control: plane.plane.control,
  })
  expect((await stat(plane.options.socketPath)).mode & 0o777).toBe(0o600)
  await expect(rig({ options: { socketPath: plane.options.socketPath } })).rejects.toMatchObject({ code: 'PORT_TAKEN' })
})

test('a socket file that a dead data plane left is replaced', async () => {
  const path = join(await folder(), 'dp.sock')
  const left = spawn(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(path)})`])
  await until(() => stat(path).catch(() => null))
  left.kill('SIGKILL')
  await new Promise((resolve) => left.once('exit', resolve))
  const plane = kept(await rig({ options: { socketPath: path } }))
  expect((await plane.client.call('hello', {})).boot).toBe(plane.plane.boot)
})

test('what is no request is answered with an error, and the connection goes on', async () => {
  const plane = kept(await rig())
  const socket = connect(plane.options.socketPath)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  socket.write('nonsense\n{"v":99,"id":1,"method":"hello","params":{}}\n{"v":1,"id":2,"method":"toString"}\n')
  socket.write('{"v":1,"id":3,"meth')
  socket.write('od":"hello","params":{}}\n')
  await until(() => text.split('\n').length === 5)
  const replies = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: number; error?: unknown })
  expect(replies.map(({ id, error }) => [id, error !== undefined])).toEqual([
    [0, true],
    [1, true],
    [2, true],
    [3, false],
  ])
  socket.destroy()
})

test('a client says that nobody answers: no socket, a data plane that ended, one that is stopped', async () => {
  await expect(connectDataPlane('/nowhere/dp.sock', systemClock)).rejects.toMatchObject({
    code: 'DATA_PLANE_UNREACHABLE',
  })
  const plane = await rig()
  const client = await connectDataPlane(plane.options.socketPath, systemClock)
  await plane.close()
  await until(() => client.closed)
  await expect(client.call('hello', {})).rejects.toMatchObject({ code: 'DATA_PLANE_UNREACHABLE' })
})

test('without a word from a host for 5 s a new one is started, and every 5 s again', async () => {
  const clock = memoryClock(1_700_000_000_000)
  const plane = kept(await rig({ clock }))
  await run(clock, 4500)
  expect(plane.hostStarts).toEqual([])
  await plane.client.call('observe', { after: 0 })
  await run(clock, 4500)
  expect(plane.hostStarts).toEqual([])
  await run(clock, 1000)
  expect(plane.hostStarts).toEqual([['start-host', 'now']])
  await run(clock, 4000)
  expect(plane.hostStarts).toHaveLength(1)
  await run(clock, 1500)
  expect(plane.hostStarts).toHaveLength(2)
  // A look by somebody else is no host.
  await plane.client.call('hello', {})
  await run(clock, 5500)
  expect(plane.hostStarts).toHaveLength(3)
})

const pair = async (): Promise<[SmallServer, SmallServer]> => [
  kept(await smallServer(answering({ by: 'b' }))),
  kept(await smallServer(answering({ by: 'c' }))),
]
const served = async (url: string) => (await predict(url)).headers['x-slipway-version']

test('orders not renewed for 60 s: the weight is given back, and nothing counts, until new orders come', async () => {
  const clock = memoryClock(1_700_000_000_000)
  const plane = kept(await rig({ clock }))
  const [b, c] = await pair()
  const canary = {
    baseline: target(b, 'sha256:b', 'v1'),
    candidate: target(c, 'sha256:c', 'v2'),
    weightPpm: 1_000_000,
    counting: { release: 'digits-1', step: 1, watch: false, specs: [] },
  }
  await plane.route(canary)
  for (let i = 0; i < 3; i++) {
    await run(clock, 59_000)
    await plane.client.call('renew', { epoch: 1 })
  }
  expect(await served(plane.url)).toBe('v2')
  // Looks alone do not renew.
  await run(clock, 30_000)
  await plane.client.call('observe', { after: 0 })
  await run(clock, 31_000)
  expect(await served(plane.url)).toBe('v1')
  expect(await plane.client.call('observe', { after: 0 })).toMatchObject({
    weightPpm: 0,
    epoch: 1,
    revision: 1,
    givenBack: true,
  })
  await plane.client.call('renew', { epoch: 1 })
  expect(await served(plane.url)).toBe('v1')
  await plane.client.call('route', { orders: orders({ ...canary, epoch: 1, revision: 1 }) })
  expect(await served(plane.url)).toBe('v2')
  expect(await plane.client.call('observe', { after: 0 })).toMatchObject({ weightPpm: 1_000_000, givenBack: false })
})

test('who comes before the first orders waits for them', async () => {
  const plane = kept(await rig())
  const [b] = await pair()
  const early = [predict(plane.url, { x: 1 }), predict(plane.url, { x: 2 })]
  await until(async () => (await plane.client.call('observe', { after: 0 })).waiting === 2)
  await plane.route({ baseline: target(b, 'sha256:b', 'v1') })
  expect((await Promise.all(early)).map((answer) => answer.status)).toEqual([200, 200])
  expect(b.seen.map((one) => one.body)).toEqual(['{"x":1}', '{"x":2}'])
})

test('first orders that hold let the early ones wait on; without any orders they are refused', async () => {
  const plane = kept(await rig())
  const [b] = await pair()
  const early = predict(plane.url)
  await until(async () => (await plane.client.call('observe', { after: 0 })).waiting === 1)
  await plane.route({ baseline: target(b, 'sha256:b', 'v1'), hold: { waitMs: 30_000 } })
  await new Promise((resolve) => setTimeout(resolve, 2500))
  expect(await plane.client.call('observe', { after: 0 })).toMatchObject({ waiting: 1, holding: true })
  await plane.route({ baseline: target(b, 'sha256:b', 'v1') })
  expect((await early).status).toBe(200)
  const alone = kept(await rig())
  expect(await predict(alone.url)).toMatchObject({ status: 503, body: expect.stringContaining('nothing serves') })
})

test('in the watch the weight stays', async () => {
  const clock = memoryClock(1_700_000_000_000)
  const plane = kept(await rig({ clock }))
  const [b, c] = await pair()
  await plane.route({
    baseline: target(b, 'sha256:b', 'v1'),
    candidate: target(c, 'sha256:c', 'v2'),
    weightPpm: 1_000_000,
    onSilence: 'keep',
  })
  await run(clock, 120_000)
  expect(await served(plane.url)).toBe('v2')
})
