/** What a command asks of the host, and the host's answer. */
import { SlipwayError } from '../errors.ts'
import type { NewRow, RequestData } from '../record/entries.ts'
import { envFlag } from '../record/release-id.ts'
import type { Project } from './project.ts'

/** The host's answer to a request. */
export interface Answer {
  readonly release: string | null
  readonly text: string | null
}

const LOOK_MS = 50

/**
 * Writes a request down, wakes the host and waits for its answer.
 * Throws what the host refuses it for; where no answer comes in `patienceMs`: TIMEOUT, or HOST_UNREACHABLE without a host.
 */
export async function request(
  project: Project,
  environment: string,
  release: string,
  data: RequestData,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<Answer> {
  const { clock, journal } = project
  const row: NewRow = { at: clock.now(), kind: 'request', environment, release, data }
  let seen = journal.head()
  journal.append([row], null)
  await project.host.wake()
  const until = clock.mono() + patienceMs
  while (clock.mono() < until) {
    for (const entry of journal.read(seen)) {
      seen = entry.seq
      const answer = entry.data as {
        request?: string
        refused?: { code: SlipwayError['code']; message: string; next: string[] } | null
      } & Answer
      if (entry.kind !== 'answer' || answer.request !== data.id) continue
      if (answer.refused)
        throw new SlipwayError(answer.refused.code, answer.refused.message, { next: answer.refused.next })
      return { release: answer.release, text: answer.text }
    }
    if (signal?.aborted) throw new SlipwayError('INTERRUPTED', 'interrupted; what was asked for goes on')
    await clock.sleep(LOOK_MS, signal)
  }
  if (await project.host.alive())
    throw new SlipwayError('TIMEOUT', `it is not done after ${Math.round(patienceMs / 1000)} s; it goes on`, {
      next: ['slipway local status'],
    })
  throw new SlipwayError(
    'HOST_UNREACHABLE',
    `the host did not answer in ${Math.round(patienceMs / 1000)} s; what was asked for is written down`,
    {
      next: ['slipway local status', `slipway local logs host${envFlag(environment)}`],
    },
  )
}
