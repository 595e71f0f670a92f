/** What bursts are reckoned from: kept by the host, read by a plan. */
import { describe, expect, it } from 'vitest'
import { poolOf } from '../../src/evidence/pool.ts'
import type { KeyMoments, Reading } from '../../src/evidence/types.ts'
import { togetherOf } from '../../src/flows/known.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { EMPTY, environmentOf } from '../../src/record/fold.ts'
import { MinuteKeeper } from '../../src/runner/minutes.ts'
import { environment } from '../gates/example.ts'

const NO_TIMES = { sums: [], squares: [] }
const moments = (digest: string, keys: number): KeyMoments => ({
  ...{ digest, ms: 60_000, keys, sums: { '2xx': keys }, products: { '2xx 2xx': keys } },
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
    expect(keys).toEqual(moments('b', 40))
    expect(minutes).toEqual([])
    one.keeper.take(reading(4000, [moments('b', 60)]))
    expect(togetherOf(one, environment({}, { sticky }), here, 'b').keys?.keys).toBe(60)
    expect(togetherOf(one, environment({}, { sticky }), here, 'x').keys).toBeNull()
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
      ['1', '2', '3', '4', '5'].map((id) => ({ id, label: 7 })),
      2000,
    )
    const quality = { kind: 'quality', name: 'quality', source: { labels: true }, margin: 0.05, min: null } as const
    const known = (evaluator: { kind: 'exact-match' } | { kind: 'command'; command: string[]; timeoutMs: number }) =>
      togetherOf(one, environment({ gates: [{ ...quality, evaluator }] }, { sticky }), here, 'b').labelled.quality
    expect(known({ kind: 'exact-match' })).toEqual([
      { key: 'ann', bad: 0 },
      { key: 'ann', bad: 1 },
      { key: 'bob', bad: 0 },
    ])
    // A program is not run for a plan.
    expect(known({ kind: 'command', command: ['judge'], timeoutMs: 1000 })).toEqual([])
  })
})

it('without keys the minutes of two hours are looked at', () => {
  const one = project()
  const row = (minute: number) => ({ environment: 'dev', digest: 'b', minute, data: { codes: {} } })
  one.journal.addMinutes([row(479), row(480), row(600)])
  const { keys, minutes } = togetherOf(one, environment(), here, 'b')
  expect([keys, minutes.map(({ minute }) => minute)]).toEqual([null, [480, 600]])
})
