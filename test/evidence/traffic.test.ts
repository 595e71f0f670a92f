import { expect, it } from 'vitest'
import { type MinuteRow, trafficSeen } from '../../src/evidence/traffic.ts'
import { GRID_MS } from '../../src/kit/grid.ts'

const row = (
  minute: number,
  digest: string,
  ok: number,
  seconds = 60,
  codes: Record<string, number> = {},
): MinuteRow => ({
  digest,
  minute,
  data: { codes: { '2xx': ok, ...codes }, total: { 20: ok }, firstByte: { 10: ok }, seconds },
})

it('sums what the baseline answered, and the rate of all versions', () => {
  const seen = trafficSeen(
    [
      row(1, 'b', 600),
      row(1, 'c', 600),
      row(2, 'b', 600, 60, { '5xx': 6, 'client-gone': 50, moved: 7, full: 3 }),
      row(2, 'c', 594),
    ],
    'b',
  )
  expect(seen).toMatchObject({
    seconds: 120,
    requests: 1206,
    requestsPerSecond: 20,
    codes: { '2xx': 1200, '5xx': 6, 'client-gone': 50, moved: 7, full: 3 },
  })
  expect(seen.totalBuckets).toHaveLength(GRID_MS.length + 1)
  expect([seen.totalBuckets[20], seen.firstByteBuckets[10]]).toEqual([1200, 1200])
  expect(seen).toMatchObject({ labelledShare: null, judged: {} })
})

it('does not thin traffic that began a moment ago by the silence before', () => {
  const silence = Array.from({ length: 9 }, (_, i) => row(i, 'b', 0))
  expect(trafficSeen([...silence, row(9, 'b', 1000, 10)], 'b').requestsPerSecond).toBe(100)
  // A row of less than five seconds says nothing by itself.
  expect(trafficSeen([...silence, row(9, 'b', 100, 1)], 'b').requestsPerSecond).toBeCloseTo(100 / 61, 9)
})

it('is the rate of the time in which requests came, and says how long that was', () => {
  const began = (busy: number, ok: number): MinuteRow => {
    const { data, ...rest } = row(9, 'b', ok)
    return { ...rest, data: { ...data, busy } }
  }
  const still = { ...row(8, 'b', 0), data: { ...row(8, 'b', 0).data, busy: 0 } }
  expect(trafficSeen([still, began(0.5, 40)], 'b')).toMatchObject({ requestsPerSecond: 80, rateSeconds: 0.5 })
  expect(trafficSeen([still, began(30, 2400)], 'b')).toMatchObject({ requestsPerSecond: 80, rateSeconds: 30 })
})

it('of nothing is nothing', () => {
  expect(trafficSeen([], 'b')).toMatchObject({ seconds: 0, requests: 0, requestsPerSecond: 0 })
  expect(trafficSeen([row(1, 'b', 6, 3)], 'b').requestsPerSecond).toBe(2)
})
