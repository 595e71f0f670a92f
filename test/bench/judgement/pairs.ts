/** Paired shadow and golden sets: how many pairs a verdict takes, and what happens at the margin. */
import { feed, type GateRule, NEW_GATE } from '../../../src/gates/gate.ts'
import { judgeSet } from '../../../src/gates/golden.ts'
import { onceFails, oncePasses } from '../../../src/gates/stats/once.ts'
import { drawArms, drawPairs, pairRates, Random } from './random.ts'

const BAR = Math.log(2 / 0.05)
const FAR = 1e9
const quantile80 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(0.8 * values.length)] ?? Number.NaN

/** Pairs until the e-value decides in 80 % of runs; looks every 10 pairs, the horizon far away. */
export function pairsUntil(options: {
  readonly seed: number
  readonly runs: number
  readonly side: 'fail' | 'pass'
  readonly pc: number
  readonly pb: number
  readonly correlation: number
  readonly delta: number
}): number {
  const { side, delta, runs } = options
  const random = new Random(options.seed)
  const rates = pairRates(options.pc, options.pb, options.correlation)
  const rule: GateRule = { delta, r: 1, phi: 1, horizon: FAR }
  const counts: number[] = []
  for (let run = 0; run < runs; run++) {
    let gate = NEW_GATE
    let n = 0
    while ((side === 'fail' ? gate.lnFail : gate.lnPass) < BAR && n < 10_000) {
      n += 10
      gate = feed(rule, gate, n / 10, '0', drawPairs(random, 10, rates))
    }
    counts.push(n)
  }
  return quantile80(counts)
}

/** Candidate requests until the e-value decides in 80 % of runs, in a canary of weight w. */
export function requestsUntil(options: {
  readonly seed: number
  readonly runs: number
  readonly side: 'fail' | 'pass'
  readonly pc: number
  readonly pb: number
  readonly w: number
  readonly delta: number
}): number {
  const { side, pc, pb, w, delta, runs } = options
  const random = new Random(options.seed)
  const rule: GateRule = { delta, r: 1, phi: 1, horizon: FAR }
  const counts: number[] = []
  for (let run = 0; run < runs; run++) {
    let gate = NEW_GATE
    let n = 0
    while ((side === 'fail' ? gate.lnFail : gate.lnPass) < BAR && n < 30_000) {
      n += 10
      gate = feed(rule, gate, n / 10, '0', drawArms(random, 10 / w, w, pc, pb))
    }
    counts.push(n)
  }
  return quantile80(counts)
}

/** Exactly at the margin, 3,000 pairs: shares of runs (%) that fail or pass, by either part. */
export function pairsAtMargin(options: {
  readonly seed: number
  readonly runs: number
  readonly pb: number
  readonly correlation: number
  readonly delta: number
}): { fail: number; pass: number } {
  const { runs, pb, delta } = options
  const random = new Random(options.seed)
  const rates = pairRates(pb + delta, pb, options.correlation)
  const rule: GateRule = { delta, r: 1, phi: 1, horizon: FAR }
  let [fail, pass] = [0, 0]
  for (let run = 0; run < runs; run++) {
    let gate = NEW_GATE
    let failed = false
    for (let look = 1; look <= 300; look++) {
      gate = feed(rule, gate, look, '0', drawPairs(random, 10, rates))
      failed ||= gate.lnFail >= BAR
    }
    const strata = Object.values(gate.strata)
    if (failed || onceFails(strata, 1, delta, 1, 0.025)) fail++
    if (gate.lnPass >= BAR || oncePasses(strata, 1, delta, 1, 0.025)) pass++
  }
  return { fail: (100 * fail) / runs, pass: (100 * pass) / runs }
}

const setVerdict = (x10: number, x01: number, n: number, delta: number) =>
  judgeSet({ delta, r: 1, phi: 1, horizon: 1 }, { kind: 'pairs', x10, x01, x11: 0, n }, 0.05, 1, null).verdict

/** The smallest set that can pass at all. */
export function smallestSet(delta: number): number {
  let n = 1
  while (setVerdict(0, 0, n, delta) !== 'pass') n++
  return n
}

/** Exact shares (%) of sets of n lines that fail and pass, by summing over the discordant counts. */
export function setOutcomes(n: number, delta: number, pc: number, pb: number, correlation: number) {
  const { p10, p01 } = pairRates(pc, pb, correlation)
  const lnFactorial = [0]
  for (let k = 1; k <= n; k++) lnFactorial.push(lnFactorial[k - 1]! + Math.log(k))
  const ln = { x10: Math.log(p10), x01: Math.log(p01), rest: Math.log(1 - p10 - p01) }
  let [fail, pass] = [0, 0]
  for (let x10 = 0; x10 <= n; x10++)
    for (let x01 = 0; x01 <= n - x10; x01++) {
      const rest = n - x10 - x01
      const ways = lnFactorial[n]! - lnFactorial[x10]! - lnFactorial[x01]! - lnFactorial[rest]!
      const lnP = ways + x10 * ln.x10 + x01 * ln.x01 + rest * ln.rest
      if (lnP < -20) continue
      const verdict = setVerdict(x10, x01, n, delta)
      if (verdict === 'fail') fail += Math.exp(lnP)
      if (verdict === 'pass') pass += Math.exp(lnP)
    }
  return { fail: 100 * fail, pass: 100 * pass }
}
