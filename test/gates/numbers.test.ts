import { describe, expect, test } from 'vitest'
import type { Block, Counts, Evidence } from '../../src/evidence/types.ts'
import { newJudge, peek } from '../../src/gates/judge.ts'
import { judgePlanOf } from '../../src/gates/judge-plan.ts'
import { gateNumbers, stripPoint } from '../../src/gates/numbers.ts'
import { armInterval, differenceInterval, ratesOf } from '../../src/gates/rates.ts'
import { newcombe, watchBound, wilson } from '../../src/gates/stats/intervals.ts'
import { normalQuantile } from '../../src/gates/stats/normal.ts'
import type { JudgeState } from '../../src/gates/types.ts'
import type { ReleasePlan } from '../../src/plan/types.ts'
import { demoSteps, errorsGate, labelsMinGate, planWith, setGate } from './plans.ts'

const pairs = (x10: number, x01: number, x11: number, n: number): Counts => ({ kind: 'pairs', x10, x01, x11, n })
const arms = (xc: number, nc: number, xb: number, nb: number): Counts => ({ kind: 'arms', xc, nc, xb, nb })
const Z = normalQuantile(0.975)
const plan = planWith(demoSteps(['errors'], 50), [errorsGate()])

function seenBy(of: ReleasePlan, looks: readonly (readonly [t: number, step: number, block: Block, gate?: string])[]) {
  let state: JudgeState = newJudge(judgePlanOf(of))
  for (const [t, step, block, gate = 'errors'] of looks)
    state = peek(judgePlanOf(of), state, t, [{ gate, step, block }] satisfies Evidence[]).state
  return state
}

describe('rates over steps', () => {
  test('one step: the counts themselves and Newcombe as published', () => {
    const rates = ratesOf([arms(56, 70, 48, 80)], 1)!
    expect(rates.candidate.rate).toBeCloseTo(0.8, 12)
    expect(rates.candidate.effective).toBeCloseTo(70, 9)
    expect(rates.baseline!.effective).toBeCloseTo(80, 9)
    const [low, high] = differenceInterval(rates.candidate, rates.baseline!, rates.correlation)
    expect(low).toBeCloseTo(0.0524, 4)
    expect(high).toBeCloseTo(0.3339, 4)
  })
  test('a falling baseline under a rising weight is no difference, though pooled it would be', () => {
    const strata = [arms(5, 100, 95, 1900), arms(10, 500, 10, 500)]
    const rates = ratesOf(strata, 1)!
    expect(rates.candidate.rate - rates.baseline!.rate).toBeCloseTo(0, 12)
    expect(15 / 600 - 105 / 2400).toBeLessThan(-0.015)
    expect([rates.candidateN, rates.baselineN, rates.pairs]).toEqual([600, 2400, 0])
  })
  test('weights are nc*nb/(nc+nb), n/2 for pairs', () => {
    const rates = ratesOf([pairs(10, 4, 6, 200), arms(9, 90, 30, 910)], 1)!
    const [w1, w2] = [100, (90 * 910) / 1000]
    expect(rates.candidate.rate).toBeCloseTo((w1 * (16 / 200) + w2 * 0.1) / (w1 + w2), 12)
    expect(rates.baseline!.rate).toBeCloseTo((w1 * (10 / 200) + w2 * (30 / 910)) / (w1 + w2), 12)
    expect([rates.candidateN, rates.baselineN, rates.pairs]).toEqual([290, 1110, 200])
  })
  test('pairs that agree narrow the interval of the difference', () => {
    const [low, high] = (() => {
      const { candidate, baseline, correlation } = ratesOf([pairs(4, 4, 46, 500)], 1)!
      expect(correlation).toBeGreaterThan(0.8)
      return differenceInterval(candidate, baseline!, correlation)
    })()
    const [wideLow, wideHigh] = newcombe(50, 500, 50, 500, Z)
    expect(high - low).toBeLessThan(0.6 * (wideHigh - wideLow))
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })
  test('a fixed objective has no baseline', () => {
    expect(ratesOf([pairs(3, 3, 2, 100), arms(2, 100, 9, 100)], 0)).toMatchObject({
      candidate: { rate: 7 / 200, effective: 200 },
      baseline: null,
    })
    expect(ratesOf([], 1)).toBeNull()
  })
})

