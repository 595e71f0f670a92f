import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/io/clock.ts'
import { connectDataPlane } from '../../../src/platforms/local/data-plane/client.ts'
import { holderOf } from '../../../src/platforms/local/data-plane/port-holder.ts'
import { answering, orders, predict, rig, smallServer, target, until } from './rig.ts'

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
