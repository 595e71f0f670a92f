/** How long a verdict will take at the traffic seen, and whether the horizon is long enough. It promises nothing. */
import type { TrafficSeen } from '../evidence/traffic.ts'
import { formatDuration } from '../kit/units.ts'
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import { baselineRate, perSecond } from './expected.ts'
import { gateKind } from './index.ts'
import { linesFor } from './lines.ts'
import { type Need, needOf } from './needs.ts'

/** Evidence until a verdict: candidate answers, pairs or lines, and minutes of release time; null minutes: at no time. */
export interface Reach {
  readonly count: number
  readonly minutes: number | null
}
export interface GateForecast {
  readonly gate: string
  readonly decides: boolean
  readonly unit: 'requests' | 'lines' | 'copies'
  /** Bad rate of the baseline counted with, and whether it was seen or is assumed. */
  readonly rate: number
  readonly known: boolean
  /** With 80 % probability, where the candidate is equal; null: never. */
  readonly toPass: Reach | null
  /** Likewise, where it is worse by twice the margin. */
  readonly toFail: Reach | null
  /** A pass is likely within the horizon (a set: with its lines). */
  readonly suffices: boolean
}
export interface Forecast {
  readonly gates: readonly GateForecast[]
  readonly requestsPerSecond: number
  /** Of how many seconds of requests that is; absent: not known. */
  readonly rateSeconds?: number
  readonly horizonMs: number
  /** Every deciding gate is likely to pass within the horizon. */
  readonly suffices: boolean
  /** The horizon in which they are; null where this one suffices or none does. */
  readonly horizonNeededMs: number | null
  /** Release time until all users get the candidate: at least, and if it is equal to the baseline (null: unlikely). */
  readonly minimumMs: number
  readonly likelyMs: number | null
  readonly watchMs: number
  /** The default of --timeout: what the plan itself can take, holding included. */
  readonly timeoutMs: number
}

/** What preparing a version and asking sets may take beyond its ready timeout. */
const PREPARE_MS = 10 * 60_000

export function forecast(plan: ReleasePlan, traffic: TrafficSeen | null): Forecast {
  const line = timeLine(plan, traffic)
  const m = Math.max(1, plan.gates.filter((gate) => gate.decides).length)
  const gates = plan.gates.map((gate) => ({ gate, ...gateForecast(plan, gate, traffic, line, m) }))
  const deciding = gates.filter(({ gate }) => gate.decides && asked(plan, gate))
  const needed = Math.max(0, ...deciding.map((g) => g.secondsNeeded))
  const minimumMs = 1000 * line.reduce((sum, { least }) => sum + least, 0)
  const suffices = deciding.every((g) => g.forecast.suffices)
  const last = Math.max(0, ...deciding.map((g) => g.secondsToPass))
  const watch = plan.steps.at(-1)!
  return {
    gates: gates.map((g) => g.forecast),
    requestsPerSecond: traffic?.requestsPerSecond ?? 0,
    ...(traffic?.rateSeconds === undefined ? {} : { rateSeconds: traffic.rateSeconds }),
    horizonMs: plan.horizonMs,
    suffices,
    horizonNeededMs: needed * 1000 > plan.horizonMs && Number.isFinite(needed) ? roundUp(needed) : null,
    minimumMs,
    likelyMs: suffices ? Math.max(minimumMs, 1000 * last) : null,
    watchMs: 'watchMs' in watch ? watch.watchMs : 0,
    timeoutMs: timeoutOf(plan),
  }
}

/** One sentence where a verdict is unlikely within the horizon, with the horizon that would do; null where it is likely. */
export function horizonNote(plan: ReleasePlan, { suffices, horizonNeededMs, gates }: Forecast): string | null {
  if (suffices) return null
  const late = gates.filter((gate) => gate.decides && !gate.suffices && gate.unit !== 'lines').map((gate) => gate.gate)
  if (late.length === 0) return null
  const verdict = `a verdict of ${late.join(', ')} within ${formatDuration(plan.horizonMs)} is unlikely at the traffic seen`
  return horizonNeededMs === null
    ? `${verdict}, and no horizon would help; a larger margin would`
    : `${verdict}; \`release.horizon: ${formatDuration(horizonNeededMs)}\` would do`
}

/** A part of the release's time in which evidence comes at the same rate. `least` and `seconds`: s; the last part has no end. */
interface Part {
  readonly step: PlanStep
  readonly least: number
  readonly seconds: number
}

