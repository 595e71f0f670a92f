/** Effects of the engine -> rows of the journal, and what is desired from now on. Pure. */

import { judgePlanOf } from '../gates/judge-plan.ts'
import { verdicts } from '../gates/standing.ts'
import type { NewRow, Served } from '../record/entries.ts'
import type { EnvironmentState } from '../record/fold.ts'
import { codeOf, exitOf } from '../record/outcome.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import type { Effect, StepResult } from '../release/types.ts'
import type { Driven } from './orders.ts'
import { row } from './start.ts'

export interface Applied {
  readonly rows: NewRow[]
  readonly runtime: ReleaseRuntime
  /** Sets to ask now. */
  readonly ask: Extract<Effect, { kind: 'ask' }> | null
}

function concluded(
  driven: Driven,
  environment: EnvironmentState,
  effect: Extract<Effect, { kind: 'conclude' }>,
  runtime: ReleaseRuntime,
  at: number,
): NewRow[] {
  const { state } = runtime
  const rows: NewRow[] = [
    row(at, driven.environment, driven.name, {
      kind: 'concluded',
      data: {
        outcome: effect.outcome,
        cause: effect.cause,
        exit: exitOf(effect.outcome, effect.cause),
        code: codeOf(effect.outcome, effect.cause),
        usersOffMs: runtime.takebackMs,
      },
    }),
  ]
  const serving = (to: Served | null, former: Served | null, why: string) =>
    rows.push(row(at, driven.environment, driven.name, { kind: 'serving', data: { serving: to, former, why } }))
  if (effect.outcome === 'promoted') serving(driven.candidate, environment.serving ?? driven.baseline, 'promoted')
  else if (typeof state.target === 'object' && runtime.other) serving(runtime.other, environment.serving, 'rollback')
  // Nothing served before: the baseline that slipway.yaml names does from here on.
  else if (driven.baseline && !environment.serving) serving(driven.baseline, null, 'baseline')
  return rows
}

/** When each gate's verdict last changed. */
function verdictsAt(driven: Driven, result: StepResult, at: number): ReleaseRuntime['verdicts'] {
  const { judge } = result.state
  let known = driven.runtime.verdicts
  for (const [gate, verdict] of Object.entries(verdicts(judgePlanOf(driven.plan), judge)))
    if (known[gate]?.verdict !== verdict) known = { ...known, [gate]: { verdict, at, step: judge.step } }
  return known
}

/** What a result of step() leaves in the journal. `weights`: sha256 of the candidate's weight files. */
export function applied(
  driven: Driven,
  environment: EnvironmentState,
  result: StepResult,
  at: number,
  weights: () => readonly string[],
): Applied {
  const runtime: ReleaseRuntime = { ...driven.runtime, state: result.state, verdicts: verdictsAt(driven, result, at) }
  let ask: Applied['ask'] = null
  const rows: NewRow[] = []
  for (const effect of result.effects) {
    switch (effect.kind) {
      // What should run, and the split, stand in the state.
      case 'serve':
      case 'split':
        break
      case 'ask':
        ask = effect
        break
      case 'note':
        rows.push(
          row(at, driven.environment, driven.name, { kind: 'note', data: { what: effect.what, text: effect.text } }),
        )
        break
      case 'quarantine':
        rows.push(
          row(at, driven.environment, driven.name, {
            kind: 'quarantine',
            data: {
              digest: driven.candidate.digest,
              model: driven.plan.model,
              tag: driven.candidate.tag,
              reason: `${effect.gate} failed in ${driven.name}`,
              by: 'slipway',
              gate: effect.gate,
              weights: weights(),
            },
          }),
        )
        break
      case 'conclude':
        rows.push(...concluded(driven, environment, effect, runtime, at))
        break
    }
  }
  return { rows, runtime, ask }
}
