/** What a person asks of a release: pause, resume, advance, accept, abort. */

import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import { environmentOf, type ReleaseSummary } from '../record/fold.ts'
import { envFlag, type ReleaseId } from '../record/release-id.ts'
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

/** Asks and waits for the host's answer; `abort` also until users are back. Throws RELEASE_STATE where the release's state forbids it. */
export async function personAsks(project: Project, verb: PersonVerb, options: PersonOptions): Promise<Asked> {
  const environment = environmentName(project, options.env)
  const state = stateOf(project)
  const release = releaseOf(state, environment, options.release)
  const undo = undoOf(verb, release)
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
  const here = environmentOf(state, environment)
  const active = here.active === release.name
  if (active && !here.up)
    throw new SlipwayError('RELEASE_STATE', `${environment} is down, so ${release.name} stands still`, {
      next: [`slipway local up${envFlag(environment)}`],
    })
  const answer = await request(project, release.environment, release.name, data, PATIENCE_MS, options.signal)
  if (verb === 'abort' && active) await ended(project, release, options.signal)
  return { release: release.name, verb, done: true, undo, text: answer.text ?? `${release.name} ${DONE[verb]}` }
}

export async function ended(
  project: Project,
  release: ReleaseId,
  signal: AbortSignal,
  timeoutMs: number | null = null,
): Promise<void> {
  await follow(project, release, { timeoutMs, stayHeld: true, signal, onNote: () => {} })
}
