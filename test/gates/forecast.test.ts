import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GateConfig, StepConfig } from '../../src/config/types.ts'
import type { TrafficSeen } from '../../src/evidence/traffic.ts'
import { composePlan } from '../../src/gates/compose.ts'
import { baselineRate, perSecond } from '../../src/gates/expected.ts'
import { forecast, horizonNote } from '../../src/gates/forecast.ts'
import { linesFor, linesNeeded, mostPassed } from '../../src/gates/lines.ts'
import { needOf } from '../../src/gates/needs.ts'
import { onceZ } from '../../src/gates/stats/once.ts'
import { autoPairs } from '../../src/gates/stats/samples.ts'
import type { PlanGate } from '../../src/plan/types.ts'
import { environment, evaluation, input, set, traffic } from './example.ts'

const errors: GateConfig = { kind: 'errors', name: 'errors', margin: 0.01, bad: ['5xx', '4xx'], except: [] }
const onePercent = traffic({ codes: { '2xx': 980, '5xx': 10, '4xx': 10 } })
const canary = (weight: number, forMs = 0): StepConfig => ({ kind: 'canary', weight, forMs })
const full: StepConfig = { kind: 'full', watchMs: 600_000, keepWarmMs: 0 }
const swap: StepConfig = { kind: 'swap', waitMs: 120_000, watchMs: 60_000 }

function ahead(steps: StepConfig[], requestsPerSecond: number, horizonMs = 3_600_000, seen: TrafficSeen = onePercent) {
  const t = { ...seen, requestsPerSecond }
  const env = environment({ gates: [errors], steps, horizonMs })
  const { plan } = composePlan(input({ environment: env, traffic: t }))
  return { plan, ...forecast(plan, t) }
}

describe('needOf', () => {
  const gate = composePlan(input({ environment: environment({ gates: [errors] }) })).plan.gates[0]!
  const at = (weightPpm: number) => ({ kind: 'canary', weightPpm, forMs: 0, gates: [] }) as const
  it('has the numbers of the rule for one gate', () => {
    // statistics, sample size: 1 -> 3 % at +1 pp, weight 5 %: 4,217 by e and 1,818 once; to pass at 1 %: 2,473 and 1,299.
    const fail = needOf(gate, at(50_000), 'fail', 0.01, { alpha: 0.05, gates: 1 })
    const pass = needOf(gate, at(50_000), 'pass', 0.01, { alpha: 0.05, gates: 1 })
    expect([fail.anyTime, fail.once, pass.anyTime, pass.once].map(Math.round)).toEqual([4217, 1818, 2473, 1299])
  })
  it('in pairs agrees with the once-only test itself', () => {
    const shadow = { kind: 'shadow', fraction: 1, noise: 1, forMs: 0, pairs: {} } as const
    for (const rate of [0.01, 0.05, 0.1]) {
      const { once } = needOf(gate, shadow, 'pass', rate, { alpha: 0.05, gates: 1 })
      const p = 0.5 * rate * (1 - rate)
      // At the expected counts, z lies beyond the bound by what 80 % of the outcomes stay within.
      const z = onceZ([{ kind: 'pairs', x10: p * once, x01: p * once, x11: 0, n: once }], 1, gate.margin, 1).pass!
      const spread = Math.sqrt(2 * p * once) / 2
      const V = ((-gate.margin * once) / 2 / z) ** 2
      expect(-z - (0.8416212 * spread) / Math.sqrt(V)).toBeCloseTo(1.959964, 4)
    }
  })
  it('of a share of its own never passes at or below it', () => {
    const min = {
      kind: 'labels-min',
      name: 'm',
      of: 'q',
      decides: true,
      waived: null,
      margin: 0.1,
      ratio: 0,
      min: 0.9,
      evaluator: { kind: 'exact-match' },
    } as PlanGate
    const need = (rate: number) => needOf(min, at(500_000), 'pass', rate, { alpha: 0.05, gates: 1 })
    expect(need(0.1).anyTime).toBe(Number.POSITIVE_INFINITY)
    expect(need(0.05).anyTime).toBeGreaterThan(need(0.01).anyTime)
    expect(need(0.05).once).toBeLessThan(need(0.05).anyTime)
  })
})

