/** Which release is meant. Names count per environment and model, so that one means nothing without its environment. */
import type { ReleaseRuntime } from './runtime.ts'

export interface ReleaseId {
  readonly environment: string
  readonly name: string
}

/** Names of environments hold no slash. */
export const releaseKey = ({ environment, name }: ReleaseId): string => `${environment}/${name}`

/** Keys of snapshots: of a release that a host drives, and of one that is over. What begins with the first is read at each start of a host. */
export const DRIVEN = 'release:'
export const drivenKey = (id: ReleaseId): string => `${DRIVEN}${releaseKey(id)}`
const overKey = (id: ReleaseId): string => `over:${releaseKey(id)}`

/** The release of a key of `DRIVEN`. */
export function drivenBy(key: string): ReleaseId {
  const at = key.indexOf('/')
  return { environment: key.slice(DRIVEN.length, at), name: key.slice(at + 1) }
}

/** The snapshots of a release: once it is over, no host reads it at its start. */
export const snapshotsOf = (id: ReleaseId, runtime: ReleaseRuntime): Record<string, unknown> =>
  runtime.state.phase === 'over' ? { [drivenKey(id)]: undefined, [overKey(id)]: runtime } : { [drivenKey(id)]: runtime }

/** What the journal keeps of a release beside its rows; undefined: nothing (any more). */
export const runtimeOf = (journal: { snapshot(key: string): unknown }, id: ReleaseId): ReleaseRuntime | undefined =>
  (journal.snapshot(drivenKey(id)) ?? journal.snapshot(overKey(id))) as ReleaseRuntime | undefined

/** What a command needs to act in an environment: nothing in the one that it acts in by itself. */
export const envFlag = (environment: string): string =>
  environment === 'dev' || environment === '' ? '' : ` --env ${environment}`
