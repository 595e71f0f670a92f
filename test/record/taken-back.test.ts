import { expect, it } from 'vitest'
import { EMPTY, type EnvironmentState, environmentOf } from '../../src/record/fold.ts'
import { takenBack } from '../../src/record/taken-back.ts'
import { served } from '../runner/world.ts'

const V1 = served('sha256:a', 'v1')
const released = (code: string, baseline: string) => ({ code, baseline }) as EnvironmentState['releases'][number]
const state = (more: Partial<EnvironmentState>): EnvironmentState => ({
  ...environmentOf(EMPTY, 'dev'),
  serving: V1,
  ...more,
})
const back = 'ROLLED_BACK_BY_PERSON'

it('users stand where a person took them, by a move or by the end of a release', () => {
  expect(takenBack(state({ servingWhy: 'rollback' }))).toBe(V1)
  expect(takenBack(state({ servingWhy: 'promoted', releases: [released(back, V1.digest)] }))).toBe(V1)
})

it('not where a gate took them, a release went elsewhere since, or one runs', () => {
  for (const more of [
    { releases: [released('GATE_FAILED', V1.digest)] },
    { releases: [released(back, V1.digest), released('', V1.digest)] },
    { releases: [released(back, 'sha256:b')] },
    { releases: [released(back, V1.digest)], active: 'digits-2' },
  ])
    expect(takenBack(state({ servingWhy: 'promoted', ...more }))).toBeNull()
})
