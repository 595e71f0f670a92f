import { expect, it } from 'vitest'
import { metIn, worstMinute } from '../../src/evidence/met.ts'
import type { MinuteRow } from '../../src/evidence/traffic.ts'
import { bucketOf, GRID_MS } from '../../src/kit/grid.ts'

const row = (
  minute: number,
  digest: string,
  codes: Record<string, number>,
  total: Record<string, number> = {},
): MinuteRow => ({ digest, minute, data: { codes, total, firstByte: {}, seconds: 60 } })
const bucket = (ms: number) => String(bucketOf(ms))
const all = { from: 0, to: 100 }

it('sums what each version answered, who answered most first', () => {
  const rows = [
    row(
      1,
      'b',
      { '2xx': 90, '5xx': 10, 'client-gone': 7, moved: 3, upgraded: 1 },
      { [bucket(3)]: 60, [bucket(12)]: 40 },
    ),
    row(2, 'b', { '2xx': 100, '4xx': 20, full: 5 }, { [bucket(3)]: 100 }),
    row(2, 'c', { '2xx': 300, timeout: 1, reset: 2, 'no-answer': 3 }, { [bucket(1)]: 300 }),
    row(2, 'd', { 'client-gone': 9 }),
  ]
  expect(metIn(rows, all)).toEqual([
    { digest: 'c', requests: 306, failed: 6, p50Ms: GRID_MS[bucketOf(1)], p95Ms: GRID_MS[bucketOf(1)] },
    { digest: 'b', requests: 225, failed: 15, p50Ms: GRID_MS[bucketOf(3)], p95Ms: GRID_MS[bucketOf(12)] },
  ])
  expect(metIn(rows, { from: 1, to: 1 })).toMatchObject([{ digest: 'b', requests: 100, failed: 10 }])
  expect(metIn(rows, { from: 3, to: 9 })).toEqual([])
})

it('has no times where none was timed, and the last bound for what lies beyond', () => {
  expect(metIn([row(1, 'b', { reset: 2 })], all)[0]).toMatchObject({ p50Ms: null, p95Ms: null })
  const beyond = { [String(GRID_MS.length)]: 4 }
  expect(metIn([row(1, 'b', { '2xx': 4 }, beyond)], all)[0]!.p95Ms).toBe(GRID_MS.at(-1))
})

it('names the minute in which most requests failed', () => {
  const rows = [row(1, 'b', { '2xx': 9, '5xx': 3 }), row(4, 'c', { '2xx': 90, reset: 7 }), row(5, 'b', { '5xx': 5 })]
  expect(worstMinute(rows, all)).toEqual({ minute: 4, digest: 'c', requests: 97, failed: 7 })
  expect(worstMinute(rows, { from: 5, to: 5 })).toMatchObject({ minute: 5, failed: 5 })
  expect(worstMinute([row(1, 'b', { '2xx': 9 })], all)).toBeNull()
})
