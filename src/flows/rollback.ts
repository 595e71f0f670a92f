/** `rollback`: users back to where they were, or to a version that is named. */
import { SlipwayError } from '../errors.ts'
import { environmentOf } from '../record/fold.ts'
import { up } from './local.ts'
import { type Asked, ended, type PersonOptions } from './person.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { sameModel, sayLoading, targetOf, undoOf } from './rollback-target.ts'

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

/** A detached rollback waits so long for a refusal. */
const DETACHED_MS = 2000

/** Takes users to the running release's baseline, or to the version that served before, or to `to`. Never needs what it leaves. */
export async function rollback(project: Project, options: RollbackOptions): Promise<Asked> {
  const environment = environmentConfig(project.config, options.env)
  const here = environmentOf(stateOf(project), environment.name)
  sameModel(project, options.model)
  const to = await targetOf(project, here, environment, options)
  const back = here.servingWhy === 'rollback' ? here.serving : here.former
  const target = to ?? (here.active ? here.serving : back)
  const name = target ? (target.tag ?? target.digest) : 'the version that served before'
  const stays = !here.active && target?.digest === here.serving?.digest
  const undo = undoOf(project, here, stays)
  const asked = { release: here.active ?? '', verb: 'rollback', undo } as const
  if (options.dryRun && !target && !here.active)
    throw new SlipwayError('NOTHING_TO_ROLL_BACK', 'nothing to go back to: no version served before', {
      next: ['slipway release history'],
    })
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
