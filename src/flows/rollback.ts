/** `rollback`: users back to where they were, or to a version that is named. */
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { formatDuration } from '../kit/units.ts'
import type { Served } from '../record/entries.ts'
import { type EnvironmentState, environmentOf } from '../record/fold.ts'
import { up } from './local.ts'
import { type Asked, ended, type PersonOptions } from './person.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { servedOf } from './served.ts'

export interface RollbackOptions extends PersonOptions {
  /** The model, where it is named. */
  readonly model?: string | undefined
  /** REF to go to. */
  readonly to?: string | undefined
  readonly quarantine: boolean
  readonly timeoutMs: number
  readonly detach: boolean
  /** Tells how long the target took to load last time. */
  say(line: string): void
}

/** The version of `--to`, served as it was last, or as slipway.yaml says now. Its quarantine is told and does not stop it. */
async function targetOf(
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

/** A detached rollback waits so long for a refusal. */
const DETACHED_MS = 2000

/** What has to load first is told with how long it took last time. */
async function sayLoading(
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

/** Takes users to the running release's baseline, or to the version that served before, or to `to`. Never needs what it leaves. */
export async function rollback(project: Project, options: RollbackOptions): Promise<Asked> {
  const environment = environmentConfig(project.config, options.env)
  const here = environmentOf(stateOf(project), environment.name)
  if (options.model !== undefined && options.model !== project.config.model)
    throw new SlipwayError(
      'REF_UNKNOWN',
      `slipway.yaml is about the model ${project.config.model}, not ${JSON.stringify(options.model)}`,
      { next: ['slipway rollback'] },
    )
  const to = await targetOf(project, here, environment, options)
  const target = to ?? (here.active ? here.serving : here.former)
  const name = target ? (target.tag ?? target.digest) : 'the version that served before'
  const leaves = here.serving?.tag ?? here.serving?.digest
  const undo = here.active
    ? 'slipway release start'
    : leaves
      ? `slipway rollback --to ${project.config.model}:${leaves}`
      : null
  const asked = { release: here.active ?? '', verb: 'rollback', undo } as const
  if (options.dryRun) return { ...asked, done: false, text: `would take the users of ${environment.name} to ${name}` }
  const data = {
    id: project.newId(),
    verb: 'rollback' as const,
    by: project.actor,
    reason: options.reason ?? null,
    to,
    quarantine: options.quarantine,
  }
  if (!here.up)
    await up(project, {
      env: environment.name,
      dryRun: false,
      foreground: false,
      signal: options.signal,
      say: options.say,
    })
  await sayLoading(project, environment.name, target, options)
  const answer = await request(
    project,
    environment.name,
    here.active ?? '',
    data,
    options.detach ? DETACHED_MS : options.timeoutMs,
    options.signal,
  ).catch((error: SlipwayError) => {
    if (!options.detach || error.code !== 'TIMEOUT') throw error
    return { release: here.active, text: `users of ${environment.name} are being taken to ${name}` }
  })
  if (here.active && !options.detach) await ended(project, here.active, options.signal, options.timeoutMs)
  return {
    ...asked,
    done: true,
    text: answer.text ?? (here.active ? `${here.active} is rolled back; ${name} serves` : `${name} serves`),
  }
}