describe('the numbers of a gate', () => {
  test('without evidence nothing is a number', () => {
    expect(gateNumbers(plan, seenBy(plan, []), 'errors')).toEqual({
      gate: 'errors',
      verdict: 'inconclusive',
      baselineRate: null,
      candidateRate: null,
      baselineN: 0,
      candidateN: 0,
      pairs: 0,
      difference: null,
      low: null,
      high: null,
      worst: null,
      upper: null,
      margin: 0.02,
      eFail: 1,
      ePass: 1,
      bar: 40,
      bound: null,
      error: null,
      more: null,
    })
  })
  test('they agree with the evidence', () => {
    const numbers = gateNumbers(plan, seenBy(plan, [[1, 0, pairs(1, 2, 3, 200)]]), 'errors')
    expect(numbers).toMatchObject({ baselineRate: 5 / 200, candidateRate: 4 / 200, pairs: 200, bound: null })
    expect(numbers.difference).toBeCloseTo(-1 / 200, 12)
    expect(numbers.low!).toBeLessThan(numbers.difference!)
    expect(numbers.high!).toBeGreaterThan(numbers.difference!)
    expect(numbers.upper!).toBeGreaterThan(numbers.difference!)
  })
  test('`more` units at these rates bring the pass, one less does not', () => {
    const seen = pairs(0, 0, 0, 60)
    const { more, ePass } = gateNumbers(plan, seenBy(plan, [[1, 0, seen]]), 'errors')
    expect(ePass).toBeLessThan(40)
    const then = (n: number) =>
      gateNumbers(
        plan,
        seenBy(plan, [
          [1, 0, seen],
          [1, 0, pairs(0, 0, 0, n)],
        ]),
        'errors',
      )
    expect(then(more!).verdict).toBe('pass')
    expect(then(more! - 1).verdict).toBe('inconclusive')
    expect(then(more!).more).toBeNull()
  })
  test('`more` in a canary counts candidate requests at its weight', () => {
    const start = planWith(demoSteps(['errors'], 50).slice(1), [errorsGate()])
    const seen = arms(1, 100, 3, 300)
    const { more } = gateNumbers(start, seenBy(start, [[1, 0, seen]]), 'errors')
    const n = more!
    const passes = (k: number) =>
      gateNumbers(
        start,
        seenBy(start, [
          [1, 0, seen],
          [1, 0, arms(k / 100, k, (3 * k) / 100, 3 * k)],
        ]),
        'errors',
      ).verdict
    expect([passes(n - 1), passes(n)]).toEqual(['inconclusive', 'pass'])
  })
  test('a candidate beyond its margin never passes', () => {
    expect(gateNumbers(plan, seenBy(plan, [[1, 0, pairs(8, 1, 0, 200)]]), 'errors').more).toBeNull()
  })
  test('a cause is shown, and numbers stay', () => {
    const state = seenBy(plan, [
      [1, 0, pairs(0, 0, 0, 60)],
      [2, 0, { error: 'source down' }],
    ])
    expect(gateNumbers(plan, state, 'errors')).toMatchObject({ verdict: 'error', error: 'source down', pairs: 60 })
  })
  test('labels against their own minimum', () => {
    const min = planWith(demoSteps(['quality min'], 50), [labelsMinGate(0.9)])
    const state = seenBy(min, [[1, 0, pairs(3, 3, 2, 100), 'quality min']])
    const numbers = gateNumbers(min, state, 'quality min')
    expect(numbers).toMatchObject({ candidateRate: 0.05, baselineRate: null, difference: 0.05 })
    expect([numbers.low, numbers.high]).toEqual(wilson(5, 100, Z))
    expect(numbers.upper!).toBeCloseTo(numbers.high!, 6)
  })
  test('a set of a first release has no difference', () => {
    const first = planWith([{ kind: 'full', watchMs: 0, keepWarmMs: 0, gates: [] }], [setGate(0.03, 0.8)])
    const state = seenBy(first, [[0, -1, arms(4, 80, 0, 0), 'golden']])
    expect(gateNumbers(first, state, 'golden')).toMatchObject({
      verdict: 'pass',
      candidateRate: 0.05,
      candidateN: 80,
      difference: null,
      upper: null,
      more: null,
    })
  })
})

