/** Reads what is known of a release into its view. */
import { SlipwayError } from '../errors.ts'
import type { Digest } from '../model/types.ts'
import type { Served } from '../record/entries.ts'
import { allReleases, environmentOf, type ProjectState } from '../record/fold.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import type { ReleaseView, TimelinePoint } from '../record/types.ts'
import { type KnownVersion, viewOf } from '../record/view.ts'
import { type Project, stateOf } from './project.ts'

/** What reading a view needs of a project. */
export type ViewSources = Pick<Project, 'journal' | 'store' | 'clock'>

async function known(project: ViewSources, served: Served | null): Promise<KnownVersion | null> {
  if (!served || served.outside || !(await project.store.has(served.digest as Digest))) return null
  const { version } = await project.store.read(served.digest as Digest)
  const tags = await project.store.tags()
  const lineage =
    tags.find((t) => t.digest === served.digest && (served.tag === null || t.tag === served.tag))?.lineage ?? {}
  return { version, lineage }
}

/**
 * The view of the release `name`; `brief` leaves out timeline and changes, for who looks often.
 * RELEASE_UNKNOWN where the journal has none.
 */
export async function readView(
  project: ViewSources,
  name: string,
  state: ProjectState = stateOf(project),
  { brief = false }: { readonly brief?: boolean } = {},
): Promise<ReleaseView> {
  const summary = allReleases(state).find((r) => r.name === name)
  const runtime = project.journal.snapshot(`release:${name}`) as ReleaseRuntime | undefined
  if (!summary || !runtime)
    throw new SlipwayError('RELEASE_UNKNOWN', `there is no release ${JSON.stringify(name)}`, {
      next: ['slipway release history'],
    })
  const rows = project.journal.readRelease(name)
  const started = rows.find((r) => r.kind === 'started')!.data as { candidate: Served; baseline: Served | null }
  return viewOf({
    summary,
    rows,
    runtime,
    points: brief ? [] : project.journal.points(name).map((p) => p.data as TimelinePoint),
    candidate: brief ? null : await known(project, started.candidate),
    baseline: brief ? null : await known(project, started.baseline),
    quarantined: Object.hasOwn(state.quarantine, started.candidate.digest),
    serving: environmentOf(state, summary.environment).serving,
    now: project.clock.now(),
  })
}
