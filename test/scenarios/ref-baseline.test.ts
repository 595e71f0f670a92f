/** A baseline of ours that slipway.yaml names and nothing serves yet: its first release starts it, compares with it, and leaves it serving. */
import { beforeAll, expect, it } from 'vitest'
import { place } from './place.ts'
import { ERRORS, short } from './plans.ts'
import { faults } from './users.ts'

const here = place({ config: { release: short({ gates: [ERRORS] }) } })
const { typed, packed } = here

beforeAll(async () => {
  const { one } = here
  await packed('v1', { threshold: 5 })
  await packed('v2', { failShare: 0.6 })
  const dev = { platform: 'local', listen: `127.0.0.1:${one.listen}`, control: `127.0.0.1:${one.control}` }
  one.config({ release: short({ gates: [ERRORS] }), environments: { dev: { ...dev, baseline: 'scale:v1' } } })
})

it('a bad first version is taken back to it, and it goes on serving', async () => {
  here.come(100)
  const ended = await typed('release start scale:v2')
  expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('canary')])
  expect(await here.serving()).toBe('v1')
  // Longer than a version that nobody wants is left running.
  await here.users.more(300)
  const last = here.users.answers.slice(-200)
  expect([faults(last), new Set(last.map(({ version }) => version))]).toEqual([{}, new Set(['v1'])])
  const history = await here.seen<{ releases: { baselineTag: string }[] }>('release history')
  expect(history.releases.map(({ baselineTag }) => baselineTag)).toEqual(['v1'])
})

it('it is what the next release is compared with, and what serves after all was down', async () => {
  expect(await typed('local down --force')).toMatchObject({ code: 0 })
  expect(await typed('local up')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves') })
  await here.users.more(100)
  await packed('v3', { threshold: 5.5 })
  expect(await typed('release start scale:v3')).toMatchObject({ code: 0 })
  expect(await typed('rollback')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves') })
})
