/** A baseline that is nobody's to start: asked whether it answers, waited for, and gone back to whatever it says. */
import { expect, it } from 'vitest'
import { plans } from '../release/plans.ts'
import { served, V2, world } from './world.ts'

const BAD = { [V2]: { bad: 0.3, slow: 0.05, wrong: 0.05 } }
const { url } = plans.outside.baseline as { url: string }
const outside = { ...served(url, ''), tag: null, outside: true, readyPath: '/health' }

/** A release against it, in a canary that has counted something. */
async function inCanary(how: Parameters<typeof world>[0] = {}) {
  const one = world(how)
  one.add('serving', { serving: outside, former: null, why: 'baseline' })
  one.start({ ...plans.canaries, baseline: { url } }, V2, outside)
  for (let i = 0; i < 100 && !one.platform.orders?.weightPpm; i++) await one.turns(1, 2)
  await one.turns(4, 2)
  expect(one.judged('errors')).toBeGreaterThan(0)
  return one
}

it('is not ready after three misses: nothing counts and time stands still until it answers again', async () => {
  const one = await inCanary()
  const clock = () => one.runtime()!.state.clockMs
  one.unreachable = 'the connection is refused'
  // Two misses are none.
  await one.turns(8)
  const before = clock()
  await one.turns(4)
  expect(clock()).toBeGreaterThan(before)
  await one.turns(4)
  const [stood, judged] = [clock(), one.judged('errors')]
  await one.turns(10, 50)
  expect([clock(), one.judged('errors')]).toEqual([stood, judged])
  expect(one.notes().filter((text) => text.startsWith(`${url} is not ready`))).toHaveLength(1)
  expect(one.release()?.outcome).toBe(null)
  one.unreachable = null
  await one.toEnd(50)
  expect(one.release()).toMatchObject({ outcome: 'promoted' })
  expect(one.runtime()!.state.exits).toBe(0)
})

it('is gone back to also while it does not answer', async () => {
  const one = await inCanary(BAD)
  one.unreachable = 'no answer in 2 s'
  await one.turns(20)
  one.ask({ verb: 'abort' })
  await one.turns(4)
  expect(one.release()).toMatchObject({ outcome: 'aborted' })
  expect(one.platform.orders).toMatchObject({ weightPpm: 0, baseline: { digest: url } })
})

it('is known after another host took over, so that none says it went away', async () => {
  const one = await inCanary()
  const { turns } = one
  one.restart()
  await turns(1, 2)
  expect(one.notes().filter((text) => text.includes('is not ready'))).toEqual([])
})
