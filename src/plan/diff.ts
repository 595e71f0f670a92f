/** What differs between two plans, for people: named places, not positions. */
import { canonicalJson } from '../kit/json.ts'
import type { ReleasePlan } from './types.ts'

export interface PlanChange {
  /** Where: `horizonMs`, `steps.canary 2.forMs`, `gates.errors.margin`. */
  readonly what: string
  /** JSON text; `-` where one plan has no such place. */
  readonly before: string
  readonly after: string
}

const ABSENT = '-'

/** Every place whose value differs, in the order of the plan's own keys; empty exactly where the hashes are equal. */
export function planDiff(before: ReleasePlan, after: ReleasePlan): PlanChange[] {
  const a = places(named(before))
  const b = places(named(after))
  const changes: PlanChange[] = []
  for (const what of new Set([...a.keys(), ...b.keys()])) {
    const [old, now] = [a.get(what) ?? ABSENT, b.get(what) ?? ABSENT]
    if (old !== now) changes.push({ what, before: old, after: now })
  }
  return changes
}

/** Lists keyed by what a person calls their members, so that one added gate does not shift the others. */
function named(plan: ReleasePlan): object {
  const count = new Map<string, number>()
  const steps = plan.steps.map((step) => {
    const n = (count.get(step.kind) ?? 0) + 1
    count.set(step.kind, n)
    return [`${step.kind} ${n}`, step] as const
  })
  return {
    ...plan,
    steps: Object.fromEntries(steps),
    gates: Object.fromEntries(plan.gates.map((gate) => [gate.name, gate])),
    sets: Object.fromEntries(plan.sets.map((set) => [set.name, set])),
    order: { steps: steps.map(([name]) => name), gates: plan.gates.map((gate) => gate.name) },
  }
}

function places(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  const isTree = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  if (!isTree) found.set(path, canonicalJson(value ?? null))
  else for (const [key, inner] of Object.entries(value)) places(inner, path === '' ? key : `${path}.${key}`, found)
  return found
}
