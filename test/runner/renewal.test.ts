/** What a host says to its data plane, and what it does not say when it cannot judge. */
import { expect, it } from 'vitest'
import { plans } from '../release/plans.ts'
import { V1, V2, world } from './world.ts'

const inCanary = async () => {
  const one = world()
  one.start(plans.canaries)
  for (let i = 0; i < 100 && !one.platform.orders?.weightPpm; i++) await one.turns(1, 5)
  await one.turns(2, 5)
  expect(one.platform.orders?.weightPpm).toBeGreaterThan(0)
  return one
}

it('renews after each whole turn, and not after one that throws', async () => {
  const one = await inCanary()
  const before = one.platform.renewed
  await one.turns(3)
  expect(one.platform.renewed).toBe(before + 3)
  const { append } = one.journal
  const full = () => {
    throw new Error('the disk is full')
  }
  Object.assign(one.journal, { append: full })
  await expect(one.turns(1)).rejects.toThrow('the disk is full')
  expect(one.platform.renewed).toBe(before + 3)
  Object.assign(one.journal, { append })
  await one.turns(1)
  expect(one.platform.renewed).toBe(before + 4)
})

it('orders anew what was given back, once', async () => {
  const one = await inCanary()
  const { revision, weightPpm } = one.platform.orders!
  one.platform.givenBack = true
  await one.turns(1)
  expect(one.platform.givenBack).toBe(false)
  expect(one.platform.orders).toMatchObject({ revision: revision + 1, weightPpm })
  await one.turns(2)
  expect(one.platform.orders?.revision).toBe(revision + 1)
})

it('does not give the weight again while it cannot judge', async () => {
  const one = await inCanary()
  one.platform.givenBack = true
  Object.assign(one.journal, {
    append: () => {
      throw new Error('the disk is full')
    },
  })
  await expect(one.turns(1)).rejects.toThrow('the disk is full')
  expect(one.platform.givenBack).toBe(true)
})

it('one release that cannot be stepped leaves the host and the other environment alone', async () => {
  const one = await inCanary()
  const name = one.release()!.name
  const kept = one.runtime()!
  const { settings, serving } = one.environment()
  const add = (kind: string, data: unknown) =>
    one.journal.append([{ at: one.clock.now(), kind, environment: 'other', release: '', data }], null)
  add('settings', { settings, up: true })
  add('serving', { serving, former: null, why: 'promoted' })
  one.journal.append([], null, { [`release:dev/${name}`]: { ...kept, state: { ...kept.state, judge: null } } })
  one.restart()
  expect(one.broken.map((error) => error.message)).toEqual([expect.stringContaining(name)])
  const before = one.platform.renewed
  await expect(one.turns(1)).rejects.toThrow(name)
  // The other environment had its turn.
  expect(one.platform.renewed).toBe(before + 1)
  expect([V1, V2]).toContain(one.platform.orders?.baseline?.digest)
})
