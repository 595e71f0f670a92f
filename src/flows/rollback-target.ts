/** What a rollback has to wait for, what undoes it, and what is said where nothing moves. */
import { SlipwayError } from '../errors.ts'
import { formatDuration } from '../kit/units.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { takenBack } from '../record/taken-back.ts'
import { refOf, startAgain } from './person.ts'
import { modelOf, type Project, stateOf } from './project.ts'
import type { RollbackOptions } from './rollback.ts'

/** Whether it runs, and how long it took to load last time: `; last time that took 3s`, or nothing. */
async function loadedOf(project: Project, environment: string, { digest }: Served) {
  const seen = (await project.host.servers())?.environments[environment]?.versions.find((v) => v.digest === digest)
  const ms = seen?.loadMs ?? null
  return { ready: seen !== undefined && seen.readyReplicas > 0, ms }
}

/** What has to load first is told with how long it took last time. */
export async function sayLoading(
  project: Project,
  environment: string,
  target: Served | null,
  say: RollbackOptions['say'],
): Promise<void> {
  if (!target || target.outside) return
  const { ready, ms } = await loadedOf(project, environment, target)
  if (ready) return
  const took =
    ms === null ? '' : `; last time that took ${formatDuration(Math.max(1000, Math.round(ms / 1000) * 1000))}`
  say(`${target.tag ?? target.digest} must load first${took}`)
}

/** REF_UNKNOWN where another model is meant than that of the environment. */
export function sameModel(project: Project, environment: string, model: string | undefined): void {
  const ours = modelOf(project, environmentOf(stateOf(project), environment))
  if (model === undefined || model === ours) return
  const text = `${project.broken ? 'the journal' : 'slipway.yaml'} is about the model ${ours}, not ${JSON.stringify(model)}`
  throw new SlipwayError('REF_UNKNOWN', text, { next: [`slipway rollback${envFlag(environment)}`] })
}

/** Back to what is left; a quarantine asked for is lifted first. */
export function undoOf(project: Project, environment: string, stays: boolean, options: RollbackOptions): string | null {
  const here = environmentOf(stateOf(project), environment)
  const active = here.releases.find(({ name }) => name === here.active)
  const model = modelOf(project, here)
  const left = active ? { tag: active.candidateTag, digest: active.candidate } : stays ? null : here.serving
  if (!left) return null
  const back = active ? startAgain(active) : `slipway rollback --to ${refOf(model, left)}${envFlag(environment)}`
  const named = refOf(active?.model ?? model, left)
  return options.quarantine ? `slipway quarantine lift ${named} --reason TEXT && ${back}` : back
}

/** What is said where nothing had to move: done already, and what could have been meant. */
export function staysText(
  project: Project,
  environment: string,
  name: string,
  { to, quarantine }: RollbackOptions,
): string {
  const here = environmentOf(stateOf(project), environment)
  const back = takenBack(here) !== null
  const { former } = here
  const goes = former && former.digest !== here.serving?.digest
  const on =
    back && goes && to === undefined
      ? `; slipway rollback --to ${refOf(modelOf(project, here), former)}${envFlag(environment)} goes to ${former.tag ?? former.digest}`
      : ''
  const left = quarantine
    ? '; no version is left, so none is quarantined: slipway quarantine add REF --reason TEXT'
    : ''
  return `${name} serves already${back ? ': users were taken back to it' : ''}${on}${left}`
}
