/** What `release explain` answers the morning after. */
import { describe, expect, it } from 'vitest'
import { usersMet } from '../../src/flows/met.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { bucketOf } from '../../src/kit/grid.ts'
import { EMPTY, environmentOf } from '../../src/record/fold.ts'
import { served } from '../runner/world.ts'

const MINUTE = 60_000
const START = 1000 * MINUTE
const state = {
  ...EMPTY,
  environments: { dev: { ...environmentOf(EMPTY, 'dev'), serving: served('sha256:b', 'v1'), former: null } },
}
function kept(rows: readonly (readonly [minute: number, digest: string, ok: number, failed: number])[], now: number) {
  const journal = memoryJournal()
  journal.addMinutes(
    rows.map(([minute, digest, ok, failed]) => ({
      environment: 'dev',
      digest,
      minute,
      data: { codes: { '2xx': ok, '5xx': failed }, total: { [bucketOf(3)]: ok }, firstByte: {}, seconds: 60 },
    })),
  )
  return { journal, clock: memoryClock(now * MINUTE + 1) }
}

describe('what users met', () => {
  const rows = [
    [999, 'sha256:b', 50, 50],
    [1000, 'sha256:b', 100, 0],
    [1001, 'sha256:b', 60, 0],
    [1001, `sha256:${'c'.repeat(64)}`, 40, 2],
    [1400, 'sha256:b', 100, 9],
    [2990, 'sha256:b', 70, 0],
  ] as const
  const version = (name: string) => ({ name, digest: name, lineage: {}, parameters: null, bytes: null })
  const ended = {
    ...{ startedAt: START + 500, endedAt: START + 2000, now: START + 3000 },
    ...{ candidate: version('v2'), baseline: version('v1') },
    requests: { total: 241, candidate: 41, failed: 3, candidateFailed: 2, baseline: 200, baselineFailed: 1 },
  }

  it('in a release and since, and lately where that is only a part of it', () => {
    const met = usersMet(kept(rows, 3000), state, 'dev', ended)!
    expect(
      met.windows.map(({ what, versions }) => [what, versions.map((v) => [v.name, v.requests, v.failed])]),
    ).toEqual([
      [
        'release',
        [
          ['v1', 200, 1],
          ['v2', 41, 2],
        ],
      ],
      [
        'since',
        [
          ['v1', 239, 9],
          ['cccccccccccc', 42, 2],
        ],
      ],
      ['hour', [['v1', 70, 0]]],
      ['day', [['v1', 70, 0]]],
    ])
    expect(met.windows[0]).toMatchObject({ from: START + 500, to: START + 2000 })
    expect(met.worst).toEqual({ at: 1400 * MINUTE, digest: 'sha256:b', name: 'v1', requests: 109, failed: 9 })
  })
  it('in a release that runs, so far', () => {
    const met = usersMet(kept(rows, 1001), state, 'dev', { ...ended, endedAt: null })!
    expect(met.windows.map(({ what }) => what)).toEqual(['release'])
  })
  it('soon after it, without what says the same', () => {
    const met = usersMet(kept(rows, 1402), state, 'dev', ended)!
    expect(met.windows.map(({ what }) => what)).toEqual(['release', 'since', 'hour'])
  })
  it('without any release, in the last hour and day', () => {
    const met = usersMet(kept(rows, 1400), state, 'dev', null)!
    expect(met.windows.map(({ what, versions }) => [what, versions[0]!.requests])).toEqual([
      ['hour', 109],
      ['day', 369],
    ])
  })
  it('is nothing where nothing was counted', () => {
    expect(usersMet(kept([], 1400), state, 'dev', null)).toBeNull()
    expect(usersMet(kept(rows, 1400), state, 'prod', null)).toBeNull()
  })
})
