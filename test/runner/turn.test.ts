/** Whole releases by a clock that moves when told: the runner over a platform in memory. */
import { describe, expect, it } from 'vitest'
import { canary, full, plans, V0 } from '../release/plans.ts'
import { served, V1, V2, world } from './world.ts'

const BAD = { [V2]: { bad: 0.3, slow: 0.05, wrong: 0.05 } }
const WRONG = { [V2]: { bad: 0.01, slow: 0.05, wrong: 0.4 } }

describe('a whole release', () => {
  it('goes through its canaries and is promoted; then only the new version runs', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'promoted', exit: 0 })
    expect(one.environment().serving?.digest).toBe(V2)
    expect(one.platform.running().sort()).toEqual([V1, V2])
    await one.turns(20, 10)
    expect(one.platform.running()).toEqual([V2])
    expect(one.platform.orders).toMatchObject({ candidate: null, counting: null, baseline: { digest: V2 } })
  })

  it('takes a bad version back at the next look, and quarantines it', async () => {
    const one = world(BAD)
    one.start(plans.canaries)
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back', exit: 3, blame: 'errors' })
    expect(one.environment().serving?.digest).toBe(V1)
    expect(one.runner.state.quarantine[V2]).toMatchObject({ gate: 'errors', release: 'digits-1' })
    await one.turns(3, 10)
    expect(one.platform.orders).toMatchObject({ weightPpm: 0, baseline: { digest: V1 } })
    expect(one.platform.running()).toEqual([V1])
    one.start(plans.canaries)
    await one.turns(2)
    expect(one.release()?.n).toBe(1)
  })

  it('taken back where nothing served before leaves its baseline serving', async () => {
    const one = world(BAD)
    one.add('serving', { serving: null, former: null, why: 'promoted' })
    one.start(plans.canaries)
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back' })
    await one.turns(20, 10)
    expect(one.environment().serving?.digest).toBe(V1)
    expect(one.platform.running()).toEqual([V1])
    expect(one.platform.orders).toMatchObject({ candidate: null, baseline: { digest: V1 } })
  })

  it('finds in shadow, by labels, what no user should see', async () => {
    const one = world(WRONG)
    one.start(plans.standard)
    await one.toEnd(50, true)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back', blame: 'quality' })
    expect(one.platform.sent[V2] ?? 0).toBe(0)
  })

  it('the second unasked exit ends it', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(6, 50)
    one.platform.crash(V2)
    await one.turns(4, 50)
    expect(one.release()?.outcome).toBe(null)
    one.platform.crash(V2)
    await one.turns(4, 50)
    expect(one.release()).toMatchObject({ outcome: 'rolled-back', exit: 11 })
    expect(one.runner.state.quarantine).toEqual({})
  })
})

describe('a version that was there before', () => {
  it('is judged by what it does in this release, not by exits of an earlier life', async () => {
    const one = world()
    one.platform.crash(V2)
    one.start(plans.canaries)
    await one.turns(6, 50)
    one.ask({ verb: 'abort' })
    one.platform.crash(V2)
    one.platform.crash(V2)
    await one.toEnd(10)
    one.start(plans.canaries)
    await one.turns(8, 50)
    expect(one.release()).toMatchObject({ n: 2, outcome: null })
    expect(one.runtime()?.state.exits).toBe(0)
    one.platform.crash(V2)
    await one.turns(4, 50)
    expect(one.runtime()?.state.exits).toBe(1)
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'promoted' })
  })
})

