/** Users who always get the same version: how far one user's bad answers hang together is seen before the start. */
import { expect, it } from 'vitest'
import type { Planned } from '../../src/view/plan.ts'
import { place } from './place.ts'
import { CALM, ERRORS, short } from './plans.ts'

// Until half of the horizon has been counted it is estimated.
const release = short({ gates: [ERRORS, CALM], more: { horizon: '20s' } })
const here = place({
  config: { model: 'digits', release, serving: { sticky: { header: 'x-user-id' } } },
  // What nobody asks but a few is a 500.
  model: { failFrom: 9 },
})
const ask = (user: number): Promise<number> =>
  fetch(`${here.one.url}/predict`, {
    method: 'POST',
    headers: { 'x-user-id': `user-${user}` },
    body: JSON.stringify({ x: user < 4 ? 10 : 1 }),
  }).then((answer) => answer.status)

it('is in the plan, and told', async () => {
  expect(await here.typed('release start')).toMatchObject({ code: 0 })
  await here.packed('v2', { failFrom: 9, threshold: 4.5 })
  const errors = async () => {
    for (let user = 0; user < 40; user++) expect(await ask(user)).toBe(user < 4 ? 500 : 200)
    const { plan } = await here.seen<Planned>('plan digits:v2')
    return plan.gates.find((gate) => gate.name === 'errors')!.bursts
  }
  await expect.poll(errors, { timeout: 20_000, interval: 300 }).toMatchObject({ over: 'keys', rough: true })
  const estimated = await here.typed('plan digits:v2')
  expect(estimated.stdout).toContain('estimated from few keys or a short time before the start')
  const known = { phi: expect.any(Number), over: 'keys', n: 40 }
  await expect.poll(errors, { timeout: 40_000, interval: 500 }).toEqual(known)
  const { phi } = (await errors())!
  // Each of four users got all of its answers bad, the others none: with k each, variance over mean is k * 36 / 39.
  expect(phi).toBeGreaterThan(1.5)
  expect((await here.typed('plan digits:v2')).stdout).toMatch(
    /bad answers came in bursts: phi \d+\.\d\d, variance over mean of 40 keys before the start/,
  )
}, 90_000)
