/** Labels on their way to the gates. */
import { expect, it } from 'vitest'
import { plans } from '../release/plans.ts'
import { world } from './world.ts'

it('count by the moment at which they came, not by that at which a host took them', async () => {
  const one = world()
  one.start(plans.standard)
  const { takeLabels } = one.platform
  // Nobody takes them for longer than they may take.
  Object.assign(one.platform, { takeLabels: async () => {} })
  await one.turns(8, 20, true)
  const { arriveMs } = plans.standard.labels
  one.clock.advance(arriveMs)
  await one.turns(1)
  expect(one.judged('quality')).toBe(0)
  Object.assign(one.platform, { takeLabels })
  await one.turns(2)
  expect(one.judged('quality')).toBeGreaterThan(20)
})
