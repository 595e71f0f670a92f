import { describe, expect, it } from 'vitest'
import { batchesOf, keysAbove, keysOfClasses, keysOfScores, overSpan } from '../../src/evidence/bursts.ts'
import type { MinuteRow } from '../../src/evidence/traffic.ts'
import type { KeyMoments } from '../../src/evidence/types.ts'
import { bucketOf, GRID_MS } from '../../src/kit/grid.ts'

/** Variance of n - 1 over mean, from the counts themselves. */
function ratio(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length
  return counts.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (counts.length - 1) / mean
}

const NO_TIMES = { sums: [], squares: [] }
const keys = (more: Partial<KeyMoments>): KeyMoments => ({
  digest: 'b',
  ms: 3_600_000,
  keys: 100,
  sums: {},
  products: {},
  total: NO_TIMES,
  firstByte: NO_TIMES,
  ...more,
})

describe('over keys', () => {
  // 40 keys: every fourth gets three 5xx and one timeout, the others nothing bad.
  const of = (k: number) => (k % 4 === 0 ? { '5xx': 3, timeout: 1 } : { '5xx': 0, timeout: 0 })
  const all = Array.from({ length: 40 }, (_, k) => of(k))
  const moments = keys({
    keys: 40,
    sums: { '2xx': 400, '5xx': 30, timeout: 10 },
    products: { '5xx 5xx': 90, '5xx timeout': 30, 'timeout timeout': 10, '2xx 2xx': 4000, '2xx 5xx': 300 },
  })
  it('is variance over mean of the bad counts, of several classes together', () => {
    expect(keysOfClasses(moments, ['5xx'])).toEqual({ phi: ratio(all.map((k) => k['5xx'])), n: 40, bad: 30 })
    const both = all.map((k) => k['5xx'] + k.timeout)
    expect(keysOfClasses(moments, ['timeout', '5xx'])!.phi).toBeCloseTo(ratio(both), 12)
  })
  it('is never below 1, and 1 where nothing was bad', () => {
    expect(keysOfClasses(moments, ['reset'])).toEqual({ phi: 1, n: 40, bad: 0 })
    expect(keysOfClasses(keys({ keys: 40, sums: { '5xx': 40 }, products: { '5xx 5xx': 40 } }), ['5xx'])!.phi).toBe(1)
  })
  it('of one key is not known', () => {
    expect(keysOfClasses({ ...moments, keys: 1 }, ['5xx'])).toBeNull()
    expect(keysAbove({ ...moments, keys: 1 }, 'total', 4)).toBeNull()
    expect(keysOfScores([{ key: 'a', bad: 1 }])).toBeNull()
  })
  it('of few keys or a short time is rough: what chance may do is taken off before it is scaled', () => {
    const found = { phi: 4, n: 100, bad: 50 }
    const chance = 2 * Math.sqrt(2 / 99)
    expect(overSpan(found, 60_000, 60_000)).toEqual({ phi: 4, n: 100 })
    expect(overSpan(found, 30_000, 60_000)).toEqual({ phi: 7, n: 100 })
    expect(overSpan(found, 20_000, 60_000)).toEqual({ phi: expect.closeTo(1 + 3 * (3 - chance)), n: 100, rough: true })
    const few = { phi: 4, n: 11, bad: 50 }
    const left = 3 - 2 * Math.sqrt(0.2)
    expect(overSpan(few, 90_000, 60_000)).toEqual({ phi: expect.closeTo(1 + left), n: 11, rough: true })
    expect(overSpan({ ...few, phi: 1.8 }, 60, 60_000)).toEqual({ phi: 1, n: 11, rough: true })
    expect(overSpan({ ...few, bad: 0 }, 90_000, 60_000)).toBeNull()
  })
  it('counts the requests above a bound for latency', () => {
    const k = bucketOf(4)
    const row = (at: number) => GRID_MS.map((_, i) => (i <= k ? at : 0))
    const times = { sums: row(50), squares: row(250) }
    const counts = [...Array.from({ length: 10 }, () => 5), ...Array.from({ length: 90 }, () => 0)]
    const slow = keys({ total: times })
    expect(keysAbove(slow, 'total', GRID_MS[k]!)!.phi).toBeCloseTo(ratio(counts), 12)
    expect(keysAbove(slow, 'total', GRID_MS[k + 1]!)!.phi).toBe(1)
    expect(keysAbove(slow, 'first-byte', GRID_MS[k]!)!.phi).toBe(1)
  })
  it('of labelled answers adds the shares of a key', () => {
    const scores = Array.from({ length: 120 }, (_, i) => ({ key: `k${i % 40}`, bad: i % 40 < 4 ? 1 : 0 }))
    const counts = Array.from({ length: 40 }, (_, k) => (k < 4 ? 3 : 0))
    expect(keysOfScores(scores)).toEqual({ phi: expect.closeTo(ratio(counts), 12), n: 40, bad: 12 })
  })
})

