/** Where a rollback goes, what it has to wait for, and what undoes it. */
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { formatDuration } from '../kit/units.ts'
import type { Served } from '../record/entries.ts'
import type { EnvironmentState } from '../record/fold.ts'
import { type Project, stateOf } from './project.ts'
import type { RollbackOptions } from './rollback.ts'
import { servedOf } from './served.ts'

/** The version of `--to`, served as it was last, or as slipway.yaml says now. Its quarantine is told and does not stop it. */
export async function targetOf(
  project: Project,
  here: EnvironmentState,
  environment: EnvironmentConfig,
  options: RollbackOptions,
): Promise<Served | null> {
  if (options.to === undefined) return null
  const { digest, tag } = await project.store.resolveRef(options.to)
  const before = [here.serving, here.former].find((served) => served?.digest === digest)
  if (Object.hasOwn(stateOf(project).quarantine, digest)) options.say(`note: ${options.to} is quarantined`)
  return before ?? servedOf(project, environment, (await project.store.read(digest)).version, tag)
}

/** What has to load first is told with how long it took last time. */
export async function sayLoading(
  project: Project,
  environment: string,
  target: Served | null,
  options: RollbackOptions,
): Promise<void> {
  if (!target || target.outside) return
  const seen = (await project.host.servers())?.environments[environment]?.versions.find(
    (v) => v.digest === target.digest,
  )
  if (seen && seen.readyReplicas > 0) return
  const took =
    seen?.loadMs == null
      ? ''
      : `; last time that took ${formatDuration(Math.max(1000, Math.round(seen.loadMs / 1000) * 1000))}`
  options.say(`${target.tag ?? target.digest} must load first${took}`)
}

/** REF_UNKNOWN where another model is meant than that of slipway.yaml. */
export function sameModel({ config }: Project, model: string | undefined): void {
  if (model === undefined || model === config.model) return
  const text = `slipway.yaml is about the model ${config.model}, not ${JSON.stringify(model)}`
  throw new SlipwayError('REF_UNKNOWN', text, { next: ['slipway rollback'] })
}

export function undoOf({ config }: Project, here: EnvironmentState, stays: boolean): string | null {
  if (here.active) return 'slipway release start'
  const leaves = here.serving?.tag ?? here.serving?.digest
  return leaves && !stays ? `slipway rollback --to ${config.model}:${leaves}` : null
}
