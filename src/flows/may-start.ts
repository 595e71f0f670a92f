/** Whether a release may start: quarantine, another release, the plan that was agreed on, room. */
import { resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { planDiff } from '../plan/diff.ts'
import { planHash } from '../plan/hash.ts'
import { sameIntent } from '../plan/intent.ts'
import { parsePlan } from '../plan/parse.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { ServeOrder } from '../platforms/contract.ts'
import { environmentOf, type ProjectState, type ReleaseSummary } from '../record/fold.ts'
import { quarantined, releaseRunning } from '../record/refusals.ts'
import { envFlag } from '../record/release-id.ts'
import { readStarted } from '../record/started.ts'
import { type Intent, planFile } from './intent.ts'
import type { Project } from './project.ts'
import type { Resolved } from './resolve.ts'

const MOST_PLAN = 16 * 2 ** 20

/** The release to attach to, or null. RELEASE_RUNNING where it is another one, unless it is to be replaced. */
export function runningRelease(project: Project, intent: Intent, replace: boolean): ReleaseSummary | null {
  const { state, plan, hash } = intent
  const here = environmentOf(state, intent.environment.name)
  const running = here.active ? here.releases.find((r) => r.name === here.active) : undefined
  if (!running) return null
  const theirs = readStarted(project.journal, running)?.plan
  if (running.planHash === hash || (theirs && sameIntent(theirs, plan))) return running
  if (replace) return null
  throw releaseRunning(running)
}

/** A quarantined version is refused before anything else is looked at. */
export function refuseQuarantined({ version, tag }: Resolved, { quarantine }: ProjectState): void {
  const held = Object.hasOwn(quarantine, version.digest) ? quarantine[version.digest] : undefined
  if (held) throw quarantined(tag ?? version.digest, held)
}

/**
 * The plan that was written or hashed before, where it is still the intent composed now: what differs with the traffic of the
 * day is taken from it. PLAN_UNKNOWN, PLAN_CHANGED.
 */
export async function plannedBefore(project: Project, wanted: string, composed: ReleasePlan): Promise<ReleasePlan> {
  const next = [`slipway plan${envFlag(composed.environment)}`]
  const hashed = /^[0-9a-f]{64}$/.test(wanted)
  const path = hashed ? planFile(project, wanted) : resolve(project.cwd, wanted)
  if (hashed && (await project.files.facts(path)) === null)
    throw new SlipwayError('PLAN_UNKNOWN', `no plan with the hash ${wanted.slice(0, 12)} was made here`, {
      next,
    })
  const text = new TextDecoder().decode(await project.files.read(path, MOST_PLAN))
  const plan = parsePlan(text, hashed ? wanted.slice(0, 12) : wanted)
  if (sameIntent(plan, composed)) return plan
  const changed = planDiff(plan, composed)
    .slice(0, 3)
    .map((change) => change.what)
  const what = `the plan ${planHash(plan).slice(0, 12)} is not what would start now`
  throw new SlipwayError('PLAN_CHANGED', `${what}; changed since: ${changed.join(', ')}`, { next })
}

export async function fits(project: Project, intent: Intent): Promise<void> {
  const order = (served: Intent['candidate']): ServeOrder => ({
    digest: served.digest as ServeOrder['digest'],
    run: served.run,
    shell: served.shell,
    envFile: served.envFile,
  })
  const env = envFlag(intent.environment.name)
  const swap = intent.plan.steps[0]?.kind === 'swap'
  const both =
    swap || !intent.baseline || intent.baseline.outside ? [intent.candidate] : [intent.baseline, intent.candidate]
  const fit = await project.host.fits(intent.environment.name, both.map(order))
  if (!fit)
    throw new SlipwayError('HOST_UNREACHABLE', 'the host did not say whether the versions fit', {
      next: [`slipway local logs host${env}`],
    })
  if (fit.fits) return
  throw new SlipwayError('CAPACITY', `${fit.lacks.join('; ')}. Ways out: ${fit.waysOut.join('; ')}`, {
    next: [`slipway plan${env}`, 'slipway local status'],
  })
}