function timeLine(plan: ReleasePlan, traffic: TrafficSeen | null): Part[] {
  const before = plan.steps.filter((step) => step.kind === 'shadow' || step.kind === 'canary')
  return before.map((step, i) => {
    const least = step.forMs / 1000
    const pairs = step.kind === 'shadow' ? plan.gates.map((gate) => pairsTime(gate, step, traffic)) : []
    const seconds = Math.min(Math.max(least, ...pairs), Math.max(least, plan.horizonMs / 1000))
    return { step, least: seconds, seconds: i === before.length - 1 ? Number.POSITIVE_INFINITY : seconds }
  })
}

function pairsTime(gate: PlanGate, step: Extract<PlanStep, { kind: 'shadow' }>, traffic: TrafficSeen | null): number {
  const rate = perSecond(gate, step, traffic)
  return gate.decides && rate > 0 ? (step.pairs[gate.name] ?? 0) / rate : 0
}

/** In a swap and a first release only sets are asked before users come. */
const asked = (plan: ReleasePlan, gate: PlanGate): boolean => plan.steps.length > 1 || isSet(gate)
const isSet = (gate: PlanGate): boolean => gateKind(gate.kind).needs(gate).set !== null

function gateForecast(
  plan: ReleasePlan,
  gate: PlanGate,
  traffic: TrafficSeen | null,
  line: readonly Part[],
  m: number,
) {
  const { rate, total } = baselineRate(gate, traffic)
  const common = {
    gate: gate.name,
    decides: gate.decides,
    unit: gateKind(gate.kind).words(gate).unit,
    rate,
    known: total > 0,
  }
  if (gate.kind === 'quality' && 'set' in gate.source) {
    const { set } = gate.source
    const lines = plan.sets.find(({ name }) => name === set)?.lines ?? 0
    const needed = plan.baseline === null ? 1 : linesFor(gate.margin, plan.alpha)
    const reach = { count: needed, minutes: 0 }
    return {
      forecast: { ...common, toPass: reach, toFail: null, suffices: lines >= needed },
      secondsNeeded: 0,
      secondsToPass: 0,
    }
  }
  const reach = (side: 'pass' | 'fail') => {
    const needs = line.map(({ step }) => needOf(gate, step, side, rate, { alpha: plan.alpha, gates: m }))
    const rates = line.map(({ step }) => perSecond(gate, step, traffic))
    const e = timeUntil(line, rates, needs, 'anyTime')
    const once = timeUntil(line, rates, needs, 'once')
    // The once-only test speaks at the horizon, not before.
    const horizon = plan.horizonMs / 1000
    const seconds = once <= horizon ? Math.min(e, horizon) : e
    const count = Math.round(countUntil(line, rates, seconds))
    return {
      seconds,
      needed: Math.min(e, once),
      reach: Number.isFinite(seconds) ? { count, minutes: seconds / 60 } : null,
    }
  }
  const [pass, fail] = [reach('pass'), reach('fail')]
  const suffices = pass.seconds * 1000 <= plan.horizonMs
  const result: GateForecast = { ...common, toPass: pass.reach, toFail: fail.reach, suffices }
  return { forecast: result, secondsNeeded: suffices ? 0 : pass.needed, secondsToPass: pass.seconds }
}

/** When the parts of what is needed add up to one: evidence of disjoint requests adds. */
function timeUntil(line: readonly Part[], rates: readonly number[], needs: readonly Need[], what: keyof Need): number {
  let [time, done] = [0, 0]
  for (const [i, { seconds }] of line.entries()) {
    const speed = rates[i]! / needs[i]![what]
    const left = (1 - done) / speed
    if (speed > 0 && left <= seconds) return time + left
    time += seconds
    done += speed > 0 ? speed * seconds : 0
  }
  return Number.POSITIVE_INFINITY
}

function countUntil(line: readonly Part[], rates: readonly number[], until: number): number {
  let [time, count] = [0, 0]
  for (const [i, { seconds }] of line.entries()) {
    const here = Math.max(0, Math.min(seconds, until - time))
    if (rates[i]! > 0) count += here * rates[i]!
    time += seconds
  }
  return count
}

/** Up to whole minutes, below five to ten seconds. */
function roundUp(seconds: number): number {
  const unit = seconds > 300 ? 60 : 10
  return Math.ceil(seconds / unit) * unit * 1000
}

function timeoutOf(plan: ReleasePlan): number {
  const { readyTimeoutMs, drainMs } = plan.run
  const start = readyTimeoutMs + PREPARE_MS
  let steps = 0
  for (const step of plan.steps) {
    if (step.kind === 'shadow' || step.kind === 'canary') steps += step.forMs
    // Either way: the old version drains and stops, the new one loads, and back again where it fails.
    else if (step.kind === 'swap') steps += 2 * (step.waitMs + drainMs) + readyTimeoutMs + step.watchMs
    else steps += step.watchMs
  }
  const judged = plan.steps.length > 1 ? plan.horizonMs : 0
  return start + judged + steps + plan.holdMs + drainMs
}
