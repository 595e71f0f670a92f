/** Whether a rollback is done already. Pure: what a command says and what the host does follow from the same answer. */
import type { Served } from './entries.ts'
import type { EnvironmentState } from './fold.ts'

/** The version to which a person took users last, where nothing moved them since: the same asked again goes no further. */
export function takenBack({ active, releases, serving, servingWhy }: EnvironmentState): Served | null {
  if (active !== null) return null
  const last = releases.at(-1)
  const rolledBack = last?.code === 'ROLLED_BACK_BY_PERSON' && last.baseline === serving?.digest
  return servingWhy === 'rollback' || rolledBack ? serving : null
}
