/** What is to be typed next acts in the environment that it is about, not in the one that commands act in by themselves. */
import { describe, expect, it } from 'vitest'
import { notReady, planeRuns } from '../../src/flows/local-ready.ts'
import { localStatus } from '../../src/flows/local-status.ts'
import { plannedBefore } from '../../src/flows/may-start.ts'
import { personAsks } from '../../src/flows/person.ts'
import type { Project } from '../../src/flows/project.ts'
import { releaseOf } from '../../src/flows/release-of.ts'
import { rollback } from '../../src/flows/rollback.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { PLAIN } from '../../src/kit/screen.ts'
import type { HostServers, VersionStatus } from '../../src/platforms/contract.ts'
import { EMPTY, type EnvironmentState, environmentOf } from '../../src/record/fold.ts'
import { explainText } from '../../src/view/explain.ts'
import { historyText } from '../../src/view/history.ts'
import { environment } from '../gates/example.ts'
import { served, settings } from '../runner/world.ts'
import { configOf } from './project.ts'

const V1 = served(`sha256:${'a'.repeat(64)}`, 'v1')
const { signal } = new AbortController()
const quiet = { signal, say: () => {} }

/** A project of dev and staging; what the journal and the host know of staging. */
function project(here: Partial<EnvironmentState>, servers: Partial<HostServers['environments'][string]> = {}): Project {
  const journal = memoryJournal()
  const staging = { ...environmentOf(EMPTY, 'staging'), settings, ...here }
  journal.append([], null, { fold: { ...EMPTY, environments: { staging } } })
  const seen = { versions: [], failure: null, listening: false, running: true, ...servers }
  return {
    config: {
      ...configOf('/p', ['node']),
      environments: { dev: environment(), staging: { ...environment(), name: 'staging' } },
    },
    journal,
    clock: memoryClock(0),
    host: {
      servers: async () => ({ limits: 'polling', environments: { staging: seen } }),
      alive: async () => true,
    },
    store: { tags: async () => [] },
    files: { facts: async () => null },
    stateFolder: '/p/.slipway',
    newId: () => 'id',
  } as unknown as Project
}
/** The `next` of what is thrown. */
const next = (asked: Promise<unknown> | (() => unknown)): Promise<unknown> =>
  Promise.resolve()
    .then(typeof asked === 'function' ? asked : () => asked)
    .then(
      () => 'nothing was thrown',
      (error: { next: unknown }) => error.next,
    )

describe('what to type about staging', () => {
  it('where what serves there does not come up', async () => {
    const status = { digest: V1.digest, state: 'failed', readyReplicas: 0, why: 'gone', code: 'CRASHED' }
    const one = project({}, { versions: [status as VersionStatus] })
    expect((await notReady(one, 'staging', V1, quiet))?.next).toEqual([
      'slipway rollback --env staging',
      'slipway local logs aaaaaaaaaaaa --env staging',
    ])
  })

  it('where its data plane does not', async () => {
    const logs = 'slipway local logs data-plane --env staging'
    expect(await next(planeRuns(project({}, { failure: 'it ended' }), 'staging', signal))).toEqual([logs])
    const { environments } = await localStatus(project({ up: true }))
    expect(environments.find(({ name }) => name === 'staging')?.next).toBe(logs)
    const told = await localStatus(project({ up: true }, { listening: true, failure: 'it was restarted' }))
    expect(told.environments.find(({ name }) => name === 'staging')?.next).toBe('slipway local up --env staging')
  })

  it('where a rollback has nowhere to go, or names another model', async () => {
    const asked = { env: 'staging', quarantine: false, timeoutMs: 1, detach: false, dryRun: true, ...quiet }
    expect(await next(rollback(project({}), asked))).toEqual(['slipway release history --env staging'])
    expect(await next(rollback(project({}), { ...asked, model: 'other' }))).toEqual(['slipway rollback --env staging'])
  })

  it('where there is no release, or the one that runs stands still', async () => {
    expect(await next(() => releaseOf(EMPTY, 'staging', undefined))).toEqual(['slipway release start --env staging'])
    const release = {
      name: 'digits-1',
      environment: 'staging',
      model: 'digits',
    } as EnvironmentState['releases'][number]
    const one = project({ up: false, active: 'digits-1', releases: [release] })
    expect(await next(personAsks(one, 'pause', { env: 'staging', dryRun: false, signal }))).toEqual([
      'slipway local up --env staging',
    ])
  })

  it('where no such plan was made', async () => {
    const composed = { environment: 'staging' } as Parameters<typeof plannedBefore>[2]
    expect(await next(plannedBefore(project({}), '0'.repeat(64), composed))).toEqual(['slipway plan --env staging'])
  })

  it('under what views show', () => {
    const none = { environment: 'staging', serving: null, releases: [], moves: [], older: 0 }
    expect(historyText(none, PLAIN)).toContain('slipway release start --env staging\n')
    expect(explainText({ view: null, gate: null, users: null }, PLAIN, 'staging')).toContain(
      'slipway release start --env staging\n',
    )
  })
})
