/** What a person asks of a release: pause, resume, advance, accept, abort. */

import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import { environmentOf, type ReleaseSummary } from '../record/fold.ts'
import { overRefusal, stateRefusal } from '../record/refusals.ts'
import { envFlag, type ReleaseId, runtimeOf } from '../record/release-id.ts'
import { readStarted } from '../record/started.ts'
import { step } from '../release/engine.ts'
import type { PersonVerb } from '../release/types.ts'
import { follow } from './follow.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'
import { request } from './request.ts'

export interface PersonOptions {
  readonly env?: string | undefined
  readonly release?: string | undefined
  readonly reason?: string | undefined
  readonly dryRun: boolean
  readonly signal: AbortSignal
}
export interface Asked {
  /** null: none ran. */
  readonly release: string | null
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
/** How a version is named in a command: MODEL:TAG, or by its digest. */
export const refOf = (
  model: string,
  { tag, digest }: { readonly tag: string | null; readonly digest: string },
): string => (tag === null ? digest : `${model}:${tag}`)
/** What starts the version of a release again. */
export const startAgain = (release: ReleaseSummary): string =>
  `slipway release start ${refOf(release.model, { tag: release.candidateTag, digest: release.candidate })}${envFlag(release.environment)}`

function undoOf(verb: PersonVerb, release: ReleaseSummary): string | null {
  if (verb === 'abort') return startAgain(release)
  const undoes = verb === 'pause' ? 'resume' : verb === 'resume' ? 'pause' : null
  return undoes === null ? null : `slipway release ${undoes} ${release.name}${envFlag(release.environment)}`
}

/** Why the host would refuse it, as the journal tells; null: it would do it. */
function refusalOf(
  { journal, clock, actor: by }: Project,
  verb: PersonVerb,
  release: ReleaseSummary,
  reason: string | null,
): SlipwayError | null {
  if (release.outcome !== null) return overRefusal(verb, release)
  const started = readStarted(journal, release)
  const state = runtimeOf(journal, release)?.state
  if (!started || !state?.judge) return null
  const { refused } = step(started.plan, state, { kind: 'person', at: clock.now(), verb, by, reason })
  return refused === null ? null : stateRefusal(refused, release.environment)
}

/** Asks and waits for the host's answer; `abort` also until users are back. Throws RELEASE_STATE where the release's state forbids it. */
export async function personAsks(project: Project, verb: PersonVerb, options: PersonOptions): Promise<Asked> {
  const environment = environmentName(project, options.env)
  const state = stateOf(project)
  const release = releaseOf(state, environment, options.release)
  const here = environmentOf(state, environment)
  const active = here.active === release.name
  const down = active && !here.up
  const up = `slipway local up${envFlag(environment)}`
  const { reason = null } = options
  // An end is decided all the same; users follow it when there is something that can take them anywhere.
  if (down && verb !== 'abort')
    throw new SlipwayError('RELEASE_STATE', `${environment} is down, so ${release.name} stands still`, { next: [up] })
  const asked = { release: release.name, verb, undo: undoOf(verb, release) }
  if (options.dryRun) {
    const refused = refusalOf(project, verb, release, reason)
    if (refused) throw refused
    const since = release.outcome ?? `runs since ${isoTime(release.startedAt)}`
    return { ...asked, done: false, text: `would ask ${release.name} (${since}) to ${verb}` }
  }
  const data = { id: project.newId(), verb, by: project.actor, reason, to: null, quarantine: false }
  const answer = await request(project, release.environment, release.name, data, PATIENCE_MS, options.signal)
  if (down)
    return { ...asked, done: true, text: `${release.name} ${DONE[verb]}; ${environment} is down: ${up} ends it` }
  if (verb === 'abort' && active) await ended(project, release, options.signal)
  return { ...asked, done: true, text: answer.text ?? `${release.name} ${DONE[verb]}` }
}

export async function ended(
  project: Project,
  release: ReleaseId,
  signal: AbortSignal,
  timeoutMs: number | null = null,
): Promise<void> {
  await follow(project, release, { timeoutMs, stayHeld: true, signal, onNote: () => {} })
}