describe('what is seen counts once', () => {
  it('with another host in the middle', async () => {
    const one = world()
    // Within one step: what comes before the split of a step was seen counts for nobody.
    one.start({ ...plans.canaries, steps: [canary(500_000, 12_000), full] })
    await one.turns(8, 50)
    for (let i = 0; i < 5; i++) {
      one.restart()
      await one.turns(4, 50)
    }
    await one.turns(1)
    expect(one.platform.counted('errors')).toBeGreaterThan(1000)
    expect(one.judged('errors')).toBe(one.platform.counted('errors'))
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'promoted' })
  })

  it('with rows of others between its reading and its writing', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(8, 50)
    let n = 0
    one.platform.meanwhile = () => {
      if (n++ % 2 === 0) one.add('note', { what: 'host', text: 'somebody else writes' })
    }
    await one.turns(20, 50)
    one.platform.meanwhile = () => {}
    await one.turns(2)
    expect(one.platform.counted('errors')).toBeGreaterThan(1000)
    expect(one.judged('errors')).toBe(one.platform.counted('errors'))
  })

  it('a host that takes over says so, also where somebody writes in between', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(8, 50)
    const { clockMs } = one.runtime()!.state
    one.clock.advance(30_000)
    one.cross('release:')
    one.restart()
    expect(one.notes().filter((text) => text.startsWith('another host took over'))).toHaveLength(1)
    await one.turns(2, 50)
    expect(one.runtime()!.state.clockMs).toBeLessThan(clockMs + 5000)
  })

  it('a newer release gets the room of the former version, also where somebody writes in between', async () => {
    const one = world()
    const warm = { ...full, keepWarmMs: 600_000 }
    one.start({ ...plans.canaries, steps: [canary(500_000), warm] })
    await one.toEnd(50)
    expect(one.platform.running().sort()).toEqual([V1, V2])
    const next = { ...plans.canaries, candidate: { digest: V0, tag: 'v3' }, baseline: { digest: V2, tag: 'v2' } }
    one.start(next, V0, served(V2, 'v2'))
    one.cross('over:')
    await one.turns(4, 50)
    expect(one.release()).toMatchObject({ n: 2, outcome: null })
    expect(one.platform.running().sort()).toEqual([V0, V2])
  })

  it('labels are joined once, whoever drives', async () => {
    const one = world()
    one.start(plans.standard)
    await one.turns(6, 20, true)
    const before = Object.values(one.platform.sent).reduce((a, b) => a + b, 0)
    one.restart()
    await one.turns(2, 20, true)
    one.restart()
    await one.turns(3)
    const all = Object.values(one.platform.sent).reduce((a, b) => a + b, 0)
    expect(all).toBe(before + 40)
    expect(one.judged('quality')).toBe(all)
  })

  it('a new data plane begins at 0, and nothing of before is lost', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(8, 50)
    const before = one.judged('errors')
    expect(before).toBe(one.platform.counted('errors'))
    one.platform.replaced()
    await one.turns(3)
    await one.turns(4, 50)
    expect(one.platform.counted('errors')).toBe(200)
    expect(one.judged('errors')).toBe(before + 200)
  })
})

describe('the runner', () => {
  it('writes nothing at looks at which nothing changed, and ends what it kept warm in time', async () => {
    const one = world()
    const warm = { ...full, keepWarmMs: 60_000 }
    one.start({ ...plans.canaries, steps: [canary(500_000), warm] })
    await one.toEnd(50)
    await one.turns(4)
    const { append } = one.journal
    let writes = 0
    const counted: typeof append = (...args) => {
      writes++
      return append(...args)
    }
    Object.assign(one.journal, { append: counted })
    await one.turns(100)
    expect([writes, one.platform.running().sort()]).toEqual([0, [V1, V2]])
    await one.turns(160)
    expect([writes > 0, one.platform.running()]).toEqual([true, [V2]])
    expect(one.runtime()?.state.phase).toBe('over')
  })

  it('promotes nothing while no reading comes, and goes on afterwards', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(6, 50)
    one.platform.silent = true
    await one.turns(40)
    expect(one.release()?.outcome).toBe(null)
    const { clockMs } = one.runtime()!.state
    await one.turns(10)
    expect(one.runtime()!.state.clockMs).toBe(clockMs)
    one.platform.silent = false
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'promoted' })
  })

  it('of a former host writes nothing once another one began, not even in the middle of a turn', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(6, 50)
    const former = one.runner
    let after: unknown
    one.platform.meanwhile = () => {
      one.platform.meanwhile = () => {}
      one.restart()
      after = [one.journal.head(), one.runtime()]
    }
    one.platform.traffic(50)
    await expect(former.turn()).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
    expect([one.journal.head(), one.runtime()]).toEqual(after)
    await expect(former.turn()).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
    await one.toEnd(50)
    expect(one.release()).toMatchObject({ outcome: 'promoted' })
  })

  it('a person aborts, also while nothing can be observed', async () => {
    const one = world()
    one.start(plans.canaries)
    await one.turns(6, 50)
    one.ask({ verb: 'abort' })
    await one.toEnd(10)
    expect(one.release()).toMatchObject({ outcome: 'aborted', exit: 3 })
    expect(one.platform.orders).toMatchObject({ weightPpm: 0, baseline: { digest: V1 } })
  })
})