describe('over batches of the last hour', () => {
  const row = (minute: number, ok: number, bad: number, digest = 'b'): MinuteRow => ({
    digest,
    minute,
    data: { codes: { '2xx': ok, '5xx': bad, full: 1000 }, total: {}, firstByte: {}, seconds: 60 },
  })
  // Two minutes with 20 errors of 1,000, then eight without any; five times over.
  const errors = (minute: number) => (minute % 10 < 2 ? 10 : 0)
  const hour = Array.from({ length: 60 }, (_, m) => row(m, 500 - errors(m), errors(m)))
  const batches = Array.from({ length: 30 }, (_, b) => errors(2 * b) + errors(2 * b + 1))

  it('is variance over mean where batches hold equally many requests', () => {
    expect(batchesOf(hour, 'b', ['5xx'])).toEqual({ phi: expect.closeTo(ratio(batches), 12), n: 30 })
    expect(batchesOf(hour, 'b', ['timeout'])).toEqual({ phi: 1, n: 30 })
  })
  it('does not take a changing load for bursts', () => {
    const waves = Array.from({ length: 60 }, (_, m) => row(m, m < 30 ? 99 : 990, m < 30 ? 1 : 10))
    expect(batchesOf(waves, 'b', ['5xx'])!.phi).toBe(1)
  })
  it('needs an hour of this version’s own requests', () => {
    expect(batchesOf(hour.slice(2), 'b', ['5xx'])).toBeNull()
    expect(batchesOf(hour, 'c', ['5xx'])).toBeNull()
    expect(batchesOf([...hour.slice(2), row(60, 0, 0), row(61, 0, 0)], 'b', ['5xx'])).toBeNull()
  })
  it('does not take one error in a quiet batch for a burst', () => {
    const busy = Array.from({ length: 58 }, (_, m) => row(m, 300, m % 2))
    expect(batchesOf([...busy, row(58, 1, 1)], 'b', ['5xx'])!.phi).toBe(1)
    const quiet = Array.from({ length: 58 }, (_, m) => row(m, 300, 0))
    expect(batchesOf([...quiet, row(58, 1, 1)], 'b', ['5xx'])).toBeNull()
  })
  it('of few bad answers is not known', () => {
    const of = (bad: number) => Array.from({ length: 60 }, (_, m) => row(m, 100, m % 4 === 0 && m / 4 < bad ? 1 : 0))
    expect(batchesOf(of(14), 'b', ['5xx'])).toBeNull()
    expect(batchesOf(of(15), 'b', ['5xx'])).toEqual({ phi: 1, n: 15 })
  })
  describe('in many hours', () => {
    // Lehmer's generator: the same hours on every run.
    let seed = 7
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const count = (mean: number) => {
      let k = -1
      for (let left = mean; left > 0; k++) left += Math.log(random())
      return Math.max(0, k)
    }
    const RUNS = 1000
    /** phi of hours with an error of a thousand, in bursts of so many; every fifth minute or so is quiet. */
    const phis = (perMinute: number, burst: number): number[] =>
      Array.from({ length: RUNS }, () => {
        const minutes = Array.from({ length: 60 }, (_, m) => {
          const n = random() < 0.2 ? Math.ceil(perMinute / 50) : perMinute
          const bad = Math.min(n, burst * count((n * 0.001) / burst))
          return row(m, n - bad, bad)
        })
        return batchesOf(minutes, 'b', ['5xx'])?.phi ?? 1
      }).sort((a, b) => a - b)
    it.each([30, 150, 600, 6000])('single errors hardly ever make 2, at %i requests a minute', (perMinute) => {
      const all = phis(perMinute, 1)
      expect(all.filter((phi) => phi > 2).length / RUNS).toBeLessThan(0.012)
    })
    it.each([1200, 6000])('bursts of 4 make about 4, at %i requests a minute', (perMinute) => {
      const all = phis(perMinute, 4)
      expect(all[RUNS / 2]).toBeGreaterThan(3.3)
      expect(all[RUNS / 2]).toBeLessThan(4.7)
      expect(all[RUNS / 20]).toBeGreaterThan(2)
    })
  })
  it('looks at the newest hour', () => {
    const calm = Array.from({ length: 60 }, (_, m) => row(60 + m, 495, 5))
    expect(batchesOf([...hour, ...calm], 'b', ['5xx'])!.phi).toBe(1)
  })
})
