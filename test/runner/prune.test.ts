/** Answers that are too old go beside the turns' work, and what the size costs is told. */
import { expect, it } from 'vitest'
import { poolOf } from '../../src/evidence/pool.ts'
import { plans } from '../release/plans.ts'
import { world } from './world.ts'

it('takes a few old answers a turn, and goes on in the next one', async () => {
  const one = world()
  const all = Array.from({ length: 5000 }, (_, k) => ({ id: `a-${k}`, at: 1, step: 0, digest: 'd', user: 1 }))
  one.answers.put(
    poolOf('dev'),
    all.map((answer) => ({ ...answer, arm: 'baseline' as const })),
  )
  const left = () => one.answers.answersAfter(poolOf('dev'), 0, 10_000).length
  const after = []
  for (let i = 0; i < 4; i++) {
    await one.turns(1)
    after.push(left())
  }
  expect(after).toEqual([3000, 1000, 0, 0])
})

it('tells what was dropped for the size once it is all, also where somebody else writes at that moment', async () => {
  const one = world()
  one.start(plans.canaries)
  await one.turns(2)
  const dropped = [
    { cost: 3, more: true },
    { cost: 4, more: false },
  ]
  Object.assign(one.answers, { prune: () => dropped.shift() ?? { cost: 0, more: false } })
  one.clock.advance(60_000)
  await one.turns(1)
  const { append } = one.journal
  const told = () => one.notes().filter((text) => text.includes('1 GiB'))
  // The head has moved when the note is to be written.
  Object.assign(one.journal, {
    append(...[rows, ...more]: Parameters<typeof append>) {
      if (!rows.some(({ data }) => JSON.stringify(data).includes('1 GiB'))) return append(rows, ...more)
      Object.assign(one.journal, { append })
      return false
    },
  })
  await one.turns(1)
  expect(told()).toEqual([])
  await one.turns(2)
  expect(told()).toEqual([expect.stringMatching(/^7 answers were dropped/)])
})
