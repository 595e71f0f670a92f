/** Are two plans the same intent? Their hashes also hold what traffic made of it on the day. */
import { planHash } from './hash.ts'
import type { PlanGate, PlanStep, ReleasePlan } from './types.ts'

/**
 * True where two plans differ at most in numbers that follow from the traffic seen when each was composed: bounds of latency
 * quantiles, bursts, pairs of the shadow, the history of a swap. So a command typed again finds its own release, and a plan made
 * an hour ago can start with the numbers it was made with.
 */
export const sameIntent = (a: ReleasePlan, b: ReleasePlan): boolean => planHash(asked(a)) === planHash(asked(b))

const asked = (plan: ReleasePlan): ReleasePlan => ({
  ...plan,
  gates: plan.gates.map(withoutTraffic),
  steps: plan.steps.map(withoutPairs),
  history: {},
})

function withoutTraffic({ bursts: _, ...gate }: PlanGate): PlanGate {
  return gate.kind === 'latency' && gate.above.startsWith('p') ? { ...gate, boundMs: 0 } : gate
}

/** Which gates are asked is intent; how many pairs each needs follows from the traffic. */
function withoutPairs(step: PlanStep): PlanStep {
  switch (step.kind) {
    case 'shadow':
      return { ...step, pairs: Object.fromEntries(Object.keys(step.pairs).map((gate) => [gate, 0])) }
    case 'swap':
      return { ...step, gates: [] }
    default:
      return step
  }
}
