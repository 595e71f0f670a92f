/** How long it takes from the last answer that a verdict needed until no user is on the candidate. */

import type { Scenario } from './harness.ts'
import { running } from './killing.ts'
import type { Users } from './users.ts'
import { printed, within } from './waits.ts'

/** Beyond the horizon. */
const END_MS = 90_000

export interface TakenBack {
  readonly outcome: string | null
  /** From the decision to the data plane acting on it, as slipway says. */
  readonly takebackMs: number | null
  /**
   * From the look before the one that decided, when the verdict did not stand yet, to the last request that the candidate was
   * given; ms. The last answer that the verdict needed came in between, so this is no less than what is asked for.
   */
  readonly lastAnswerToOffMs: number
  readonly lostAfter: number
}
interface View {
  readonly outcome: string | null
  readonly takebackMs: number | null
  readonly timeline: readonly { readonly at: number }[]
  readonly notes: readonly { readonly at: number; readonly what: string; readonly text: string }[]
}

/**
 * Releases a version that answers well until users ask for something new, lets them ask for it, and looks at what users saw.
 * `stopped`: the candidate's server is stopped (SIGSTOP) instead: its requests hang, which is evidence as well.
 */
export async function takenBack(one: Scenario, users: Users, k: number, stopped: boolean): Promise<TakenBack> {
  users.x = null
  one.model({ threshold: 5 - (k + 1) / 1000, failFrom: 50 })
  const before = new Set(running(one, ['server']))
  // What is compared must have been seen for a while.
  await users.more(200)
  const begun = one.start(['release', 'start', '--json'])
  await printed(begun, 'stderr', /canary.*observed/)
  // Past its warm-up.
  await users.more(150)
  if (stopped) for (const pid of running(one, ['server'])) if (!before.has(pid)) process.kill(pid, 'SIGSTOP')
  if (!stopped) users.x = 99
  const { stdout, stderr } = await within('the takeback', END_MS, begun.done)
  users.x = null
  const last = stdout.trim().split('\n').at(-1) ?? ''
  const { view } = JSON.parse(last.startsWith('{') ? last : '{}') as { view?: View }
  if (!view) throw new Error(`no view: ${stdout}${stderr}`)
  const decided = view.notes.find(({ what }) => what === 'taken-back')?.at ?? Number.NaN
  const tag = /releases (v\d+) in/.exec(stderr)?.[1]
  const began = Date.now() - users.now()
  const onIt = users.answers.filter(({ version }) => version === tag)
  const undecided = view.timeline.filter(({ at }) => at < decided).at(-1)?.at ?? Number.NaN
  const off = onIt.reduce((late, { sent }) => Math.max(late, sent), 0)
  return {
    outcome: view.outcome,
    takebackMs: view.takebackMs,
    lastAnswerToOffMs: Math.round(began + off - undecided),
    lostAfter: users.answers.filter(({ sent, status }) => began + sent > decided + 1000 && status !== 200).length,
  }
}
