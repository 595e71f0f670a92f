/** When `local up` may say that a version serves. */
import { expect, it } from 'vitest'
import { notReady } from '../../src/flows/local-ready.ts'
import type { Project } from '../../src/flows/project.ts'
import { systemClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { EMPTY, type EnvironmentState, environmentOf } from '../../src/record/fold.ts'
import { served } from '../runner/world.ts'

const V1 = served('sha256:a', 'v1')
const quiet = { signal: new AbortController().signal, say: () => {} }

/** Looks until it is ready; `orders` are what the host wrote down of the data plane by each look. */
async function looks(orders: readonly (object | null)[], here: Partial<EnvironmentState> = {}): Promise<number> {
  const journal = memoryJournal()
  journal.append([], null, { fold: { ...EMPTY, environments: { dev: { ...environmentOf(EMPTY, 'dev'), ...here } } } })
  let count = 0
  const servers = async () => {
    const runtime = orders[Math.min(count++, orders.length - 1)]
    if (runtime) journal.append([], null, { 'environment:dev': { move: null, users: null, ...runtime } })
    return { environments: { dev: { versions: [{ digest: V1.digest, readyReplicas: 1 }] } } }
  }
  const project = { journal, clock: { ...systemClock, sleep: async () => {} }, host: { servers } } as unknown as Project
  expect(await notReady(project, 'dev', V1, quiet)).toBeNull()
  return count
}

it('not before the data plane is told to send users to it', async () => {
  expect(await looks([{ users: null }, { users: 'sha256:b' }, { users: V1.digest }])).toBe(3)
})

it('at once where users are being moved, a release runs, or nothing is known of orders', async () => {
  expect(await looks([{ move: { to: V1 } }])).toBe(1)
  expect(await looks([{ users: null }], { active: 'digits-1' })).toBe(1)
  expect(await looks([null])).toBe(1)
})
