/** What must not be removed: versions, evaluation sets and releases that something may still ask for. Pure. */
import type { Served } from './entries.ts'
import type { EnvironmentState, ProjectState, ReleaseSummary } from './fold.ts'
import { type ReleaseId, releaseKey } from './release-id.ts'
import type { EnvironmentRuntime, ReleaseRuntime } from './runtime.ts'
import type { Started } from './started.ts'

/** Of each environment and model so many releases are remembered with all that was seen of them. */
export const RELEASES_KEPT = 50

/** A release that runs, or keeps something running. */
export interface DrivenParts {
  readonly started: Started
  readonly runtime: ReleaseRuntime
}
export interface Needed {
  /** Digests; also URLs of servers outside, which are nobody's. */
  readonly versions: ReadonlySet<string>
  /** SHA-256 of sets that are still to be asked. */
  readonly blobs: ReadonlySet<string>
}

/** What serves, served, is being gone to, runs in a release, or is waited for by a request. */
export function needed(
  state: ProjectState,
  driven: readonly DrivenParts[],
  environments: readonly EnvironmentRuntime[],
): Needed {
  const versions = new Set<string>()
  const blobs = new Set<string>()
  const want = (...all: readonly (Served | null | undefined)[]) => {
    for (const served of all) if (served) versions.add(served.digest)
  }
  const plan = ({ plan: { sets } }: Pick<Started, 'plan'>) => {
    for (const { sha256 } of sets) blobs.add(sha256)
  }
  for (const { serving, former } of Object.values(state.environments)) want(serving, former)
  for (const { move } of environments) want(move?.to)
  for (const { started, runtime } of driven) {
    want(started.candidate, started.baseline, runtime.other)
    plan(started)
  }
  for (const { data } of state.pending) {
    if (data.verb === 'start') {
      want(data.candidate, data.baseline)
      plan(data)
    } else if (data.verb === 'up') want(data.serving)
    else if (data.verb !== 'down') want(data.to)
  }
  return { versions, blobs }
}

/** The newest of a model, and those that rollback goes by: of what serves and of what served before. */
function newestOf({ releases, serving, former }: EnvironmentState): ReleaseSummary[] {
  const models = [...new Set(releases.map(({ model }) => model))]
  const newest = models.flatMap((model) => releases.filter((r) => r.model === model).slice(-RELEASES_KEPT))
  const came = [serving, former].flatMap((served) => releases.findLast((r) => r.candidate === served?.digest) ?? [])
  return [...newest, ...came]
}

/** Releases that are remembered: the newest, those that run, and those that something names. */
export function remembered(state: ProjectState, driven: readonly ReleaseId[]): ReleaseId[] {
  const named = Object.values(state.quarantine).flatMap(({ release, environment }) =>
    release !== null && environment !== null ? [{ environment, name: release }] : [],
  )
  const all = [
    ...Object.values(state.environments).flatMap((environment) => [
      ...newestOf(environment),
      ...environment.releases.filter((r) => r.endedAt === null),
    ]),
    ...named,
    ...driven,
  ]
  return [
    ...new Map(all.map(({ environment, name }) => [releaseKey({ environment, name }), { environment, name }])).values(),
  ]
}
