/** Reads what is known of a release into its view. */
import { SlipwayError } from '../errors.ts'
import type { Digest } from '../model/types.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf, type ProjectState } from '../record/fold.ts'
import { keptOf, NOTHING_KEPT } from '../record/kept.ts'
import { envFlag, type ReleaseId, runtimeOf } from '../record/release-id.ts'
import { startedOf } from '../record/started.ts'
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
 * The view of a release; `brief` leaves out timeline, changes and single answers, for who looks often.
 * JOURNAL_DAMAGED where it runs by a state that cannot be read; RELEASE_UNKNOWN where the journal has none, or no longer.
 */
export async function readView(
  project: ViewSources,
  id: ReleaseId,
  state: ProjectState = stateOf(project),
  { brief = false }: { readonly brief?: boolean } = {},
): Promise<ReleaseView> {
  const here = environmentOf(state, id.environment)
  const summary = here.releases.find((r) => r.name === id.name)
  const runtime = runtimeOf(project.journal, id)
  const rows = project.journal.readRelease(id)
  const started = startedOf(rows)
  // One that runs has a state with a judge, and a row of its start.
  if (summary?.outcome === null && !(runtime?.state?.judge && started)) {
    const next = ['rollback', `release abort ${id.name}`].map((line) => `slipway ${line}${envFlag(id.environment)}`)
    throw new SlipwayError('JOURNAL_DAMAGED', `the state of ${id.name}, which runs in ${id.environment}, is damaged`, {
      next,
    })
  }
  if (!summary || !runtime || !started) {
    const name = `${JSON.stringify(id.name)} in ${id.environment}`
    const text = summary ? `what was known of ${name} was removed by local prune` : `there is no release ${name}`
    throw new SlipwayError('RELEASE_UNKNOWN', text, { next: [`slipway release history${envFlag(id.environment)}`] })
  }
  return viewOf({
    summary,
    rows,
    runtime,
    kept: brief ? NOTHING_KEPT : keptOf(project.journal, id),
    points: brief ? [] : project.journal.points(id).map((p) => p.data as TimelinePoint),
    candidate: brief ? null : await known(project, started.candidate),
    baseline: brief ? null : await known(project, started.baseline),
    quarantined: Object.hasOwn(state.quarantine, started.candidate.digest),
    serving: here.serving,
    now: project.clock.now(),
  })
}
