/** What persons ask, over a host whose turns go on while they wait. */
import { describe, expect, it } from 'vitest'
import { follow } from '../../src/flows/follow.ts'
import { down } from '../../src/flows/local.ts'
import { type PersonOptions, personAsks } from '../../src/flows/person.ts'
import type { Project } from '../../src/flows/project.ts'
import { quarantineAdd } from '../../src/flows/quarantine.ts'
import { viewOfRelease } from '../../src/flows/report.ts'
import { environment } from '../gates/example.ts'
import { plans } from '../release/plans.ts'
import { settings, V1, V2, world } from '../runner/world.ts'
import { configOf } from './project.ts'

type World = ReturnType<typeof world>
let asked = 0

function project(one: World, alive = () => true, wake = () => {}): Project {
  const sleep = () => one.turns(1, 50)
  const version = { digest: V2, model: 'digits', files: [] }
  return {
    config: { ...configOf('/p', ['node']), environments: { dev: environment() } },
    journal: one.journal,
    clock: { now: () => one.clock.now(), mono: () => one.clock.mono(), sleep },
    host: { wake: async () => wake(), alive: async () => alive() },
    portHolder: () => null,
    ownProcess: () => false,
    store: {
      resolveRef: async () => ({ digest: V2, tag: 'v2' }),
      has: async () => false,
      read: async () => ({ version }),
    },
    files: { facts: async () => null },
    cwd: '/p',
    actor: 'ann',
    newId: () => `asked-${++asked}`,
  } as unknown as Project
}
const how = (dryRun: boolean): PersonOptions => ({ dryRun, signal: new AbortController().signal })
/** What is refused; of a dry run and in earnest it is the same. */
async function refused(one: World, verb: Parameters<typeof personAsks>[1]) {
  const error = (dryRun: boolean) =>
    personAsks(project(one), verb, how(dryRun)).then(
      ({ text }) => text,
      ({ code, message, next }) => ({ code, message, next }),
    )
  const dry = await error(true)
  expect(await error(false)).toEqual(dry)
  return dry
}
async function running(): Promise<World> {
  const one = world()
  one.start(plans.canaries)
  await one.turns(6, 50)
  return one
}

describe('--dry-run is refused what is refused in earnest', () => {
  it('by a release that runs', async () => {
    const one = await running()
    expect(await refused(one, 'accept')).toMatchObject({
      code: 'RELEASE_STATE',
      message: 'only a held release can be accepted',
    })
    expect((await personAsks(project(one), 'pause', how(true))).text).toMatch(/^would ask .* to pause$/)
    await expect(down(project(one), { ...how(true), force: false })).rejects.toMatchObject({ code: 'RELEASE_RUNNING' })
  })

  it('by one that is over', async () => {
    const one = await running()
    one.ask({ verb: 'rollback' })
    await one.toEnd(50)
    for (const verb of ['accept', 'pause', 'resume', 'advance', 'abort'] as const)
      expect(await refused(one, verb)).toMatchObject({ code: 'RELEASE_STATE', message: /is over: rolled-back$/ })
  })
})

it('in an environment that is down a release can be aborted and nothing else: what ends it comes with local up', async () => {
  const one = await running()
  one.add('settings', { settings: null, up: false })
  await one.turns(1)
  expect(await refused(one, 'pause')).toMatchObject({ code: 'RELEASE_STATE', next: ['slipway local up'] })
  const done = await personAsks(project(one), 'abort', how(false))
  expect(done.text).toMatch(/ is aborted; dev is down: slipway local up ends it$/)
  expect(one.release()?.outcome).toBeNull()
  one.add('settings', { settings, up: true })
  await one.toEnd(50)
  expect(one.release()).toMatchObject({ outcome: 'aborted' })
})

it('a version that is quarantined while it is released is taken back, and --dry-run says so', async () => {
  const one = await running()
  const dry = await quarantineAdd(project(one), 'digits:v2', 'bad', true)
  expect(dry.text).toMatch(/^would quarantine v2; \S+, which releases it in dev, would be taken back$/)
  const done = await quarantineAdd(project(one), 'digits:v2', 'bad', false)
  expect(done.text).toMatch(/^v2 is quarantined: bad; \S+, which releases it in dev, is taken back$/)
  expect(done.undo).toMatch(/^slipway quarantine lift .* && slipway release start /)
  await one.toEnd(50)
  expect(one.release()).toMatchObject({ outcome: 'rolled-back', code: 'ROLLED_BACK_BY_PERSON' })
  expect(one.notes().some((text) => /rolled back by ann: bad/.test(text))).toBe(true)
  expect(one.environment().serving).toMatchObject({ digest: V1 })
})

/** Follows for two minutes: what was told, and how often a host was started. */
async function followed(one: World) {
  const told: string[] = []
  let starts = 0
  const still = {
    ...project(one, () => false),
    clock: { ...one.clock, sleep: async (ms: number) => one.clock.advance(ms) },
  }
  const host = { ...still.host, wake: async () => void starts++ }
  const id = { environment: 'dev', name: one.release()!.name }
  const options = { timeoutMs: 120_000, stayHeld: false, onNote: ({ text }: { text: string }) => void told.push(text) }
  const end = follow({ ...still, host } as Project, id, { ...options, signal: how(false).signal })
  await expect(end).rejects.toMatchObject({ code: 'TIMEOUT' })
  return { told, starts }
}

describe('where nothing runs any more', () => {
  it('status says so, and what takes the release on', async () => {
    const one = await running()
    const gone = await viewOfRelease(
      project(one, () => false),
      {},
    )
    expect(gone).toMatchObject({
      timeStands: 'host not running, and no data plane: nobody answers users',
      nowSentence: 'Nobody answers users.',
      commands: ['slipway local up', expect.any(String), expect.any(String)],
    })
    expect((await viewOfRelease(project(one), {})).timeStands).toBeNull()
    one.add('settings', { settings: null, up: false })
    expect(await viewOfRelease(project(one), {})).toMatchObject({ timeStands: 'dev is down' })
  })

  it('watch says so once, and starts no host for what is down, and fewer and fewer that do not stay', async () => {
    const one = await running()
    expect((await followed(one)).starts).toBeLessThan(7)
    one.add('settings', { settings: null, up: false })
    const { told, starts } = await followed(one)
    expect({ starts, told: told.filter((text) => text.includes('stands still')) }).toEqual({
      starts: 0,
      told: [expect.stringMatching(/^\S+ stands still: dev is down; slipway local up$/)],
    })
  })
})
