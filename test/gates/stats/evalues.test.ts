import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Counts } from '../../../src/evidence/types.ts'
import { advanceSums, logFactors, logFail, openedAt, type Side } from '../../../src/gates/stats/evalues.ts'
import { mcnemarP, poissonTail } from '../../../src/gates/stats/exact.ts'
import { normalQuantile } from '../../../src/gates/stats/normal.ts'
import { onceFails, oncePasses, onceUpper } from '../../../src/gates/stats/once.ts'
import { NEVER, RHO_FAIL, STARTS } from '../../../src/gates/stats/rule.ts'

function choose(n: number, k: number): number {
  let ways = 1
  for (let j = 1; j <= k; j++) ways = (ways * (n - k + j)) / j
  return ways
}
const binomial = (n: number, k: number, p: number): number => choose(n, k) * p ** k * (1 - p) ** (n - k)

/** Exact expectation of the e-factor of a two-arm block, per rho. */
function meanOfArms(nc: number, nb: number, pc: number, pb: number, r: number, delta: number, side: Side): number[] {
  const mean: number[] = []
  for (let xc = 0; xc <= nc; xc++)
    for (let xb = 0; xb <= nb; xb++) {
      const weight = binomial(nc, xc, pc) * binomial(nb, xb, pb)
      logFactors({ kind: 'arms', xc, nc, xb, nb }, r, delta, side).forEach((ln, i) => {
        mean[i] = (mean[i] ?? 0) + weight * Math.exp(ln)
      })
    }
  return mean
}

const share = (max: number) => fc.double({ min: 0, max, noNaN: true })

describe('factors are e-values', () => {
  test('two arms at the margin: the mean is at most 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        share(0.5),
        share(0.3),
        fc.constantFrom(0, 0.8, 1, 1.2),
        fc.constantFrom<Side>('fail', 'pass'),
        (nc, nb, pb, delta, r, side) => {
          for (const mean of meanOfArms(nc, nb, r * pb + delta, pb, r, delta, side))
            expect(mean).toBeLessThanOrEqual(1 + 1e-12)
        },
      ),
    )
  })
  test('one pair at the margin: the mean is at most 1', () => {
    fc.assert(
      fc.property(
        share(0.4),
        share(0.3),
        share(1),
        fc.constantFrom(0, 0.8, 1),
        fc.constantFrom<Side>('fail', 'pass'),
        (pb, delta, overlap, r, side) => {
          const pc = r * pb + delta
          const low = Math.max(0, pc + pb - 1)
          const p11 = low + overlap * (Math.min(pc, pb) - low)
          const cases: [number, Counts][] = [
            [pc - p11, { kind: 'pairs', x10: 1, x01: 0, x11: 0, n: 1 }],
            [pb - p11, { kind: 'pairs', x10: 0, x01: 1, x11: 0, n: 1 }],
            [p11, { kind: 'pairs', x10: 0, x01: 0, x11: 1, n: 1 }],
            [1 - pc - pb + p11, { kind: 'pairs', x10: 0, x01: 0, x11: 0, n: 1 }],
          ]
          const factors = cases.map(([weight, block]) => [weight, logFactors(block, r, delta, side)] as const)
          for (let i = 0; i < factors[0]![1].length; i++) {
            const mean = factors.reduce((sum, [weight, lns]) => sum + weight * Math.exp(lns[i]!), 0)
            expect(mean).toBeLessThanOrEqual(1 + 1e-12)
          }
        },
      ),
    )
  })
  test('they bet the right way: worse raises the fail side, better the pass side', () => {
    const worse: Counts = { kind: 'arms', xc: 30, nc: 100, xb: 2, nb: 100 }
    const equal: Counts = { kind: 'arms', xc: 2, nc: 100, xb: 2, nb: 100 }
    expect(Math.max(...logFactors(worse, 1, 0.01, 'fail'))).toBeGreaterThan(10)
    expect(Math.max(...logFactors(worse, 1, 0.01, 'pass'))).toBeLessThan(0)
    expect(Math.max(...logFactors(equal, 1, 0.05, 'pass'))).toBeGreaterThan(0)
  })
})

describe('beginnings', () => {
  test('none at 0, all once the last has begun, never fewer than before', () => {
    expect(openedAt(0, 64, 0)).toBe(0)
    expect(openedAt(2, 64, 0)).toBe(1)
    expect(openedAt(2.001, 64, 0)).toBe(2)
    expect(openedAt(62.5, 64, 0)).toBe(STARTS)
    expect(openedAt(1, 64, 7)).toBe(7)
  })
  test('the weights of all add up to 1', () => {
    const none = RHO_FAIL.map(() => 0)
    const M = advanceSums(
      RHO_FAIL.map(() => NEVER),
      none,
      0,
      STARTS,
    )
    for (const m of M) expect(m).toBeCloseTo(0, 12)
    expect(logFail(M, STARTS)).toBeCloseTo(0, 12)
  })
  test('factors of 1 leave the e-value at 1, whenever they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STARTS }), { maxLength: 10 }), (opens) => {
        let [M, open]: [number[], number] = [RHO_FAIL.map(() => NEVER), 0]
        for (const next of opens.sort((a, b) => a - b)) {
          M = advanceSums(
            M,
            RHO_FAIL.map(() => 0),
            open,
            next,
          )
          open = next
          expect(logFail(M, open)).toBeCloseTo(0, 10)
        }
      }),
    )
  })
})

test('normal quantile: known values and symmetry', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14)
  expect(normalQuantile(0.5)).toBe(0)
  expect(normalQuantile(1e-300)).toBeCloseTo(-37.0471, 4)
  for (const p of [1e-9, 0.001, 0.02, 0.3]) expect(normalQuantile(p)).toBeCloseTo(-normalQuantile(1 - p), 6)
})

test('Poisson and McNemar tails', () => {
  expect(poissonTail(0, 3)).toBe(1)
  expect(poissonTail(2, 1)).toBeCloseTo(1 - 2 / Math.E, 12)
  expect(mcnemarP(0, 7)).toBe(1)
  expect(mcnemarP(3, 0)).toBeCloseTo(1 / 8, 14)
  // Large counts: no underflow, and both tails add up.
  const tail = mcnemarP(5200, 4800)
  expect(tail).toBeGreaterThan(3e-5)
  expect(tail).toBeLessThan(3.4e-5)
  expect(mcnemarP(600, 700) + mcnemarP(701, 599)).toBeCloseTo(1, 12)
})

test('the upper bound and the pass are one decision', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 40, max: 400 }),
      fc.integer({ min: 40, max: 400 }),
      (xc, xb, nc, nb) => {
        const strata: Counts[] = [
          { kind: 'arms', xc, nc, xb, nb },
          { kind: 'pairs', x10: xc, x01: xb, x11: 2, n: nc },
        ]
        const upper = onceUpper(strata, 1, 0.975)
        fc.pre(upper > 0.001 && upper < 0.9)
        expect(oncePasses(strata, 1, upper + 1e-6, 1, 0.025)).toBe(true)
        expect(oncePasses(strata, 1, upper - 1e-6, 1, 0.025)).toBe(false)
        expect(onceFails(strata, 1, upper + 0.1, 1, 0.025)).toBe(false)
      },
    ),
  )
})
