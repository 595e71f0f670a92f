/** `local prune`: versions that nothing needs leave the store, and old releases the journal. */
import { needed, remembered } from '../record/keepers.ts'
import { DRIVEN, drivenBy, releaseKey, runtimeOf } from '../record/release-id.ts'
import { type EnvironmentRuntime, environmentKey } from '../record/runtime.ts'
import { readStarted } from '../record/started.ts'
import { type Project, stateOf } from './project.ts'

export interface PruneDone {
  readonly dryRun: boolean
  readonly versions: readonly string[]
  readonly files: number
  readonly bytes: number
  /** ENVIRONMENT/NAME of releases of which only a line of the history is left. */
  readonly releases: readonly string[]
}
type Pruning = Pick<Project, 'journal' | 'store' | 'config'>

/** Baselines that slipway.yaml names, where they are packed. */
async function baselines({ store, config }: Pruning): Promise<string[]> {
  const refs = Object.values(config.environments).flatMap(({ baseline }) =>
    baseline && 'ref' in baseline ? [baseline.ref] : [],
  )
  const found = await Promise.all(
    refs.map((ref) =>
      store.resolveRef(ref).then(
        ({ digest }) => [digest],
        () => [],
      ),
    ),
  )
  return found.flat()
}

/** Keeps what serves, served before, runs or is about to, what slipway.yaml names, and the newest `keep` tags. */
export async function prune(project: Pruning, keep: number, dryRun: boolean): Promise<PruneDone> {
  const { journal, store, config } = project
  const state = stateOf(project)
  const driven = journal.snapshotKeys(DRIVEN).map(drivenBy)
  const parts = driven.flatMap((id) => {
    const [started, runtime] = [readStarted(journal, id), runtimeOf(journal, id)]
    return started && runtime ? [{ started, runtime }] : []
  })
  const environments = Object.keys(state.environments).flatMap(
    (name) => (journal.snapshot(environmentKey(name)) as EnvironmentRuntime | undefined) ?? [],
  )
  const { versions, blobs } = needed(state, parts, environments)
  const tags = (await store.tags(config.model)).map(({ digest }) => digest)
  const all = new Set([...versions, ...(await baselines(project)), ...(keep === 0 ? [] : tags.slice(-keep))])
  const pruned = await store.prune(all, blobs, { dry: dryRun })
  const folded = (journal.snapshot('fold') as { readonly seq: number } | undefined)?.seq ?? 0
  const gone = journal.forget(remembered(state, driven), folded, { dry: dryRun })
  return { dryRun, ...pruned, releases: gone.map(releaseKey) }
}
