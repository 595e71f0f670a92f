/** A release as an earlier host left it. */
import type { Journal } from '../io/journal.ts'
import type { ProjectState } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import type { Driven } from './orders.ts'

/** null: it is over, or the journal does not know its start. */
export function loadRelease(journal: Journal, state: ProjectState, name: string): Driven | null {
  const runtime = journal.snapshot(`release:${name}`) as ReleaseRuntime
  if (runtime.state.phase === 'over') return null
  const started = journal.readRelease(name).find((r) => r.kind === 'started')
  if (!started) return null
  const data = started.data as Pick<Driven, 'plan' | 'candidate' | 'baseline'>
  return {
    name,
    environment: started.environment,
    plan: data.plan,
    candidate: data.candidate,
    baseline: data.baseline,
    active: environmentOf(state, started.environment).active === name,
    runtime,
  }
}
