/** The baseline of a release before it starts: a server outside must answer, and a version of ours that slipway.yaml names must serve. */
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { up } from './local.ts'
import { refuseQuarantined } from './may-start.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { resolveVersion } from './resolve.ts'
import { namedBaseline } from './served.ts'
import type { StartOptions } from './start.ts'

/** BASELINE_UNREACHABLE where a server outside does not answer. */
export async function outsideAnswers(
  project: Pick<Project, 'reach'>,
  environment: string,
  { digest, readyPath }: Served,
): Promise<void> {
  const fault = await project.reach(digest, readyPath ?? null)
  if (fault === null) return
  throw new SlipwayError('BASELINE_UNREACHABLE', `the baseline ${digest} does not answer: ${fault}`, {
    where: [{ file: 'slipway.yaml', pointer: `/environments/${environment}/baseline` }],
    next: [`slipway release start${envFlag(environment)}`],
  })
}

/** Brings up what slipway.yaml names: else there were nothing to compare with, and no traffic to judge by. Not where it is the candidate. */
async function namedUp(project: Project, environment: EnvironmentConfig, options: StartOptions): Promise<void> {
  const { ref, signal, say } = options
  const candidate = await resolveVersion(project, ref, false)
  refuseQuarantined(candidate, stateOf(project))
  const named = await namedBaseline(project, environment)
  if (!named || named.digest === candidate.version.digest) return
  say(`note: ${named.tag ?? named.digest}, the baseline that slipway.yaml names, is started first`)
  await up(project, { env: environment.name, dryRun: false, foreground: false, signal, say })
}

/** Throws BASELINE_UNREACHABLE, and what `local up` throws. */
export async function baselineReady(project: Project, options: StartOptions): Promise<void> {
  const environment = environmentConfig(project.config, options.env)
  const { serving, active } = environmentOf(stateOf(project), environment.name)
  // What is compared with nothing needs none; what runs already is attached to.
  if (options.noBaseline !== null || (active && !options.replace)) return
  const { baseline } = environment
  if (!serving && !active && baseline && 'ref' in baseline) {
    if (!options.dryRun) await namedUp(project, environment, options)
    return
  }
  const before = serving ?? (baseline && 'url' in baseline ? await namedBaseline(project, environment) : null)
  if (before?.outside) await outsideAnswers(project, environment.name, before)
}
