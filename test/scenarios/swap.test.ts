/** `swap`: a server that cannot be told its port. Requests wait, and none is lost, forth and back. */
import { describe, expect, it } from 'vitest'
import { freePorts } from './harness.ts'
import { place } from './place.ts'
import { swap } from './plans.ts'
import { faults } from './users.ts'

const [port] = (await freePorts(1)) as [number]
const serving = { command: ['node', 'server.mjs', '--port', String(port), '--model', '{model}'], port }
const here = place({ config: { serving, release: swap() } })
const { typed, packed } = here

/** Versions that answered after `from`, in order of their first answer. */
const versions = (from: number): (string | null)[] => [
  ...new Set(here.users.answers.slice(from).map(({ version }) => version)),
]

describe('swap', () => {
  it('from one version to the next: everybody is answered', async () => {
    expect(await typed('release start')).toMatchObject({ code: 0 })
    here.come(50)
    await here.users.more(100)
    await packed('v2', { threshold: 5, delayMs: 1 })
    const second = await typed('release start scale:v2')
    expect([second.code, second.stderr]).toMatchObject([0, expect.stringContaining('v2')])
    await here.users.more(20)
    expect({ lost: faults(here.users.answers), versions: versions(0) }).toEqual({ lost: {}, versions: ['v1', 'v2'] })
    expect(await here.serving()).toBe('v2')
  })

  it('one that fails its set never sees a user, and the old one comes back', async () => {
    const from = here.users.answers.length
    await packed('v3', { threshold: 9 })
    expect(await typed('release start scale:v3')).toMatchObject({ code: 3 })
    await here.users.more(20)
    expect({ lost: faults(here.users.answers), versions: versions(from) }).toEqual({ lost: {}, versions: ['v2'] })
  })

  it('one that never gets ready: 11, and the old one comes back', async () => {
    const from = here.users.answers.length
    here.one.config({ serving: { ...serving, ready: { path: '/health', timeout: '3s' } }, release: swap() })
    await packed('v4', { loadMs: -1 })
    expect(await typed('release start scale:v4')).toMatchObject({ code: 11 })
    await here.users.more(20)
    expect({ lost: faults(here.users.answers), versions: versions(from) }).toEqual({ lost: {}, versions: ['v2'] })
  })

  it('rollback goes the same way back', async () => {
    const from = here.users.answers.length
    const back = await typed('rollback')
    expect([back.code, back.stdout]).toEqual([0, expect.stringContaining('v1 serves')])
    await here.users.more(20)
    expect({ lost: faults(here.users.answers), versions: versions(from) }).toEqual({ lost: {}, versions: ['v2', 'v1'] })
  })
})
