/** Where `rollback --to` goes. */
import { expect, it } from 'vitest'
import type { Project } from '../../src/flows/project.ts'
import type { RollbackOptions } from '../../src/flows/rollback.ts'
import { targetOf } from '../../src/flows/rollback-to.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import type { Served } from '../../src/record/entries.ts'
import { EMPTY, type EnvironmentState, environmentOf } from '../../src/record/fold.ts'
import { served } from '../runner/world.ts'

const V1 = served(`sha256:${'a'.repeat(64)}`, 'v1')
const V2 = served(`sha256:${'b'.repeat(64)}`, 'v2')
const url = 'http://127.0.0.1:5999'
const outside: Served = { ...V1, digest: url, outside: true, tag: null, readyPath: '/health' }

/** Resolves `to` where v2 serves, `moves` went before, and v1 is quarantined. */
function target(to: string, here: Partial<EnvironmentState> = {}, moves: readonly Served[] = []) {
  const journal = memoryJournal()
  for (const serving of moves)
    journal.append(
      [{ at: 0, kind: 'serving', environment: 'dev', release: '', data: { serving, former: null, why: 'rollback' } }],
      null,
    )
  const held = { digest: V1.digest, reason: 'bad', release: null }
  journal.append([], null, { fold: { ...EMPTY, seq: journal.head(), quarantine: { [V1.digest]: held } } })
  const project = { journal, store: { resolveRef: async () => ({ digest: V1.digest, tag: 'v1' }) } }
  const said: string[] = []
  const options = { to, say: (line: string) => void said.push(line) } as unknown as RollbackOptions
  const state = { ...environmentOf(EMPTY, 'dev'), serving: V2, former: V1, ...here }
  return targetOf(project as unknown as Project, state, 'dev', options).then((found) => ({ found, said }))
}

it('an address is the server outside that the environment had, as it was', async () => {
  expect(await target(url, { former: outside })).toMatchObject({ found: outside })
  expect(await target(`${url}/`, {}, [outside, V1])).toMatchObject({ found: outside })
  await expect(target('http://127.0.0.1:1')).rejects.toMatchObject({
    code: 'REF_UNKNOWN',
    message: 'http://127.0.0.1:1 never was the baseline of dev',
  })
})

it('a quarantined version is refused, but not the baseline of the release that runs', async () => {
  await expect(target('digits:v1')).rejects.toMatchObject({
    code: 'QUARANTINED',
    next: [`slipway quarantine lift ${V1.digest} --reason TEXT`],
  })
  const release = { name: 'digits-2', environment: 'dev', baseline: V1.digest, candidate: V2.digest }
  const running = { active: 'digits-2', releases: [release as EnvironmentState['releases'][number]] }
  expect(await target('digits:v1', running)).toEqual({ found: V1, said: ['note: digits:v1 is quarantined'] })
})
