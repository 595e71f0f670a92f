/** `local prune`: versions that nothing needs leave the store, and old releases the journal. */
import type { Kept } from '../io/store-contract.ts'
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

/** What the journal, slipway.yaml and the newest `keep` tags need now. */
async function kept(project: Pruning, keep: number): Promise<Kept> {
  const { journal, store, config } = project
  const tags = (await store.tags(config.model)).map(({ digest }) => digest)
  const named = await baselines(project)
  // The journal last: what is asked for meanwhile stands in it.
  const state = stateOf(project)
  const parts = journal.snapshotKeys(DRIVEN).flatMap((key) => {
    const id = drivenBy(key)
    const [started, runtime] = [readStarted(journal, id), runtimeOf(journal, id)]
    return started && runtime ? [{ started, runtime }] : []
  })
  const environments = Object.keys(state.environments).flatMap(
    (name) => (journal.snapshot(environmentKey(name)) as EnvironmentRuntime | undefined) ?? [],
  )
  const { versions, blobs } = needed(state, parts, environments)
  return { versions: new Set([...versions, ...named, ...(keep === 0 ? [] : tags.slice(-keep))]), blobs }
}

/** Keeps what serves, served before, runs or is about to, what slipway.yaml names, and the newest `keep` tags. */
export async function prune(project: Pruning, keep: number, dryRun: boolean): Promise<PruneDone> {
  const { journal, store } = project
  const pruned = await store.prune(() => kept(project, keep), { dry: dryRun })
  const folded = (journal.snapshot('fold') as { readonly seq: number } | undefined)?.seq ?? 0
  const driven = journal.snapshotKeys(DRIVEN).map(drivenBy)
  const gone = journal.forget(remembered(stateOf(project), driven), folded, { dry: dryRun })
  return { dryRun, ...pruned, releases: gone.map(releaseKey) }
}
