/** Whole releases through the judge: shadow, two canaries, full; 100 requests/s, labels late. */
import type { Counts, Evidence } from '../../../src/evidence/types.ts'
import { newJudge, peek } from '../../../src/gates/judge.ts'
import { judgePlan } from '../../../src/gates/judge-plan.ts'
import { autoPairs } from '../../../src/gates/stats/samples.ts'
import { drawPairs, type PairRates, pairRates, Random } from './random.ts'

const HORIZON = 90
const RATE = 100
const UNTIL = 140

/** `lag`: seconds until the evidence comes; `copies`: share of the shadow's copies that the gate sees. */
interface DemoGate {
  readonly name: 'errors' | 'latency' | 'quality'
  readonly pb: number
  readonly delta: number
  readonly correlation: number
  readonly lag: number
}
const GATES: readonly DemoGate[] = [
  { name: 'errors', pb: 0, delta: 0.02, correlation: 0, lag: 0 },
  { name: 'latency', pb: 0.1, delta: 0.1, correlation: 0.3, lag: 0 },
  { name: 'quality', pb: 0.05, delta: 0.05, correlation: 0.5, lag: 5 },
]
/** The candidate's bad rates where they differ from the baseline's; a function of release time. */
export type Change = Partial<Record<DemoGate['name'], number | ((t: number) => number)>>

function demoPlan(noise: number) {
  const pairs: Record<string, number> = {}
  for (const { name, pb, delta } of GATES) {
    const perSecond = RATE * (name === 'latency' ? noise : 1)
    pairs[name] = autoPairs({ pb, delta, perSecond, horizon: HORIZON, gates: GATES.length })
  }
  const gates = GATES.map((gate) => gate.name)
  const judged = GATES.map(({ name, delta }) => ({ name, delta, r: 1, decides: true, set: false, min: null }))
  const plan = judgePlan(
    [
      { kind: 'shadow', for: 0, pairs },
      { kind: 'canary', for: 5, gates },
      { kind: 'canary', for: 5, gates },
      { kind: 'full', watch: 10, gates },
    ],
    judged,
    HORIZON,
    0.05,
  )
  return { plan, pairs }
}
export const demoPairs = (noise: number): Record<string, number> => demoPlan(noise).pairs

function answered(random: Random, step: number, gate: DemoGate, pc: number, total: number, nc: number, noise: number) {
  if (step === 0) {
    const rates: PairRates = pairRates(pc, gate.pb, gate.correlation)
    return drawPairs(random, gate.name === 'latency' ? random.binomial(total, noise) : total, rates)
  }
  const nb = total - nc
  const block: Counts = {
    kind: 'arms',
    xc: random.binomial(nc, pc),
    nc,
    xb: random.binomial(nb, gate.pb),
    nb,
  }
  return block
}

export interface DemoRun {
  readonly end: 'promoted' | 'rolled-back' | 'held'
  readonly seconds: number
  readonly step: number
}

/** One release, up to 140 s. */
function demoRun(
  random: Random,
  plan: ReturnType<typeof demoPlan>['plan'],
  { change, noise, every = 0.25 }: DemoOptions,
): DemoRun {
  let state = newJudge(plan)
  const late: Evidence[][] = []
  const weights = [0, 0.25, 0.5, 1]
  for (let look = 1; look * every <= UNTIL; look++) {
    const t = look * every
    const total = random.poisson(RATE * every)
    const nc = random.binomial(total, weights[state.step]!)
    const now: Evidence[] = []
    const later: Evidence[] = []
    for (const gate of GATES) {
      const to = change[gate.name]
      const pc = to === undefined ? gate.pb : typeof to === 'number' ? to : to(t)
      const block = answered(random, state.step, gate, pc, total, nc, noise)
      ;(gate.lag > 0 ? later : now).push({ gate: gate.name, step: state.step, block })
    }
    late.push(later)
    if (late.length > GATES[2]!.lag / every) now.push(...late.shift()!)
    const { action, state: next } = peek(plan, state, t, now)
    state = next
    if (action === 'done') return { end: 'promoted', seconds: t, step: state.step }
    if (action === 'rollback') return { end: 'rolled-back', seconds: t, step: state.step }
  }
  return { end: 'held', seconds: UNTIL, step: state.step }
}

/** Median seconds, and those of the runs three points of rank before and after it; NaN without runs. */
export interface After {
  readonly median: number
  readonly spread: number
}
export interface DemoResult {
  readonly promoted: number
  readonly rolledBack: number
  /** Of the rolled-back runs: before a user was served by the candidate. */
  readonly inShadow: number
  readonly promotedAfter: After
  readonly rolledBackAfter: After
}
function afterOf(runs: readonly DemoRun[]): After {
  const order = runs.map((run) => run.seconds).toSorted((a, b) => a - b)
  const rank = (share: number): number => order[Math.floor(share * order.length)] ?? Number.NaN
  const median = rank(0.5)
  return { median, spread: Math.max(median - rank(0.47), rank(0.53) - median) }
}

/** `every`: seconds between looks, 0.25 unless said. */
export interface DemoOptions {
  readonly change: Change
  readonly noise: number
  readonly every?: number
}

/** Shares in % of runs. */
export function demo(seed: number, runs: number, options: DemoOptions): DemoResult {
  const random = new Random(seed)
  const { plan } = demoPlan(options.noise)
  const all = Array.from({ length: runs }, () => demoRun(random, plan, options))
  const promoted = all.filter((run) => run.end === 'promoted')
  const back = all.filter((run) => run.end === 'rolled-back')
  return {
    promoted: (100 * promoted.length) / runs,
    rolledBack: (100 * back.length) / runs,
    inShadow: (100 * back.filter((run) => run.step === 0).length) / back.length,
    promotedAfter: afterOf(promoted),
    rolledBackAfter: afterOf(back),
  }
}
