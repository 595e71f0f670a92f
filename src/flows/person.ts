/** What a person asks of a release: pause, resume, advance, accept, abort, rollback. */
import { isoTime } from '../kit/when.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf } from '../record/fold.ts'
import type { PersonVerb } from '../release/types.ts'
import { follow } from './follow.ts'
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
  readonly to: Served | null
  readonly quarantine: boolean
  readonly timeoutMs: number
  readonly detach: boolean
  /** Tells how long the target took to load last time. */
  say(line: string): void
}

/** Takes users to the running release's baseline, or to the version that served before, or to `to`. Never needs what it leaves. */
export async function rollback(project: Project, options: RollbackOptions): Promise<Asked> {
  const environment = environmentConfig(project.config, options.env).name
  const here = environmentOf(stateOf(project), environment)
  const target = options.to ?? (here.active ? here.serving : here.former)
  const name = target ? (target.tag ?? target.digest) : 'the version that served before'
  const leaves = here.serving?.tag ?? here.serving?.digest
  const undo = here.active ? 'slipway release start' : leaves ? `slipway rollback --to ${leaves}` : null
  if (options.dryRun)
    return {
      release: here.active ?? '',
      verb: 'rollback',
      done: false,
      undo,
      text: `would take the users of ${environment} to ${name}`,
    }
  const data = {
    id: project.newId(),
    verb: 'rollback' as const,
    by: project.actor,
    reason: options.reason ?? null,
    to: options.to,
    quarantine: options.quarantine,
  }
  const active = here.active
  const asked = request(
    project,
    environment,
    active ?? '',
    data,
    options.detach ? PATIENCE_MS : options.timeoutMs,
    options.signal,
  )
  if (options.detach && !active)
    return {
      release: '',
      verb: 'rollback',
      done: false,
      undo,
      text: `users of ${environment} are being taken to ${name}`,
    }
  const answer = await asked
  if (active && !options.detach) await ended(project, active, options.signal)
  const text = answer.text ?? (active ? `${active} is rolled back; ${name} serves` : `${name} serves`)
  return { release: active ?? '', verb: 'rollback', done: true, undo, text }
}
