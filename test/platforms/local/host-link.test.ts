/** What commands learn of a host, also of one that goes away while it is asked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/io/clock.ts'
import { systemProcesses } from '../../../src/io/processes.ts'
import { type RpcServer, serveRpc } from '../../../src/io/rpc.ts'
import { socketPath } from '../../../src/io/runtime-folder.ts'
import { hostLink } from '../../../src/platforms/local/host-link.ts'

/** A link to a host that answers `hello`, and all else by `answer`. */
async function linked(answer: (host: RpcServer) => unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-link-'))
  const host: RpcServer = await serveRpc(socketPath(folder, 'host'), (method) =>
    method === 'hello' ? { version: '1.0.0', pid: process.pid, epoch: 1 } : answer(host),
  )
  onTestFinished(async () => {
    await host.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return hostLink({
    stateFolder: folder,
    runtimeFolder: folder,
    projectFolder: folder,
    command: ['true'],
    env: {},
    version: '1.0.0',
    clock: systemClock,
    processes: systemProcesses(),
  })
}

it('tells what the host says', async () => {
  const link = await linked(() => ({ limits: 'polling', environments: {} }))
  expect(await link.servers()).toEqual({ limits: 'polling', environments: {} })
})

it('knows nothing of what runs and what room there is where the host ends before it says so', async () => {
  for (const ask of ['servers', 'room'] as const) {
    const link = await linked((host) => host.close())
    expect(await link[ask]()).toBeNull()
  }
})

it('keeps an error of the host an error', async () => {
  const link = await linked(() => {
    throw new Error('a bug of the host')
  })
  await expect(link.servers()).rejects.toMatchObject({ code: 'BUG' })
})

it('does not take the silence of a host for an answer to what must be known', async () => {
  let asked = 0
  const link = await linked((host) => {
    asked += 1
    return asked === 1 ? null : host.close()
  })
  await expect(link.fits('dev', [])).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' })
})
