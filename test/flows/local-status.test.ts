/** What `local status` makes of the journal and of what the host says, or does not say. */
import { describe, expect, it } from 'vitest'
import { localStatus } from '../../src/flows/local-status.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import type { HostServers } from '../../src/platforms/contract.ts'
import { EMPTY, environmentOf } from '../../src/record/fold.ts'
import { localStatusText } from '../../src/view/local-status.ts'
import { environment } from '../gates/example.ts'
import { served, settings } from '../runner/world.ts'
import { configOf } from './project.ts'

const SERVERS: HostServers = {
  limits: 'polling',
  environments: { dev: { versions: [], failure: null, listening: true, running: true } },
}

/** An environment that is up, with a data plane of ours at its port. */
function project(servers: HostServers | null, alive: boolean, status?: string) {
  const journal = memoryJournal()
  const dev = { ...environmentOf(EMPTY, 'dev'), up: true, settings, serving: served('sha256:a', 'v1') }
  const active = status === undefined ? null : 'digits-1'
  journal.append([], null, {
    fold: { ...EMPTY, environments: { dev: { ...dev, active } } },
    'release:dev/digits-1': { state: { status } },
  })
  return {
    config: { ...configOf('/p', ['node']), environments: { dev: environment() } },
    journal,
    host: { servers: async () => servers, alive: async () => alive },
    store: { tags: async () => [] },
    portHolder: () => ({ pid: 7, name: 'node' }),
    ownProcess: (pid: number | null) => pid === 7,
  }
}

describe('local status', () => {
  it('tells a host that says nothing in time from one that is gone', async () => {
    const mute = await localStatus(project(null, true))
    expect(mute.host).toEqual({ alive: true, limits: null })
    expect(localStatusText(mute)).toMatch(
      /^host is alive; it is busy\ndev {2}up .*\n {2}the host is busy and did not say what runs: slipway local status\n {2}serves v1\n$/,
    )
    const gone = await localStatus(project(null, false))
    expect(gone.environments[0]).toMatchObject({
      up: true,
      failure: 'host not running; the data plane goes on with its last orders',
    })
    expect((await localStatus(project(SERVERS, true))).environments[0]).toMatchObject({ up: true, failure: null })
  })

  it('tells what a release does that has not ended', async () => {
    const line = async (status: string) => {
      const seen = await localStatus(project(SERVERS, true, status))
      expect(seen.environments[0]).toMatchObject({ release: 'digits-1', status })
      return localStatusText(seen).split('\n').at(-2)
    }
    expect(await line('running')).toBe('  serves v1; digits-1 runs')
    expect(await line('held')).toBe('  serves v1; digits-1 is held')
    expect(await line('paused')).toBe('  serves v1; digits-1 is paused')
  })
})
