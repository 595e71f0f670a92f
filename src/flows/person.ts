/** What a person asks of a release: pause, resume, advance, accept, abort, rollback. */

import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import type { Served } from '../record/entries.ts'
import { type EnvironmentState, environmentOf } from '../record/fold.ts'
import type { PersonVerb } from '../release/types.ts'
import { follow } from './follow.ts'
import { servedOf } from './intent.ts'
import { environmentConfig, type Project, releaseOf, request, stateOf } from './project.ts'

export interface PersonOptions {
  readonly env?: string | undefined
  readonly release?: string | undefined
  readonly reason?: string | undefined
  readonly dryRun: boolean
  readonly signal: AbortSignal
}
export interface Asked {
  readonly release: string
  readonly verb: PersonVerb
  readonly done: boolean
  readonly text: string
  /** The command that undoes it; null: nothing does. */
  readonly undo: string | null
}
/** How long a host may take to answer. */
const PATIENCE_MS = 20_000

const DONE: Readonly<Record<PersonVerb, string>> = {
  pause: 'is paused; weights stay, time stands still, a failure still takes back',
  resume: 'runs again',
  advance: 'need not wait for its minimum time any longer',
  accept: 'goes on; its inconclusive gates are taken for passed',
  abort: 'is aborted',
  rollback: 'is rolled back',
}
const UNDO: Readonly<Partial<Record<PersonVerb, string>>> = {
  pause: 'slipway release resume',
  resume: 'slipway release pause',
  abort: 'slipway release start',
  rollback: 'slipway release start',
}

/** Asks and waits for the host's answer; `abort` also until users are back. Throws RELEASE_STATE where the release's state forbids it. */
export async function personAsks(project: Project, verb: PersonVerb, options: PersonOptions): Promise<Asked> {
  const environment = environmentConfig(project.config, options.env).name
  const state = stateOf(project)
  const release = releaseOf(state, environment, options.release)
  const undo = UNDO[verb] ?? null
  if (options.dryRun) {
    const since = `runs since ${isoTime(release.startedAt)}`
    return {
      release: release.name,
      verb,
      done: false,
      undo,
      text: `would ask ${release.name} (${release.outcome ?? since}) to ${verb}`,
    }
  }
  const data = {
    id: project.newId(),
    verb,
    by: project.actor,
    reason: options.reason ?? null,
    to: null,
    quarantine: false,
  }
  const active = environmentOf(state, environment).active === release.name
  const answer = await request(project, release.environment, release.name, data, PATIENCE_MS, options.signal)
  if (verb === 'abort' && active) await ended(project, release.name, options.signal)
  return { release: release.name, verb, done: true, undo, text: answer.text ?? `${release.name} ${DONE[verb]}` }
}

async function ended(project: Project, release: string, signal: AbortSignal): Promise<void> {
  await follow(project, release, { timeoutMs: null, stayHeld: true, signal, onNote: () => {} })
}

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
  const answer = await request(
    project,
    environment.name,
    here.active ?? '',
    data,
    options.detach ? PATIENCE_MS : options.timeoutMs,
    options.signal,
  )
  if (here.active && !options.detach) await ended(project, here.active, options.signal)
  return {
    ...asked,
    done: true,
    text: answer.text ?? (here.active ? `${here.active} is rolled back; ${name} serves` : `${name} serves`),
  }
}
