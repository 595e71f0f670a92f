/** Starts a release, or attaches to the one that runs; waits for its end. */
import type { Waive } from '../gates/compose-input.ts'
import { horizonNote } from '../gates/forecast.ts'
import { planHash } from '../plan/hash.ts'
import { environmentOf } from '../record/fold.ts'
import { baselineReady } from './baseline-ready.ts'
import { type Intent, intentOf } from './intent.ts'
import { up } from './local.ts'
import { fits, plannedBefore, refuseQuarantined, runningRelease } from './may-start.ts'
import { portsFree } from './ports.ts'
import type { Project } from './project.ts'
import { request } from './request.ts'

export interface StartOptions {
  readonly env?: string | undefined
  readonly ref?: string | undefined
  /** A plan's file, or the hash that it must have. */
  readonly plan?: string | undefined
  readonly replace: boolean
  /** Why another release is replaced; kept in the journal. */
  readonly reason: string | null
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

/** What serves already and is down is brought up. */
async function servesAlready(
  project: Project,
  options: StartOptions,
  started: Started,
  isUp: boolean,
): Promise<Started> {
  if (isUp || options.dryRun) return started
  const { signal, say } = options
  await up(project, { env: started.environment, dryRun: false, foreground: false, signal, say })
  return { ...started, text: `${started.text}; ${started.environment} is up again` }
}

/** Starts what the options ask for. Throws every refusal of the contract; afterwards the release is written down and driven. */
export async function start(project: Project, options: StartOptions): Promise<Started> {
  await baselineReady(project, options)
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
    return servesAlready(
      project,
      options,
      { ...result, release: null, attached: false, text: `${name} serves in ${environment.name} already` },
      here.up,
    )
  const running = runningRelease(project, intent, options.replace)
  if (running)
    return options.dryRun
      ? { ...result, release: null, attached: true, text: `would attach to ${running.name}, which runs with this plan` }
      : { ...result, release: running.name, attached: true, text: `${running.name} runs with this plan already` }
  if (!here.up || !(await project.host.alive())) await portsFree(project, environment.name)
  if (!options.dryRun || (await project.host.alive())) await fits(project, intent)
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
      reason: options.reason,
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
