/** Persons take users elsewhere while no release runs. */
import { expect, it } from 'vitest'
import { plans, V0 } from '../release/plans.ts'
import { served, V1, world } from './world.ts'

it('a rollback that ended a release goes no further when it is asked for again', async () => {
  const one = world()
  one.add('serving', { serving: served(V1, 'v1'), former: served(V0, 'v0'), why: 'promoted' })
  one.start(plans.canaries)
  await one.turns(6, 50)
  one.ask({ verb: 'rollback' })
  await one.toEnd(10)
  expect(one.release()).toMatchObject({ code: 'ROLLED_BACK_BY_PERSON' })
  one.clock.advance(1000)
  one.ask({ verb: 'rollback' })
  await one.turns(8, 10)
  const answer = one.journal
    .read(0)
    .filter(({ kind }) => kind === 'answer')
    .at(-1)
  expect(answer?.data).toMatchObject({ refused: null, text: 'v1 serves already' })
  expect(one.environment()).toMatchObject({ serving: { digest: V1 }, former: { digest: V0 } })
  expect(one.platform.orders).toMatchObject({ baseline: { digest: V1 } })
})
