/** What the judge needs of a plan, in its own units: seconds of release time, shares 0..1. */
import type { PlanGate, PlanStep, ReleasePlan } from '../plan/types.ts'
import type { GateRule } from './gate.ts'
import { watchBound } from './stats/intervals.ts'

export type JudgeStep =
  | { readonly kind: 'shadow'; readonly for: number; readonly pairs: Readonly<Record<string, number>> }
  | { readonly kind: 'canary'; readonly for: number; readonly gates: readonly string[] }
  | { readonly kind: 'full'; readonly watch: number; readonly gates: readonly string[] }
  /** The bounds are frozen from before the start, per gate that is watched. */
  | { readonly kind: 'swap'; readonly watch: number; readonly bounds: Readonly<Record<string, number>> }

export interface JudgeGate {
  readonly name: string
  readonly delta: number
  readonly r: number
  /** Divides the counts of the e-values, its root the z; absent: 1. */
  readonly phi?: number
  /** False for waived gates and reports. */
  readonly decides: boolean
  readonly set: boolean
  /** Only for sets: the lowest good share. */
  readonly min: number | null
}

export interface JudgePlan {
  readonly steps: readonly JudgeStep[]
  readonly gates: readonly JudgeGate[]
  /** s */
  readonly horizon: number
  readonly alpha: number
  /** Rule of each gate, by name. */
  readonly rules: ReadonlyMap<string, GateRule>
  /** Names of the gates that decide before the watch, in the plan's order; their number is m. */
  readonly deciding: readonly string[]
  readonly decidingSets: readonly string[]
  /** Per step: the deciding gates, without sets, that it can answer. */
  readonly answerable: readonly (readonly string[])[]
}

const namesOf = (step: JudgeStep): readonly string[] =>
  step.kind === 'shadow' ? Object.keys(step.pairs) : step.kind === 'swap' ? Object.keys(step.bounds) : step.gates

/** Completes a judge's plan. A single step (first release, swap) can ask only sets before users come, so only they decide. */
export function judgePlan(
  steps: readonly JudgeStep[],
  gates: readonly JudgeGate[],
  horizon: number,
  alpha: number,
): JudgePlan {
  const deciding = gates.filter((gate) => gate.decides && (gate.set || steps.length > 1))
  const asked = new Set(deciding.filter((gate) => !gate.set).map((gate) => gate.name))
  return {
    steps,
    gates,
    horizon,
    alpha,
    rules: new Map(gates.map(({ name, delta, r, phi = 1 }) => [name, { delta, r, phi, horizon }])),
    deciding: deciding.map((gate) => gate.name),
    decidingSets: deciding.filter((gate) => gate.set).map((gate) => gate.name),
    answerable: steps.map((step) => {
      const names = new Set(namesOf(step))
      return [...asked].filter((name) => names.has(name))
    }),
  }
}

function gateOf(gate: PlanGate): JudgeGate {
  const set = gate.kind === 'quality' && 'set' in gate.source
  const min = set ? gate.min : null
  const decides = gate.decides && gate.waived === null
  const common = { name: gate.name, phi: gate.bursts?.phi ?? 1, decides, set, min }
  if (gate.kind === 'labels-min') return { ...common, delta: 1 - gate.min, r: 0 }
  return { ...common, delta: gate.margin, r: gate.ratio }
}

/** Bounds of a swap's watch, from what the baseline showed before; a gate that saw no request then is not watched. */
function boundsOf(plan: ReleasePlan, gates: readonly JudgeGate[], names: readonly string[]): Record<string, number> {
  const bounds: Record<string, number> = {}
  for (const { name, delta, r, decides, set } of gates) {
    const seen = plan.history[name] ?? { bad: 0, total: 0 }
    const bound = watchBound(seen.bad, seen.total, r, delta)
    if (bound !== null && decides && !set && names.includes(name)) bounds[name] = bound
  }
  return bounds
}

function stepOf(plan: ReleasePlan, step: PlanStep, gates: readonly JudgeGate[]): JudgeStep {
  switch (step.kind) {
    case 'shadow':
      return { kind: 'shadow', for: step.forMs / 1000, pairs: step.pairs }
    case 'canary':
      return { kind: 'canary', for: step.forMs / 1000, gates: step.gates }
    case 'full':
      return { kind: 'full', watch: step.watchMs / 1000, gates: step.gates }
    case 'swap':
      return { kind: 'swap', watch: step.watchMs / 1000, bounds: boundsOf(plan, gates, step.gates) }
  }
}

const known = new WeakMap<ReleasePlan, JudgePlan>()

/** The judge's plan of a release plan; the same object for the same plan. */
export function judgePlanOf(plan: ReleasePlan): JudgePlan {
  const before = known.get(plan)
  if (before) return before
  const gates = plan.gates.map(gateOf)
  const steps = plan.steps.map((step) => stepOf(plan, step, gates))
  const made = judgePlan(steps, gates, plan.horizonMs / 1000, plan.alpha)
  known.set(plan, made)
  return made
}
