/** Where the gates of a release stand, for its engine and its views. */
import { inDoubt, verdictOf } from './gate.ts'
import { hasPassed } from './judge.ts'
import type { JudgePlan } from './judge-plan.ts'
import type { JudgeState, Verdict } from './types.ts'

/** What is shown for each gate. A deciding gate is `fail` only where the release failed by it. */
export function verdicts(plan: JudgePlan, state: JudgeState): Record<string, Verdict> {
  return Object.fromEntries(plan.gates.map(({ name }) => [name, verdictOf(state.gates[name]!)]))
}

/** Names of deciding gates. `passed` holds accepted ones too; `waiting` has not passed; a gate may be in several of the others. */
export interface Standing {
  readonly passed: readonly string[]
  readonly waiting: readonly string[]
  readonly doubt: readonly string[]
  readonly error: readonly string[]
}

export function standing(plan: JudgePlan, state: JudgeState): Standing {
  const names = plan.deciding
  return {
    passed: names.filter((name) => hasPassed(state, name)),
    waiting: names.filter((name) => !hasPassed(state, name)),
    doubt: names.filter((name) => inDoubt(state.gates[name]!)),
    error: names.filter((name) => verdictOf(state.gates[name]!) === 'error'),
  }
}
