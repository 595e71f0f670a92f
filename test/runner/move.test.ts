/** Persons take users elsewhere while no release runs. */
import { expect, it } from 'vitest'
import { plans, V0 } from '../release/plans.ts'
import { served, V1, world } from './world.ts'

/** Two rollbacks in a row, of which the first ends a release. */
async function twice(before: (one: ReturnType<typeof world>) => void) {
  const one = world()
  before(one)
  one.start(plans.canaries)
  await one.turns(6, 50)
  one.ask({ verb: 'rollback' })
  await one.toEnd(10)
  const first = one.environment().serving?.digest
  one.clock.advance(1000)
  one.ask({ verb: 'rollback' })
  await one.turns(8, 10)
  const answers = one.journal.read(0).filter(({ kind }) => kind === 'answer')
  return { first, last: answers.at(-1)?.data, second: one.environment().serving?.digest }
}

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

it('nor where the last move before that release was itself a rollback', async () => {
  const seen = await twice((one) =>
    one.add('serving', { serving: served(V1, 'v1'), former: served(V0, 'v0'), why: 'rollback' }),
  )
  expect(seen).toMatchObject({ first: V1, second: V1, last: { refused: null, text: 'v1 serves already' } })
})

it('nor is nothing to go back to where the baseline was named and never released', async () => {
  const seen = await twice((one) => one.add('serving', { serving: served(V1, 'v1'), former: null, why: 'baseline' }))
  expect(seen).toMatchObject({ first: V1, second: V1, last: { refused: null, text: 'v1 serves already' } })
})
