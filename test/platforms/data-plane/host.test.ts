import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { memoryClock, systemClock } from '../../../src/io/clock.ts'
import { connectDataPlane } from '../../../src/platforms/local/data-plane/client.ts'
import { holderOf } from '../../../src/platforms/local/data-plane/port-holder.ts'
import { answering, orders, predict, rig, type SmallServer, smallServer, target, until } from './rig.ts'

const made: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of made.splice(0)) await one.close()
})
const kept = <T extends { close(): unknown }>(one: T): T => {
  made.push(one)
  return one
}
const entry = fileURLToPath(new URL('../../../src/entries/data-plane.ts', import.meta.url))
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
  expect(await plane.client.call('observe', { after: 0 })).toMatchObject({ weightPpm: 0, epoch: 1, revision: 1 })
  await plane.client.call('renew', { epoch: 1 })
  expect(await served(plane.url)).toBe('v1')
  await plane.client.call('route', { orders: orders({ ...canary, epoch: 1, revision: 1 }) })
  expect(await served(plane.url)).toBe('v2')
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

test('a taken port names who holds it', async () => {
  const holder = spawn(process.execPath, [
    '-e',
    "const s = require('net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))",
  ])
  kept({ close: () => holder.kill('SIGKILL') })
  const port = Number(await new Promise<Buffer>((resolve) => holder.stdout.once('data', resolve)))
  expect(holderOf(port)).toEqual({ pid: holder.pid, command: 'node' })
  for (const which of ['listen', 'control'] as const) {
    const failed = await rig({ options: { [which]: { host: '127.0.0.1', port } } }).catch((error: Error) => error)
    expect(failed).toMatchObject({ code: 'PORT_TAKEN' })
    expect((failed as Error).message).toContain(`${which} 127.0.0.1:${port} is taken by process ${holder.pid} (node)`)
  }
  expect(holderOf(1)).toBeNull()
})

test('an address that is not of this machine is an input error', async () => {
  await expect(rig({ options: { listen: { host: '203.0.113.7', port: 0 } } })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})

test('the process serves, starts a host when none speaks, goes on without it, and ends when asked', async () => {
  const path = await folder()
  const mark = join(path, 'host-started')
  const starter = join(path, 'host.sh')
  await writeFile(starter, `#!/bin/sh\ntouch ${mark}\n`)
  await chmod(starter, 0o755)
  const options = {
    environment: 'dev',
    listen: { host: '127.0.0.1', port: 0 },
    control: { host: '127.0.0.1', port: 0 },
    socketPath: join(path, 'dp.sock'),
    controlToken: 't',
    onHostLost: [starter],
    version: '0.0.0',
    hostLostMs: 200,
  }
  await writeFile(join(path, 'options.json'), JSON.stringify(options))
  const child = spawn(process.execPath, [entry, join(path, 'options.json')], { stdio: ['ignore', 'ignore', 'pipe'] })
  kept({ close: () => child.kill('SIGKILL') })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const client = await until(() => connectDataPlane(options.socketPath, systemClock).catch(() => null))
  const server = kept(await smallServer(answering({ ok: 1 })))
  await client.call('route', { orders: orders({ baseline: target(server) }) })
  const { listen, pid } = await client.call('hello', {})
  expect(pid).toBe(child.pid)
  const url = `http://127.0.0.1:${listen.port}`
  await until(() => stat(mark).catch(() => null))
  expect((await predict(url)).status).toBe(200)
  expect(said).not.toMatch(/warning/i)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  expect(await client.call('close', { graceMs: 1000 })).toEqual({ closing: true })
  expect(await ended).toBe(0)
  await expect(predict(url)).rejects.toThrow(/ECONNREFUSED/)
  client.close()
})

test('an outside baseline is called by its own name, over TLS where its URL says so', async () => {
  const at = (name: string) => new URL(`fixtures/${name}`, import.meta.url)
  const [key, cert] = await Promise.all([readFile(at('localhost.key')), readFile(at('localhost.crt'))])
  const seen: (string | undefined)[] = []
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    seen.push(req.headers.host, req.headers['x-forwarded-host'] as string)
    answering({ ok: 1 })(req, res)
  }
  const servers = [createServer(answer), createTlsServer({ key, cert }, answer)]
  const path = await folder()
  const options = {
    environment: 'dev',
    listen: { host: '127.0.0.1', port: 0 },
    control: { host: '127.0.0.1', port: 0 },
    socketPath: join(path, 'dp.sock'),
    controlToken: 't',
    onHostLost: null,
    version: '0.0.0',
  }
  await writeFile(join(path, 'options.json'), JSON.stringify(options))
  const child = spawn(process.execPath, [entry, join(path, 'options.json')], {
    stdio: 'ignore',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(at('localhost.crt')) },
  })
  kept({ close: () => child.kill('SIGKILL') })
  const client = await until(() => connectDataPlane(options.socketPath, systemClock).catch(() => null))
  kept(client)
  const { listen } = await client.call('hello', {})
  for (const [index, server] of servers.entries()) {
    server.listen(0, 'localhost')
    await once(server, 'listening')
    kept({ close: () => server.close() })
    const { port } = server.address() as AddressInfo
    const digest = `${index === 0 ? 'http' : 'https'}://localhost:${port}`
    const baseline = { digest, tag: null, addresses: [digest], incarnation: 1 }
    await client.call('route', { orders: orders({ revision: index + 1, baseline }) })
    expect((await predict(`http://127.0.0.1:${listen.port}`)).body).toBe('{"ok":1}')
    expect(seen.splice(0)).toEqual([`localhost:${port}`, `127.0.0.1:${listen.port}`])
  }
})

test('a process that cannot start says why in one JSON line, with its exit', async () => {
  const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
    execFile(process.execPath, [entry], (error, _stdout, stderr) => resolve({ code: error?.code, stderr })),
  )
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(/\{"error":\{"code":"USAGE"/)
})