describe('lines', () => {
  it('are those of the rule', () => {
    // statistics, golden set: n to pass at all 189 / 125 / 73; in 80 % 1,758 / 794 / 307 by exact sums.
    expect([0.02, 0.03, 0.05].map((margin) => linesNeeded(margin, null, 0.05))).toEqual([189, 125, 73])
    const exact = [1758, 794, 307]
    for (const [i, margin] of [0.02, 0.03, 0.05].entries())
      expect(Math.abs(linesFor(margin, 0.05) / exact[i]! - 1)).toBeLessThan(0.06)
  })
  it('and what they can pass are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000 }), (lines) => {
        const { margin, min } = mostPassed(lines, 0.05)
        expect(linesNeeded(margin * 1.001, null, 0.05)).toBeLessThanOrEqual(lines)
        expect(linesNeeded(margin * 0.97, null, 0.05)).toBeGreaterThan(lines)
        expect(linesNeeded(null, min * 0.9999 - 1e-6, 0.05)).toBeLessThanOrEqual(lines)
        expect(linesNeeded(null, 1 - (1 - min) * 0.97, 0.05)).toBeGreaterThan(lines - 1)
      }),
    )
  })
})

describe('forecast', () => {
  it('turns requests into minutes at the traffic seen', () => {
    // statistics: minutes = n / (60 R w); 2,473 at 5/s and 5 % are 165 minutes, 1,299 are 87.
    const long = ahead([canary(0.05), full], 5, 200 * 60_000)
    expect(long.gates[0]!.toPass!.minutes).toBeCloseTo(2473 / 15, 0)
    expect(long.gates[0]!.toPass!.count).toBe(2473)
    expect(long.gates[0]!.toFail!.minutes).toBeCloseTo(200, 6)
    const at = ahead([canary(0.05), full], 5, 100 * 60_000)
    expect(at.gates[0]!.toPass!.minutes).toBeCloseTo(100, 9)
    expect([at.suffices, at.horizonNeededMs]).toEqual([true, null])
  })

  it('says which horizon would do, and it does', () => {
    const short = ahead([canary(0.05), full], 5, 30 * 60_000)
    expect(short.suffices).toBe(false)
    expect(short.horizonNeededMs).toBe(87 * 60_000)
    expect(horizonNote(short.plan, short)).toContain('`release.horizon: 1h27m` would do')
    const longer = ahead([canary(0.05), full], 5, short.horizonNeededMs!)
    expect(longer.suffices).toBe(true)
    expect(horizonNote(longer.plan, longer)).toBeNull()
  })

  it('adds up the evidence of steps of different weights', () => {
    const steps = [canary(0.05, 600_000), canary(0.5, 600_000), full]
    const { gates } = ahead(steps, 5)
    const [low, high] = [0.05, 0.5].map((w) => {
      const step = { kind: 'canary', weightPpm: w * 1e6, forMs: 0, gates: [] } as const
      return needOf(ahead(steps, 5).plan.gates[0]!, step, 'pass', 0.01, { alpha: 0.05, gates: 1 }).anyTime / (5 * w)
    })
    // 600 s of the first bring 600/low of what is needed; the rest comes at the second's speed.
    expect(gates[0]!.toPass!.minutes! * 60).toBeCloseTo(600 + (1 - 600 / low!) * high!, 6)
  })

  it('knows that a report, a waived gate and a set hold nothing by time', () => {
    const sets = { golden: { path: 'g.jsonl', evaluator: { kind: 'exact-match' } as const } }
    const golden: GateConfig = {
      kind: 'quality',
      name: 'golden',
      source: { set: 'golden' },
      evaluator: null,
      margin: 0.05,
      min: null,
    }
    const make = (lines: number) => {
      const env = environment({ gates: [golden, errors], steps: [canary(0.5), full] })
      const more = { environment: env, evaluation: evaluation({ sets }), sets: { golden: set(lines) } }
      const { plan } = composePlan(
        input({ ...more, traffic: traffic({ requestsPerSecond: 0.01 }), waive: { gates: ['errors'], reason: 'r' } }),
      )
      return { plan, ...forecast(plan, traffic({ requestsPerSecond: 0.01 })) }
    }
    const few = make(100)
    expect(few.gates[0]).toMatchObject({ unit: 'lines', suffices: false, toPass: { minutes: 0 } })
    expect(horizonNote(few.plan, few)).toBeNull()
    expect(make(400).suffices).toBe(true)
  })

  it('takes at least the times written and the pairs of the shadow', () => {
    const shadow: StepConfig = { kind: 'shadow', fraction: 0.5, noise: 0, forMs: 10_000, pairs: 1000 }
    const { minimumMs, likelyMs, watchMs } = ahead([shadow, canary(0.5, 30_000), full], 10)
    expect(minimumMs).toBe(200_000 + 30_000)
    expect(likelyMs).toBeGreaterThanOrEqual(minimumMs)
    expect(watchMs).toBe(600_000)
    expect(ahead([{ ...shadow, pairs: 1 }, canary(0.5, 30_000), full], 10).minimumMs).toBe(40_000)
  })

  it('gives --timeout all that the plan can take', () => {
    const { plan, timeoutMs } = ahead([canary(0.5, 60_000), full], 10)
    const { readyTimeoutMs, drainMs } = plan.run
    expect(timeoutMs).toBeGreaterThan(readyTimeoutMs + plan.horizonMs + 60_000 + 600_000 + plan.holdMs + drainMs)
    expect(ahead([swap], 10).timeoutMs).toBeGreaterThan(2 * readyTimeoutMs + 2 * 120_000 + plan.holdMs)
    const first = composePlan(input({ baseline: null }))
    expect(forecast(first.plan, null).timeoutMs).toBeLessThan(timeoutMs)
  })

  it('of a first release and a swap waits for no traffic', () => {
    const first = forecast(composePlan(input({ baseline: null })).plan, null)
    expect(first).toMatchObject({ gates: [], suffices: true, horizonNeededMs: null, minimumMs: 0 })
    const { suffices, gates } = ahead([swap], 10)
    expect(suffices).toBe(true)
    expect(gates[0]).toMatchObject({ toPass: null, toFail: null })
  })

  it('never promises sooner with less traffic', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 500, noNaN: true }),
        fc.double({ min: 1.01, max: 50, noNaN: true }),
        (rate, more) => {
          const minutes = (r: number) =>
            ahead([canary(0.1, 60_000), canary(0.4, 60_000), full], r, 600_000).gates[0]!.toPass!.minutes!
          expect(minutes(rate * more)).toBeLessThanOrEqual(minutes(rate) + 1e-9)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('what traffic lets a gate expect', () => {
  const { plan } = composePlan(
    input({
      environment: environment({
        gates: [
          errors,
          { kind: 'quality', name: 'quality', source: { labels: true }, evaluator: null, margin: 0.05, min: 0.8 },
        ],
      }),
    }),
  )
  const [bad, quality, min] = plan.gates
  it('takes rates from what was seen, and says where they are assumed', () => {
    expect(baselineRate(bad!, onePercent)).toEqual({ rate: 0.01, bad: 10, total: 1000 })
    expect(baselineRate(quality!, onePercent)).toEqual({ rate: 0.1, bad: 0, total: 0 })
    const judged = traffic({ judged: { quality: { bad: 5, total: 100 } } })
    expect(baselineRate(min!, judged)).toEqual(baselineRate(quality!, judged))
    expect(baselineRate(bad!, null).total).toBe(0)
  })
  it('counts for a gate of labels only what is labelled', () => {
    const [shadow, canary] = plan.steps
    const t = traffic({ requestsPerSecond: 100, labelledShare: 0.2 })
    expect(perSecond(bad!, shadow!, t)).toBe(100)
    expect(perSecond(quality!, shadow!, t)).toBe(20)
    expect(perSecond(quality!, canary!, t)).toBeCloseTo(1, 12)
    expect(perSecond(quality!, canary!, { ...t, labelledShare: null })).toBeCloseTo(5, 12)
  })
  it('asks pairs as the rule does', () => {
    const auto = (pb: number, delta: number, m: number) =>
      autoPairs({ pb, delta, perSecond: 100, horizon: 90, gates: m })
    expect([auto(0, 0.02, 3), auto(0.1, 0.1, 3), auto(0.05, 0.05, 3)]).toEqual([1346, 511, 1045])
  })
})
