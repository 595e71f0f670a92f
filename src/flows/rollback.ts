/** `rollback`: users back to where they were, or to a version that is named. */
import { SlipwayError } from '../errors.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { readStarted } from '../record/started.ts'
import { takenBack } from '../record/taken-back.ts'
import { up } from './local.ts'
import { type Asked, ended, type PersonOptions } from './person.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { request } from './request.ts'
import { sameModel, sayLoading, staysText, undoOf } from './rollback-target.ts'
import { targetOf } from './rollback-to.ts'

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
  const environment = environmentName(project, options.env)
  const here = environmentOf(stateOf(project), environment)
  sameModel(project, environment, options.model)
  const to = await targetOf(project, here, environment, options)
  const back = takenBack(here) ?? here.former
  const running = { environment, name: here.active ?? '' }
  const before = here.active ? (readStarted(project.journal, running)?.baseline ?? null) : back
  const target = to ?? before
  const name = target ? (target.tag ?? target.digest) : 'the version that served before'
  const stays = !here.active && target !== null && target?.digest === here.serving?.digest
  const undo = undoOf(project, environment, stays, options)
  const asked = { release: here.active, verb: 'rollback', undo } as const
  if (options.dryRun && !target && !here.active)
    throw new SlipwayError('NOTHING_TO_ROLL_BACK', 'nothing to go back to: no version served before', {
      next: [`slipway release history${envFlag(environment)}`],
    })
  const would = stays
    ? staysText(project, environment, name, options)
    : `would take the users of ${environment} to ${name}`
  if (options.dryRun) return { ...asked, done: false, text: would }
  // What serves may be what is broken: nobody waits for it.
  if (!here.up) await up(project, { ...options, env: environment, dryRun: false, foreground: false, awaitReady: false })
  // The host would go to the version before: what was done by ending a release is not typed to go further.
  if (stays && to === null) return { ...asked, done: true, text: would }
  await sayLoading(project, environment, target, options.say)
  const answer = await request(
    project,
    environment,
    here.active ?? '',
    {
      id: project.newId(),
      verb: 'rollback',
      by: project.actor,
      reason: options.reason ?? null,
      to,
      quarantine: options.quarantine,
    },
    options.detach ? DETACHED_MS : options.timeoutMs,
    options.signal,
  ).catch((error: SlipwayError) => {
    if (!options.detach || error.code !== 'TIMEOUT') throw error
    return { release: here.active, text: `users of ${environment} are being taken to ${name}` }
  })
  if (here.active && !options.detach) await ended(project, running, options.signal, options.timeoutMs)
  const done = here.active ? `${here.active} is rolled back; ${name} serves` : `${name} serves`
  return { ...asked, done: true, text: stays ? would : (answer.text ?? done) }
}
