/** Data planes of an environment as a host finds, starts, moves, replaces and ends them; real processes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/io/clock.ts'
import { markOf, markPrefix } from '../../../src/io/marks.ts'
import { systemProcesses } from '../../../src/io/processes.ts'
import { socketPath } from '../../../src/io/runtime-folder.ts'
import { LocalPlatform } from '../../../src/platforms/local/platform.ts'
import type { Supervisor } from '../../../src/platforms/local/supervisor/types.ts'
import type { EnvironmentSettings } from '../../../src/record/entries.ts'
import { freePorts } from '../../scenarios/harness.ts'
import { call, orders, until } from '../data-plane/rig.ts'

const entry = fileURLToPath(new URL('../../../src/entries/data-plane.ts', import.meta.url))
const processes = systemProcesses()
const at = (port: number) => ({ host: '127.0.0.1', port })
const settings = (listen: number, control: number): EnvironmentSettings => ({
  listen: at(listen),
  control: at(control),
  limits: { inFlight: 1, queue: 1, bodyBytes: 1 },
  timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
  notify: null,
})
const NOWHERE = { cursor: 0, boot: null }

function place(epoch = 1, stateFolder = mkdtempSync(join(tmpdir(), 'slipway-'))) {
  onTestFinished(() => {
    processes.signal(processes.marked(markPrefix(stateFolder)), 'SIGKILL')
    rmSync(stateFolder, { recursive: true, force: true })
  })
  const said: string[] = []
  const stopped: string[] = []
  const supervisor = { stop: async (name: string) => void stopped.push(name) } as unknown as Supervisor
  const platform = new LocalPlatform({
    supervisor,
    stateFolder,
    runtimeFolder: stateFolder,
    clock: systemClock,
    processes,
    dataPlane: [process.execPath, entry],
    hostCommand: ['true'],
    env: {},
    controlToken: 't',
    epoch,
    version: '7.8.9',
    onOpen: () => {},
    onLost: () => {},
    say: (name, text) => said.push(`${name} ${text}`),
  })
  /** A turn after the other until it answers. */
  const observe = () => until(() => platform.observe('dev', NOWHERE).catch(() => null))
  return { stateFolder, platform, said, stopped, observe }
}
const health = async (port: number) => JSON.parse((await call(`http://127.0.0.1:${port}/healthz`)).body) as object

test('a data plane is started, tells its version, moves to new addresses, and ends', async () => {
  const { platform, observe, stopped, stateFolder } = place()
  const [a, b, c, d] = (await freePorts(4)) as [number, number, number, number]
  platform.configure('dev', settings(a, b), null)
  const { boot } = await observe()
  expect(await health(b)).toMatchObject({ status: 'ok', version: '7.8.9' })
  const first = platform.processOf('dev')!
  platform.configure('dev', settings(a, b), null)
  expect((await observe()).boot).toBe(boot)
  platform.configure('dev', settings(c, d), null)
  expect([settings(a, b), settings(c, d)].map((one) => platform.listening('dev', one))).toEqual([true, false])
  expect((await observe()).boot).not.toBe(boot)
  expect([settings(a, b), settings(c, d)].map((one) => platform.listening('dev', one))).toEqual([false, true])
  expect(processes.alive(first)).toBe(false)
  expect(await health(d)).toMatchObject({ status: 'ok' })
  await expect(health(b)).rejects.toThrow(/ECONNREFUSED/)
  await platform.down('dev', null)
  expect(stopped).toEqual(['dev'])
  expect(processes.marked(markPrefix(stateFolder))).toEqual([])
})

test('a data plane of an earlier host is found by its socket and ended', async () => {
  const earlier = place()
  const [a, b] = (await freePorts(2)) as [number, number]
  earlier.platform.configure('dev', settings(a, b), null)
  await earlier.observe()
  const known = earlier.platform.processOf('dev')!
  const next = place(2, earlier.stateFolder)
  await next.platform.down('dev', known)
  expect(processes.alive(known)).toBe(false)
  expect(next.stopped).toEqual(['dev'])
})

test('orders of an older host are not answered with a reading', async () => {
  const { platform, observe } = place(3)
  const [a, b] = (await freePorts(2)) as [number, number]
  platform.configure('dev', settings(a, b), null)
  await observe()
  await platform.route('dev', orders({ epoch: 4 }))
  await expect(platform.observe('dev', NOWHERE)).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
  await expect(platform.renew('dev')).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
})

test('a data plane of another protocol is replaced', async () => {
  const { platform, observe, said, stateFolder } = place()
  const path = socketPath(stateFolder, 'data-plane-dev')
  const answer =
    '{"id":1,"error":{"code":"DATA_PLANE_UNREACHABLE","message":"the data plane speaks version 9, not 1"}}\n'
  const code = `require('net').createServer((s) => { s.on('error', () => {}); s.on('data', () => s.write(${JSON.stringify(answer)})) }).listen(${JSON.stringify(path)}, () => console.log('there'))`
  const log = join(stateFolder, 'old.log')
  const old = await processes.start({
    command: [process.execPath, '-e', code],
    cwd: stateFolder,
    env: { SLIPWAY_ID: markOf(stateFolder, 'data-plane', 'dev') },
    log,
    nice: 0,
    cgroup: null,
  })
  await until(() => readFileSync(log, 'utf8').includes('there'))
  const [a, b] = (await freePorts(2)) as [number, number]
  platform.configure('dev', settings(a, b), null)
  await observe()
  expect(processes.alive(old)).toBe(false)
  expect(said).toEqual(['dev the data plane is of another slipway: another one takes its place'])
  expect(await health(b)).toMatchObject({ version: '7.8.9' })
})
