/** `local prune`: versions that nothing needs leave the store. */
import { allReleases } from '../record/fold.ts'
import { readStarted } from '../record/started.ts'
import { type Project, stateOf } from './project.ts'

export interface PruneDone {
  readonly dryRun: boolean
  readonly versions: readonly string[]
  readonly files: number
  readonly bytes: number
}

/** Keeps what serves, served before, runs in a release, and the newest `keep` tags. */
export async function prune(project: Project, keep: number, dryRun: boolean): Promise<PruneDone> {
  const state = stateOf(project)
  const tags = await project.store.tags(project.config.model)
  const needed = new Set<string>(keep === 0 ? [] : tags.slice(-keep).map((t) => t.digest))
  const blobs = new Set<string>()
  for (const environment of Object.values(state.environments)) {
    if (environment.serving) needed.add(environment.serving.digest)
    if (environment.former) needed.add(environment.former.digest)
  }
  for (const release of allReleases(state)) {
    if (release.endedAt !== null) continue
    needed.add(release.candidate)
    if (release.baseline) needed.add(release.baseline)
    for (const set of readStarted(project.journal, release)?.plan.sets ?? []) blobs.add(set.sha256)
    blobs.add(release.planHash)
  }
  if (!dryRun) return { dryRun, ...(await project.store.prune(needed, blobs)) }
  const gone = [...new Set(tags.map((t) => t.digest))].filter((digest) => !needed.has(digest))
  const versions = await Promise.all(gone.map((digest) => project.store.read(digest)))
  const files = versions.flatMap((v) => v.version.files)
  return { dryRun, versions: gone, files: files.length, bytes: files.reduce((sum, f) => sum + f.size, 0) }
}
