/** A release that cannot be driven (its state is lost or damaged) is ended for a person: rows and orders, without the engine. */
import type { NewRow, Served } from '../record/entries.ts'
import type { PendingRequest, ReleaseSummary } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { codeOf, exitOf } from '../record/outcome.ts'
import { drivenKey, snapshotsOf } from '../record/release-id.ts'
import { type EnvironmentRuntime, environmentKey, type ReleaseRuntime } from '../record/runtime.ts'
import { readStarted, type Started } from '../record/started.ts'
import { isSwap } from '../release/shape.ts'
import type { Cause } from '../release/types.ts'
import { answer, newRuntime, row } from './start.ts'
import type { Runner } from './turn.ts'

type ByPerson = Extract<Cause, { kind: 'person' }>

/** How a person wants it to end. */
export interface HandEnd {
  readonly request: PendingRequest
  readonly release: ReleaseSummary
  readonly cause: ByPerson
  /** `--to`; null: who served before it. */
  readonly to: Served | null
  /** Why the engine cannot do it. */
  readonly why: string
  /** Rows to be written with it. */
  readonly extra: readonly NewRow[]
}

/** What views show of it from now on: its outcome. What was seen of it stands in a state that cannot be read. */
function overRuntime({ plan }: Started, { release, cause, to }: HandEnd, at: number): ReleaseRuntime {
  const fresh = newRuntime(plan, release.startedAt)
  const outcome = cause.verb === 'rollback' ? 'rolled-back' : 'aborted'
  const end = { phase: 'over', status: 'concluded', outcome, cause, endedAt: at, usersOffAt: null } as const
  return { ...fresh, state: { ...fresh.state, ...end }, other: to }
}

/** Writes its end down; users go to their target like after any move by a person, which answers the request when they have arrived. */
export function endByHand(runner: Runner, end: HandEnd): void {
  const { request, release, cause, why } = end
  const { environment: name } = request
  const at = runner.deps.clock.now()
  const environment = environmentOf(runner.state, name)
  const started = readStarted(runner.deps.journal, release)
  const outcome = cause.verb === 'rollback' ? 'rolled-back' : 'aborted'
  const baseline = environment.serving ?? started?.baseline ?? null
  const target = end.to ?? baseline
  const where = target ? (target.tag ?? target.digest) : 'nobody: no version served before'
  const verb = cause.verb === 'rollback' ? 'rolled back' : cause.verb === 'replace' ? 'replaced' : 'aborted'
  const text = `${verb} by ${cause.by}${cause.reason === null ? '' : `: ${cause.reason}`}; ${why}, so what was seen of it is lost; users go to ${where}`
  const code = codeOf(outcome, cause)
  const rows: NewRow[] = [
    row(at, name, release.name, { kind: 'note', data: { what: 'taken-back', text } }),
    row(at, name, release.name, {
      kind: 'concluded',
      data: { outcome, cause, exit: exitOf(outcome, cause), code, usersOffMs: null },
    }),
    ...(baseline && !environment.serving
      ? [row(at, name, release.name, { kind: 'serving', data: { serving: baseline, former: null, why: 'baseline' } })]
      : []),
    ...end.extra,
    ...(target || cause.verb === 'replace'
      ? []
      : [answer(at, request, { release: release.name, text: `${release.name} is ${verb}` })]),
  ]
  const move: EnvironmentRuntime['move'] = target && {
    to: target,
    by: cause.by,
    reason: cause.reason,
    // One that replaces it waits for the users, and is answered by its own release.
    request: cause.verb === 'replace' ? '' : request.data.id,
    since: at,
    ...(started && isSwap(started.plan) ? { swap: 'stopping', leaves: started.candidate.digest } : {}),
  }
  const after: EnvironmentRuntime = { ...runner.runtimeOf(name), move }
  const kept = {
    ...(started ? snapshotsOf(release, overRuntime(started, end, at)) : { [drivenKey(release)]: undefined }),
    [environmentKey(name)]: after,
  }
  if (!runner.append(rows, kept)) return
  runner.environments.set(name, after)
  runner.forget(release)
  runner.deps.notify(name, release.name)
}
