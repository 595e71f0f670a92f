/** A release as an earlier host left it. */
import type { Journal } from '../io/journal.ts'
import type { ProjectState } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { type ReleaseId, runtimeOf } from '../record/release-id.ts'
import { readStarted } from '../record/started.ts'
import type { Driven } from './orders.ts'

/** null: it is over, or the journal does not know its start. */
export function loadRelease(journal: Journal, state: ProjectState, { environment, name }: ReleaseId): Driven | null {
  const runtime = runtimeOf(journal, { environment, name })
  const started = readStarted(journal, { environment, name })
  if (!started || !runtime || runtime.state.phase === 'over') return null
  const { plan, candidate, baseline } = started
  const active = environmentOf(state, environment).active === name
  return { name, environment, plan, candidate, baseline, active, runtime }
}
