import { describe, expect, test } from 'vitest'
import type { Counts } from '../../../src/evidence/types.ts'
import { logFactors, logMean, logPass, type Side } from '../../../src/gates/stats/evalues.ts'
import { mcnemarP } from '../../../src/gates/stats/exact.ts'
import { minVerdict, newcombe, watchBound, wilson } from '../../../src/gates/stats/intervals.ts'
import { normalQuantile } from '../../../src/gates/stats/normal.ts'
import { onceFails, onceUpper, onceZ, restrictedRate, scoreTerms } from '../../../src/gates/stats/once.ts'
import * as rule from '../../../src/gates/stats/rule.ts'
import { armsNeeded, autoPairs, onceNeeded, pairsNeeded } from '../../../src/gates/stats/samples.ts'
import { type Case, countsOf, differences, type Loose, named, ofKind, VECTORS } from '../vectors.ts'

const check = (cases: Case[], count: number, evaluate: (inputs: Loose, name: string) => Loose): void => {
  test('there are as many cases as the file had', () => expect(cases).toHaveLength(count))
  test.each(cases)('$name', ({ name, inputs, expected }) =>
    expect(differences(evaluate(inputs, name), expected)).toEqual([]),
  )
}
const windows = (inputs: Loose): Counts[] => inputs.windows_xc_nc_xb_nb.map((w: number[]) => countsOf(['arms', ...w]))
const complete = (block: Counts, r: number): boolean =>
  block.kind === 'arms' && block.nc > 0 && (block.nb > 0 || r === 0)

test('constants of the rule', () => {
  expect(rule.RHO_FAIL).toEqual(VECTORS.rhoGridAbort)
  expect(rule.RHO_PASS).toEqual(VECTORS.rhoGridPass)
  expect(VECTORS.constants).toEqual({
    ALPHA: 0.05,
    STARTS: rule.STARTS,
    W0: rule.FIRST_START_WEIGHT,
    DOUBT: rule.DOUBT,
    WATCH_ALPHA: rule.WATCH_ALPHA,
    WATCH_LEVEL: rule.WATCH_LEVEL,
    PAIR_PHI: rule.PAIR_CORRELATION,
    AUTO_POWER: rule.AUTO_POWER,
    CAP_OF_HORIZON: rule.AUTO_HORIZON_PARTS,
  })
})

describe('plain products', () => {
  check(named(/^e_abort|^e_pass|^paired McNemar/), 16, (inputs, name) => {
    const side: Side = name.startsWith('e_pass') ? 'pass' : 'fail'
    let product = (side === 'fail' ? rule.RHO_FAIL : rule.RHO_PASS).map(() => 0)
    for (const block of windows(inputs)) {
      if (!complete(block, inputs.r)) continue
      const factors = logFactors(block, inputs.r, inputs.delta, side, inputs.phi)
      product = product.map((sum, i) => sum + factors[i]!)
    }
    return { logE: logPass(product) }
  })
})
describe('factors of one block', () => {
  check(ofKind('log-factors'), 7, ({ block, r, delta, side, phi }) => ({
    logFactors: logFactors(countsOf(block), r, delta, side, phi),
  }))
})
describe('mean of e-values', () => {
  check(named(/^mean of e-values/), 1, (inputs) => ({ logMean: logMean(inputs.logEs) }))
})
describe('CMH is the once-only test at margin 0', () => {
  const cases = named(/^CMH/)
  test('there are as many cases as the file had', () => expect(cases).toHaveLength(2))
  test.each(cases)('$name', ({ inputs, expected }) => {
    expect(differences(onceZ(windows(inputs), 1, 0).fail, expected.z)).toEqual([])
    expect(-normalQuantile(expected.pOneSided)).toBeCloseTo(expected.z, 8)
  })
})
describe('restricted rate', () => {
  check(ofKind('restricted-rate'), 7, ({ xc, nc, xb, nb, r, delta }) => ({
    pb: restrictedRate(xc, nc, xb, nb, r, delta),
  }))
})
describe('once-only test', () => {
  check(ofKind('once'), 15, ({ strata, r, delta, phi }) => {
    const counts = strata.map(countsOf)
    const z = onceZ(counts, r, delta, phi)
    return {
      terms: counts.map((one: Counts) => Object.values(scoreTerms(one, r, delta))),
      failsAtLevel025: onceFails(counts, r, delta, phi, 0.025),
      zFail: z.fail,
      zPass: z.pass,
      upper975: onceUpper(counts, r, 0.975, phi),
    }
  })
})
describe('Wilson', () => {
  check(named(/^Wilson/), 6, ({ k, n, confidence }) => {
    const [low, high] = wilson(k, n, normalQuantile((1 + confidence) / 2))
    return { low: Math.max(0, low), high: Math.min(1, high) }
  })
})
describe('Newcombe', () => {
  check(named(/^Newcombe/), 4, ({ x1, n1, x2, n2, confidence }) => {
    const [low, high] = newcombe(x1, n1, x2, n2, normalQuantile((1 + confidence) / 2))
    return { diff: x1 / n1 - x2 / n2, low, high }
  })
})
describe('exact McNemar', () => {
  check(named(/^McNemar/), 1, ({ b, c }) => ({ p: mcnemarP(b, c) }))
  check(ofKind('mcnemar'), 1, ({ x10, x01 }) => ({ p: mcnemarP(x10, x01) }))
})
describe('min', () => {
  check(ofKind('min'), 7, ({ bad, n, minimum }) => ({ verdict: minVerdict(bad, n, minimum) }))
})
describe('bound of the watch', () => {
  check(ofKind('watch-bound'), 2, ({ x, n, r, delta }) => ({ bound: watchBound(x, n, r, delta) }))
})
describe('sample sizes', () => {
  check(ofKind('sample-size'), 13, ({ of, arguments: a }) => {
    if (of === 'auto') return { n: autoPairs({ ...a, perSecond: a.per_second }) }
    if (of === 'pairs') return { n: pairsNeeded(a, a.p10, a.p01) }
    return { n: of === 'arms' ? armsNeeded(a, a) : onceNeeded(a, a) }
  })
})
