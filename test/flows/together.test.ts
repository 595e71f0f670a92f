/** What bursts are reckoned from: kept by the host, read by a plan. */
import { describe, expect, it } from 'vitest'
import { poolOf } from '../../src/evidence/pool.ts'
import type { KeyMoments, Reading } from '../../src/evidence/types.ts'
import { togetherOf } from '../../src/flows/known.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { EMPTY, environmentOf } from '../../src/record/fold.ts'
import { releaseKey } from '../../src/record/release-id.ts'
import { MinuteKeeper } from '../../src/runner/minutes.ts'
import { environment } from '../gates/example.ts'

const NO_TIMES = { sums: [], squares: [] }
const moments = (digest: string, keys: number, ms = 60_000): KeyMoments => ({
  ...{ digest, ms, keys, sums: { '2xx': keys }, products: { '2xx 2xx': keys } },
  ...{ total: NO_TIMES, firstByte: NO_TIMES },
})
const reading = (at: number, keys?: readonly KeyMoments[]): Reading => ({
  ...{ boot: 'b', at, epoch: 1, revision: 1, gates: [], versions: [], split: [0, 0], mirrored: {}, answers: [] },
  ...{ cursor: 0, answersDropped: 0, waiting: 0, ...(keys ? { keys } : {}) },
})
const here = environmentOf(EMPTY, 'dev')
function project() {
  const [journal, answers, clock] = [memoryJournal(), openAnswers(':memory:'), memoryClock(600 * 60_000)]
  return { journal, answers, clock, keeper: new MinuteKeeper(journal, 'dev') }
}
const sticky = { header: 'x-user-id' }

describe('requests of keys', () => {
  it('are known by what the data plane told last, also to a plan made later', () => {
    const one = project()
    one.keeper.take(reading(1000, [moments('b', 40), moments('c', 50)]))
    one.keeper.take(reading(2000))
    one.keeper.take(reading(3000, []))
    const { keys, minutes } = togetherOf(one, environment({}, { sticky }), here, 'b')
    expect(keys).toEqual({ ...moments('b', 40), at: 1000 })
    expect(minutes).toEqual([])
    one.keeper.take(reading(4000, [moments('b', 60)]))
    expect(togetherOf(one, environment({}, { sticky }), here, 'b').keys?.keys).toBe(60)
    expect(togetherOf(one, environment({}, { sticky }), here, 'x').keys).toBeNull()
  })

  it('are not forgotten for the first seconds of a data plane that was started anew', () => {
    const one = project()
    const hour = 3_600_000
    const known = () => {
      const { keys } = togetherOf(one, environment({}, { sticky }), here, 'b')
      return [keys?.keys, keys?.ms]
    }
    one.keeper.take(reading(hour, [moments('b', 500, hour), moments('c', 90, hour)]))
    one.keeper.take(reading(hour + 10_000, [moments('b', 40, 10_000)]))
    expect(known()).toEqual([500, hour])
    // Another version's stay too.
    expect(togetherOf(one, environment({}, { sticky }), here, 'c').keys?.keys).toBe(90)
    one.keeper.take(reading(2 * hour, [moments('b', 600, hour)]))
    expect(known()).toEqual([600, hour])
    one.keeper.take(reading(4 * hour, [moments('b', 41, 20_000)]))
    expect(known()).toEqual([600, hour])
    one.keeper.take(reading(4 * hour + 1, [moments('b', 42, 30_000)]))
    expect(known()).toEqual([42, 30_000])
  })

  it('are judged by the newest labels, and by how long they tell of', () => {
    const one = project()
    const rows = Array.from({ length: 20_010 }, (_, i) => ({
      ...{ id: `r${i}`, at: 1000 + i, step: -1, arm: 'baseline' as const, digest: 'b', user: 7, sticky: 'ann' },
    }))
    one.answers.put(poolOf('dev'), rows)
    one.answers.label(
      'dev',
      rows.map(({ id }, i) => ({ id, label: i < 10 ? 8 : 7 })),
      30_000,
    )
    const release = { name: 'digits-1', environment: 'dev' }
    // Of the last release there are rows from before: there the pool has a gap, so they do not count.
    one.answers.put(
      releaseKey(release),
      [5, 1010].map((at) => ({ ...rows[0]!, id: `of ${at}`, at })),
    )
    one.answers.label(
      'dev',
      [
        { id: 'of 5', label: 7 },
        { id: 'of 1010', label: 8 },
      ],
      30_000,
    )
    const quality = { kind: 'quality', name: 'quality', source: { labels: true }, margin: 0.05, min: null } as const
    const config = environment({ gates: [{ ...quality, evaluator: { kind: 'exact-match' } }] }, { sticky })
    const { ms, scores } = togetherOf(one, config, { ...here, releases: [release as never] }, 'b').labelled.quality!
    expect([ms, scores.length, scores.filter(({ bad }) => bad === 1).length]).toEqual([19_999, 20_001, 1])
  })

  it('are judged by the labels of the version that serves', () => {
    const one = project()
    const record = (id: string, digest: string, user: unknown, key?: string) => ({
      ...{ id, at: 1000, step: -1, arm: 'baseline' as const, digest, user },
      ...(key ? { sticky: key } : {}),
    })
    one.answers.put(poolOf('dev'), [
      record('1', 'b', 7, 'ann'),
      record('2', 'b', 8, 'ann'),
      record('3', 'b', 7, 'bob'),
      record('4', 'c', 8, 'cyd'),
      record('5', 'b', 7),
      record('6', 'b', 9, 'dan'),
    ])
    one.answers.label(
      'dev',
      ['1', '2', '3', '4', '5'].map((id) => ({ id, label: 7 })),
      2000,
    )
    const quality = { kind: 'quality', name: 'quality', source: { labels: true }, margin: 0.05, min: null } as const
    const known = (evaluator: { kind: 'exact-match' } | { kind: 'command'; command: string[]; timeoutMs: number }) =>
      togetherOf(one, environment({ gates: [{ ...quality, evaluator }] }, { sticky }), here, 'b').labelled.quality
        ?.scores
    expect(known({ kind: 'exact-match' })).toEqual([
      { key: 'ann', bad: 0 },
      { key: 'ann', bad: 1 },
      { key: 'bob', bad: 0 },
    ])
    // A program is not run for a plan.
    expect(known({ kind: 'command', command: ['judge'], timeoutMs: 1000 })).toEqual([])
  })
})

it('without keys the minutes of two hours are looked at, but for the batch that runs', () => {
  const one = project()
  const row = (minute: number) => ({ environment: 'dev', digest: 'b', minute, data: { codes: {} } })
  one.journal.addMinutes([row(479), row(480), row(599), row(600), row(601)])
  for (const now of [600, 601]) {
    const { keys, minutes } = togetherOf({ ...one, clock: memoryClock(now * 60_000) }, environment(), here, 'b')
    expect([keys, minutes.map(({ minute }) => minute)]).toEqual([null, now === 600 ? [480, 599] : [599]])
  }
})
