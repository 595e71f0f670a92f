/** A baseline of ours that slipway.yaml names serves before its first release: else there were nothing to compare with, and no traffic to judge by. */
import { environmentOf } from '../record/fold.ts'
import { up } from './local.ts'
import { refuseQuarantined } from './may-start.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { resolveVersion } from './resolve.ts'
import { namedBaseline } from './served.ts'
import type { StartOptions } from './start.ts'

/** Brings it up where nothing serves; nothing happens where it is the candidate itself. Throws what `local up` throws. */
export async function baselineUp(project: Project, options: StartOptions): Promise<void> {
  const { dryRun, noBaseline, ref, signal, say } = options
  const environment = environmentConfig(project.config, options.env)
  const state = stateOf(project)
  const { serving, active } = environmentOf(state, environment.name)
  const { baseline } = environment
  if (dryRun || noBaseline !== null || serving || active || !baseline || 'url' in baseline) return
  const candidate = await resolveVersion(project, ref, false)
  refuseQuarantined(candidate, state)
  const named = await namedBaseline(project, environment)
  if (!named || named.digest === candidate.version.digest) return
  say(`note: ${named.tag ?? named.digest}, the baseline that slipway.yaml names, is started first`)
  await up(project, { env: environment.name, dryRun: false, foreground: false, signal, say })
}
