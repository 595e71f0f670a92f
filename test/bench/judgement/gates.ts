/** Simulations of the judge with canaries and watches over fixed schedules: the tables that know no steps of a release. */
import type { Evidence } from '../../../src/evidence/types.ts'
import { feed, NEW_GATE } from '../../../src/gates/gate.ts'
import { newJudge, peek } from '../../../src/gates/judge.ts'
import { type JudgeGate, type JudgePlan, type JudgeStep, judgePlan } from '../../../src/gates/judge-plan.ts'
import { watchBound } from '../../../src/gates/stats/intervals.ts'
import type { JudgeState } from '../../../src/gates/types.ts'
import { drawArms, Random } from './random.ts'

const ALPHA = 0.05
const BAR = Math.log(2 / ALPHA)

/** A gate of a simulation: bad rates of both arms, margin, share of the answers that it sees. */
export interface Arm {
  readonly name: string
  readonly pb: number
  readonly pc: number
  readonly delta: number
  readonly share?: number
}
/** Shares of runs, and the mean minutes until the first decision or the horizon. */
export interface Decisions {
  readonly fail: number
  readonly pass: number
  readonly inconclusive: number
  readonly minutes: number
}

function canaries(gates: readonly Arm[], weights: number, horizon: number): JudgePlan {
  const names = gates.map((gate) => gate.name)
  // The first step lasts to the horizon: evidence names the step that answered it, whatever step is open.
  const step: JudgeStep = { kind: 'canary', for: horizon, gates: names }
  const steps: JudgeStep[] = [...Array.from({ length: weights }, () => step), { kind: 'full', watch: 0, gates: names }]
  const judged: JudgeGate[] = gates.map(({ name, delta }) => ({
    name,
    delta,
    r: 1,
    decides: true,
    set: false,
    min: null,
  }))
  return judgePlan(steps, judged, horizon, ALPHA)
}

const allPassed = (state: JudgeState): boolean => Object.values(state.gates).every((gate) => gate.passed)

/**
 * Gates under weights that follow each other in equal parts of the horizon (s), R requests/s, a look every `every` seconds.
 * A run ends when the release fails or every gate has passed, doubt left out.
 */
export function decide(options: {
  readonly seed: number
  readonly runs: number
  readonly R: number
  readonly weights: readonly number[]
  readonly horizon: number
  readonly every: number
  readonly gates: readonly Arm[]
}): Decisions {
  const { runs, R, weights, horizon, every, gates } = options
  const random = new Random(options.seed)
  const plan = canaries(gates, weights.length, horizon)
  const looks = Math.round(horizon / every)
  const ends = { fail: 0, pass: 0, inconclusive: 0 }
  let seconds = 0
  for (let run = 0; run < runs; run++) {
    let state = newJudge(plan)
    let end: keyof typeof ends = 'inconclusive'
    let t = 0
    for (let look = 1; look <= looks && end === 'inconclusive'; look++) {
      t = look * every
      const step = Math.floor(((look - 1) * weights.length) / looks)
      const evidence: Evidence[] = gates.map(({ name, pc, pb, share = 1 }) => ({
        gate: name,
        step,
        block: drawArms(random, R * share * every, weights[step]!, pc, pb),
      }))
      const looked = peek(plan, state, t, evidence)
      state = looked.state
      if (looked.action === 'rollback') end = 'fail'
      else if (allPassed(state)) end = 'pass'
    }
    ends[end]++
    seconds += t
  }
  const per = (n: number): number => (100 * n) / runs
  return {
    fail: per(ends.fail),
    pass: per(ends.pass),
    inconclusive: per(ends.inconclusive),
    minutes: seconds / runs / 60,
  }
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)

/** Share of runs (%) whose e-value alone reaches the bar after a regression that begins at `begins` of the horizon, and the median minutes from there. */
export function lateRegression(options: {
  readonly seed: number
  readonly runs: number
  readonly R: number
  readonly w: number
  readonly pc: number
  readonly begins: number
}): { found: number; minutes: number } {
  const { runs, R, w, pc, begins } = options
  const horizon = 3600
  const random = new Random(options.seed)
  const rule = { delta: 0.01, r: 1, phi: 1, horizon }
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    let gate = NEW_GATE
    for (let t = 10; t <= horizon && gate.lnFail < BAR; t += 10) {
      gate = feed(rule, gate, t, '0', drawArms(random, R * 10, w, t > begins * horizon ? pc : 0.01, 0.01))
      if (gate.lnFail >= BAR) times.push(t - begins * horizon)
    }
  }
  return { found: (100 * times.length) / runs, minutes: (sorted(times)[Math.floor(runs / 2)] ?? Number.NaN) / 60 }
}

/** Alarms (% of runs) of a watch of 30 min after 30 min of baseline at 80 % of R; minutes: median and 95 %. */
export function watch(options: {
  readonly seed: number
  readonly runs: number
  readonly R: number
  readonly pb: number
  readonly pc: number
  readonly delta: number
}): { alarm: number; median: number; late: number } {
  const { runs, R, pb, pc, delta } = options
  const random = new Random(options.seed)
  const seen = Math.floor(R * 1800 * 0.8)
  const every = R < 50 ? 5 : 2
  const times: number[] = []
  const plan = judgePlan(
    [
      { kind: 'canary', for: 1800, gates: ['gate'] },
      { kind: 'full', watch: 1800, gates: ['gate'] },
    ],
    [{ name: 'gate', delta, r: 1, decides: true, set: false, min: null }],
    3600,
    ALPHA,
  )
  for (let run = 0; run < runs; run++) {
    const bound = watchBound(random.binomial(seen, pb), seen, 1, delta)!
    let state: JudgeState = {
      ...newJudge(plan),
      step: 1,
      since: 1800,
      watch: { bounds: { gate: bound }, gates: { gate: NEW_GATE } },
    }
    for (let t = every; t <= 1800 && state.outcome === null; t += every) {
      const bad = random.poisson(R * every * pc)
      const good = random.poisson(R * every * (1 - pc))
      const block = { kind: 'arms', xc: bad, nc: bad + good, xb: 0, nb: 0 } as const
      state = peek(plan, state, 1800 + t, [{ gate: 'gate', step: 1, block }]).state
      if (state.outcome === 'rolled-back') times.push(t / 60)
    }
  }
  const order = sorted(times)
  return {
    alarm: (100 * times.length) / runs,
    median: order[Math.floor(runs * 0.5)] ?? Number.NaN,
    late: order[Math.floor(runs * 0.95)] ?? Number.NaN,
  }
}
