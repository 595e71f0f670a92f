/** Starts a release, or attaches to the one that runs; waits for its end. */
import { resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Waive } from '../gates/compose-input.ts'
import { horizonNote } from '../gates/forecast.ts'
import { isoTime } from '../kit/when.ts'
import { planDiff } from '../plan/diff.ts'
import { planHash } from '../plan/hash.ts'
import { sameIntent } from '../plan/intent.ts'
import { parsePlan } from '../plan/parse.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { ServeOrder } from '../platforms/contract.ts'
import type { ProjectState, Quarantined, ReleaseSummary } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { type Intent, intentOf } from './intent.ts'
import { type Project, request } from './project.ts'
import type { Resolved } from './resolve.ts'

export interface StartOptions {
  readonly env?: string | undefined
  readonly ref?: string | undefined
  /** A plan's file, or the hash that it must have. */
  readonly plan?: string | undefined
  readonly replace: boolean
  readonly waive: Waive | null
  readonly noBaseline: string | null
  readonly dryRun: boolean
  readonly signal: AbortSignal
  say(line: string): void
}
export interface Started {
  /** null: nothing had to be done (it serves already), or --dry-run. */
  readonly release: string | null
  readonly environment: string
  readonly attached: boolean
  readonly intent: Intent
  readonly text: string
}
const PATIENCE_MS = 20_000
const MOST_PLAN = 16 * 2 ** 20

/** The release to attach to, or null. RELEASE_RUNNING where it is another one, unless it is to be replaced. */
function runningRelease(project: Project, intent: Intent, replace: boolean): ReleaseSummary | null {
  const { state, plan, hash } = intent
  const here = environmentOf(state, intent.environment.name)
  const running = here.active ? here.releases.find((r) => r.name === here.active) : undefined
  if (!running) return null
  const started = project.journal.readRelease(running.name).find((row) => row.kind === 'started')?.data
  const theirs = (started as { readonly plan: ReleasePlan } | undefined)?.plan
  if (running.planHash === hash || (theirs && sameIntent(theirs, plan))) return running
  if (replace) return null
  const since = `${running.name} runs since ${isoTime(running.startedAt)}, started by ${running.by}`
  throw new SlipwayError('RELEASE_RUNNING', since, {
    next: ['slipway release watch', `slipway release abort ${running.name}`, 'slipway release start --replace'],
  })
}

/** A quarantined version is refused before anything else is looked at. */
function refuseQuarantined({ version, tag }: Resolved, { quarantine }: ProjectState): void {
  const held = Object.hasOwn(quarantine, version.digest) ? quarantine[version.digest] : undefined
  if (held) throw quarantined(tag ?? version.digest, held)
}

export function quarantined(name: string, held: Quarantined): SlipwayError {
  const since = held.release ? ` since ${held.release}` : ''
  return new SlipwayError('QUARANTINED', `${name} is quarantined${since}: ${held.reason}`, {
    next: [
      ...(held.release ? [`slipway release report ${held.release}`] : []),
      `slipway quarantine lift ${held.digest} --reason TEXT`,
    ],
  })
}

/**
 * The plan that was written or hashed before, where it is still the intent composed now: what differs with the traffic of the
 * day is taken from it. PLAN_UNKNOWN, PLAN_CHANGED.
 */
async function plannedBefore(project: Project, wanted: string, composed: ReleasePlan): Promise<ReleasePlan> {
  const hashed = /^[0-9a-f]{64}$/.test(wanted)
  const path = hashed ? project.store.blob(wanted) : resolve(project.cwd, wanted)
  if (hashed && (await project.files.facts(path)) === null)
    throw new SlipwayError('PLAN_UNKNOWN', `no plan with the hash ${wanted.slice(0, 12)} was made here`, {
      next: ['slipway plan'],
    })
  const text = new TextDecoder().decode(await project.files.read(path, MOST_PLAN))
  const plan = parsePlan(text, hashed ? wanted.slice(0, 12) : wanted)
  if (sameIntent(plan, composed)) return plan
  const changed = planDiff(plan, composed)
    .slice(0, 3)
    .map((change) => change.what)
  const what = `the plan ${planHash(plan).slice(0, 12)} is not what would start now`
  throw new SlipwayError('PLAN_CHANGED', `${what}; changed since: ${changed.join(', ')}`, { next: ['slipway plan'] })
}

export async function fits(project: Project, intent: Intent): Promise<void> {
  const order = (served: Intent['candidate']): ServeOrder => ({
    digest: served.digest as ServeOrder['digest'],
    run: served.run,
    shell: served.shell,
    envFile: served.envFile,
  })
  const swap = intent.plan.steps[0]?.kind === 'swap'
  const both =
    swap || !intent.baseline || intent.baseline.outside ? [intent.candidate] : [intent.baseline, intent.candidate]
  const fit = await project.host.fits(intent.environment.name, both.map(order))
  if (!fit || fit.fits) return
  throw new SlipwayError('CAPACITY', `${fit.lacks.join('; ')}. Ways out: ${fit.waysOut.join('; ')}`, {
    next: ['slipway plan', 'slipway local status'],
  })
}

/** Starts what the options ask for. Throws every refusal of the contract; afterwards the release is written down and driven. */
export async function start(project: Project, options: StartOptions): Promise<Started> {
  const composed = await intentOf(project, {
    env: options.env,
    ref: options.ref,
    waive: options.waive,
    noBaseline: options.noBaseline,
    dry: options.dryRun,
    before: refuseQuarantined,
  })
  const plan = options.plan === undefined ? composed.plan : await plannedBefore(project, options.plan, composed.plan)
  const intent: Intent = { ...composed, plan, hash: planHash(plan) }
  const { environment } = intent
  const name = plan.candidate.tag ?? plan.candidate.digest
  const result = { environment: environment.name, intent }
  const here = environmentOf(intent.state, environment.name)
  if (!here.active && here.serving?.digest === plan.candidate.digest)
    return { ...result, release: null, attached: false, text: `${name} serves in ${environment.name} already` }
  const running = runningRelease(project, intent, options.replace)
  if (running)
    return { ...result, release: running.name, attached: true, text: `${running.name} runs with this plan already` }
  await fits(project, intent)
  for (const warning of intent.warnings) options.say(`note: ${warning}`)
  const unlikely = plan.baseline === null ? null : horizonNote(plan, intent.forecast)
  if (unlikely) options.say(`note: ${unlikely}`)
  if (options.dryRun)
    return {
      ...result,
      release: null,
      attached: false,
      text: `would release ${name} in ${environment.name}, plan ${intent.hash.slice(0, 12)}`,
    }
  const answer = await request(
    project,
    environment.name,
    '',
    {
      id: project.newId(),
      verb: 'start',
      by: project.actor,
      plan,
      planHash: intent.hash,
      candidate: intent.candidate,
      baseline: intent.baseline,
      settings: intent.settings,
      replace: options.replace,
      reason: null,
    },
    options.replace ? Math.max(PATIENCE_MS, plan.run.drainMs + 60_000) : PATIENCE_MS,
    options.signal,
  )
  return {
    ...result,
    release: answer.release,
    attached: false,
    text: `${answer.release} releases ${name} in ${environment.name}`,
  }
}
