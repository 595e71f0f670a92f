/** Where the gates of a release stand, for its engine and its views. */
import { verdictOf } from './gate.ts'
import type { JudgePlan } from './judge-plan.ts'
import type { JudgeState, Verdict } from './types.ts'

/** What is shown for each gate. A deciding gate is `fail` only where the release failed by it. */
export function verdicts(plan: JudgePlan, state: JudgeState): Record<string, Verdict> {
  return Object.fromEntries(plan.gates.map(({ name }) => [name, verdictOf(state.gates[name]!)]))
}