describe('in the watch', () => {
  const looks = [
    [1, 0, pairs(0, 0, 0, 300)],
    [6, 1, arms(0, 100, 2, 300)],
    [11, 2, arms(0, 200, 1, 200)],
  ] as const
  const watched = seenBy(plan, [...looks, [12, 3, arms(2, 100, 0, 0)]])
  const bound = watchBound(3, 800, 1, 0.02)

  test('the promoted version against the frozen bound', () => {
    expect(watched.watch).not.toBeNull()
    expect(gateNumbers(plan, watched, 'errors')).toMatchObject({
      verdict: 'pass',
      candidateRate: 0.02,
      candidateN: 100,
      baselineN: 800,
      bar: 50,
      bound,
      more: null,
    })
  })
  test('doubt of the watch is shown', () => {
    const state = seenBy(plan, [...looks, [12, 3, arms(9, 100, 0, 0)]])
    expect(gateNumbers(plan, state, 'errors').verdict).toBe('doubt')
    expect(stripPoint(plan, state, 'errors', 5).doubt).toBe(true)
  })
  test('after promotion the numbers are again those of the comparison', () => {
    const state = seenBy(plan, [...looks, [12, 3, arms(2, 100, 0, 0)], [30, 3, arms(0, 10, 0, 0)]])
    expect(state.outcome).toBe('promoted')
    expect(gateNumbers(plan, state, 'errors')).toMatchObject({
      candidateRate: 0,
      candidateN: 600,
      bar: 40,
      bound: null,
    })
  })
  test('the strip begins anew, its limit is the bound', () => {
    expect(stripPoint(plan, watched, 'errors', 5)).toMatchObject({
      at: 5,
      baseline: null,
      candidate: 0.02,
      limit: bound,
      doubt: false,
    })
  })
})

describe('strips', () => {
  test('from 20 answers on, with the limit beyond the baseline', () => {
    const few = stripPoint(plan, seenBy(plan, [[1, 0, pairs(0, 0, 0, 19)]]), 'errors', 7)
    expect(few).toMatchObject({ at: 7, baseline: null, candidate: null, limit: null, candidateLow: null })
    const enough = stripPoint(plan, seenBy(plan, [[1, 0, pairs(0, 1, 1, 40)]]), 'errors', 7)
    expect(enough.baseline).toBeCloseTo(0.05, 12)
    expect(enough.limit).toBeCloseTo(0.07, 12)
    expect([enough.candidateLow, enough.candidateHigh]).toEqual(armInterval({ rate: 1 / 40, effective: 40 }))
  })
  test('a fixed objective is the limit itself', () => {
    const min = planWith(demoSteps(['quality min'], 50), [labelsMinGate(0.9)])
    const state = seenBy(min, [[1, 0, pairs(3, 3, 2, 100), 'quality min']])
    expect(stripPoint(min, state, 'quality min', 0)).toMatchObject({ baseline: null, candidate: 0.05 })
    expect(stripPoint(min, state, 'quality min', 0).limit).toBeCloseTo(0.1, 12)
  })
})

test('the step that speaks most against the candidate is known, whatever all steps together say', () => {
  const state = seenBy(plan, [
    [1, 0, pairs(20, 20, 10, 5000)],
    [40, 1, arms(30, 200, 8, 600)],
  ])
  const { worst, difference, verdict } = gateNumbers(plan, state, 'errors')
  expect(worst).toEqual({ step: 1, difference: expect.closeTo(30 / 200 - 8 / 600, 12) })
  expect(difference).toBeLessThan(0.02)
  expect(verdict).toBe('fail')
})
