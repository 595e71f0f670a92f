/** Releases whose state is damaged or lost: persons end them, users go home, and nobody else waits for it. */
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/record/entries.ts'
import { runtimeOf } from '../../src/record/release-id.ts'
import { plans, V0 } from '../release/plans.ts'
import { served, V1, V2, world } from './world.ts'

type World = ReturnType<typeof world>

const inCanary = async (): Promise<World> => {
  const one = world()
  one.start(plans.canaries)
  for (let i = 0; i < 100 && !one.platform.orders?.weightPpm; i++) await one.turns(1, 5)
  expect(one.platform.orders?.weightPpm).toBeGreaterThan(0)
  return one
}
/** The next host finds a state that the engine cannot step. */
function damage(one: World): void {
  const kept = one.runtime()!
  one.journal.append([], null, { 'release:dev/digits-1': { ...kept, state: { ...kept.state, judge: null } } })
  one.restart()
}
/** The next host finds none. */
function lose(one: World): void {
  one.journal.append([], null, { 'release:dev/digits-1': undefined })
  one.restart()
}
/** Turns that may fail, for the release cannot be judged. */
async function turns(one: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await one.turns(1).catch(() => undefined)
}
const answers = (one: World) =>
  one.journal
    .read(0)
    .filter((row) => row.kind === 'answer')
    .map((row) => row.data as Extract<Entry, { kind: 'answer' }>['data'])

describe.each([
  ['damaged', damage],
  ['lost', lose],
] as const)('a release whose state is %s', (_, harm) => {
  it.each([
    ['rollback', 'rolled-back', 'ROLLED_BACK_BY_PERSON'],
    ['abort', 'aborted', 'ABORTED'],
  ] as const)('ends by %s: users are on its baseline, and the next one can start', async (verb, outcome, code) => {
    const one = await inCanary()
    harm(one)
    one.ask({ verb })
    await turns(one, 5)
    expect(one.release()).toMatchObject({ outcome, code })
    expect(one.platform.orders).toMatchObject({ candidate: null, weightPpm: 0, baseline: { digest: V1 } })
    expect(one.platform.running()).toEqual([V1])
    expect(one.runner.state.pending).toEqual([])
    expect(answers(one).at(-1)).toMatchObject({ refused: null, text: 'v1 serves' })
    expect(runtimeOf(one.journal, one.release()!)?.state).toMatchObject({ phase: 'over', outcome })
    // Nothing fails any more, and it stays so for the next host.
    one.restart()
    expect(one.broken).toEqual([])
    one.clock.advance(1000)
    one.start(plans.canaries)
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ name: 'digits-2', outcome: 'promoted' })
  })

  it('goes to the version named, and quarantines what is left', async () => {
    const one = await inCanary()
    harm(one)
    one.ask({ verb: 'rollback', to: served(V0, 'v0'), quarantine: true })
    await turns(one, 6)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back' })
    expect(one.environment()).toMatchObject({ serving: { digest: V0 }, former: { digest: V1 } })
    expect(one.platform.orders).toMatchObject({ candidate: null, baseline: { digest: V0 } })
    expect(one.runner.state.quarantine[V2]).toMatchObject({ by: 'tester', release: 'digits-1' })
  })

  it('makes way for one that replaces it', async () => {
    const one = await inCanary()
    harm(one)
    one.ask({
      verb: 'start',
      plan: plans.standard,
      planHash: 'other',
      candidate: served(V2, 'v2'),
      baseline: served(V1, 'v1'),
      settings: one.environment().settings!,
      replace: true,
    } as never)
    await turns(one, 5)
    const [first, second] = one.environment().releases
    expect(first).toMatchObject({ outcome: 'aborted' })
    expect(second).toMatchObject({ name: 'digits-2', outcome: null })
  })

  it('can be ended only: other verbs say so', async () => {
    const one = await inCanary()
    harm(one)
    one.ask({ verb: 'pause' })
    await turns(one, 2)
    expect(one.release()?.outcome).toBeNull()
    expect(answers(one).at(-1)?.refused).toMatchObject({
      code: 'RELEASE_STATE',
      message: expect.stringContaining('it can only be ended'),
      next: ['slipway release abort digits-1'],
    })
  })

  it('after a swap: the new version is stopped before the old one starts, and users wait', async () => {
    const one = world()
    one.start(plans.swapBare)
    for (let i = 0; i < 100 && one.runtime()?.state.swap !== 'open'; i++) await one.turns(1, 5)
    expect(one.platform.running()).toEqual([V2])
    harm(one)
    one.ask({ verb: 'rollback' })
    const ran = new Set<string>()
    let waited = false
    one.platform.meanwhile = () => {
      ran.add(one.platform.running().join())
      waited ||= one.platform.orders?.hold != null
    }
    await turns(one, 8)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back' })
    expect(waited).toBe(true)
    expect([...ran]).toEqual([V2, '', V1])
    expect(one.platform.orders).toMatchObject({ hold: null, baseline: { digest: V1 } })
  })
})

it('a request that cannot be handled keeps nobody else from their answer', async () => {
  const one = await inCanary()
  const other = (kind: string, data: unknown) =>
    one.journal.append([{ at: one.clock.now(), kind, environment: 'other', release: '', data }], null)
  const { settings } = one.environment()
  other('settings', { settings, up: true })
  other('serving', { serving: served(V1, 'v1'), former: served(V0, 'v0'), why: 'promoted' })
  const plan = { ...plans.canaries, steps: null }
  other('request', {
    id: 'bad',
    verb: 'start',
    by: 'me',
    plan,
    candidate: served(V2, 'v2'),
    baseline: served(V1, 'v1'),
  })
  other('request', { id: 'good', verb: 'rollback', by: 'me', reason: null, to: null, quarantine: false })
  await expect(one.turns(1)).rejects.toThrow('start in other')
  expect(one.runner.runtimeOf('other').move).toMatchObject({ request: 'good', to: { digest: V0 } })
  expect(one.release()?.outcome).toBeNull()
})
