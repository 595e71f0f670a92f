/** Starts a release, or attaches to the one that runs; waits for its end. */
import { SlipwayError } from '../errors.ts'
import type { Waive } from '../gates/compose-input.ts'
import { horizonNote } from '../gates/forecast.ts'
import { isoTime } from '../kit/when.ts'
import { planHash } from '../plan/hash.ts'
import { parsePlan } from '../plan/parse.ts'
import type { ServeOrder } from '../platforms/contract.ts'
import type { Quarantined, ReleaseSummary } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { type Intent, intentOf } from './intent.ts'
import { type Project, request } from './project.ts'

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

/** Refusals that need no host: quarantine (10), another release (9). Returns the release to attach to, or null. */
function refusedOrRunning(intent: Intent, replace: boolean): ReleaseSummary | null {
  const { state, plan, hash } = intent
  const held = Object.hasOwn(state.quarantine, plan.candidate.digest)
    ? state.quarantine[plan.candidate.digest]
    : undefined
  const here = environmentOf(state, intent.environment.name)
  const running = here.active ? here.releases.find((r) => r.name === here.active) : undefined
  if (held) throw quarantined(plan.candidate.tag ?? plan.candidate.digest, held)
  if (!running) return null
  if (running.planHash === hash) return running
  if (replace) return null
  throw new SlipwayError(
    'RELEASE_RUNNING',
    `${running.name} runs since ${isoTime(running.startedAt)}, started by ${running.by}`,
    {
      next: ['slipway release watch', `slipway release abort ${running.name}`, 'slipway release start --replace'],
    },
  )
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

/** The plan that was written or hashed before must be the one that is composed now. */
async function samePlan(project: Project, wanted: string, intent: Intent): Promise<void> {
  const hash = /^[0-9a-f]{8,64}$/.test(wanted)
    ? wanted
    : planHash(parsePlan(new TextDecoder().decode(await project.files.read(wanted, 2 ** 24)), wanted))
  if (intent.hash.startsWith(hash)) return
  throw new SlipwayError(
    'PLAN_CHANGED',
    `the plan ${hash.slice(0, 12)} is not what would start now (${intent.hash.slice(0, 12)}): versions, configuration or what serves changed since`,
    {
      next: ['slipway plan'],
    },
  )
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
  const intent = await intentOf(project, {
    env: options.env,
    ref: options.ref,
    waive: options.waive,
    noBaseline: options.noBaseline,
    dry: options.dryRun,
  })
  const { plan, environment } = intent
  const name = plan.candidate.tag ?? plan.candidate.digest
  if (options.plan !== undefined) await samePlan(project, options.plan, intent)
  const result = { environment: environment.name, intent }
  const here = environmentOf(intent.state, environment.name)
  if (!here.active && here.serving?.digest === plan.candidate.digest)
    return { ...result, release: null, attached: false, text: `${name} serves in ${environment.name} already` }
  const running = refusedOrRunning(intent, options.replace)
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
