/** Waits for a release: tells what happens line by line, and ends with its outcome. */
import { SlipwayError } from '../errors.ts'
import { environmentOf } from '../record/fold.ts'
import { isNote, noteOf } from '../record/notes.ts'
import { envFlag, type ReleaseId, runtimeOf } from '../record/release-id.ts'
import type { NoteView, ReleaseView } from '../record/types.ts'
import { type Project, stateOf } from './project.ts'
import { downOf, stillView } from './standstill.ts'
import { readView } from './view.ts'

export interface FollowOptions {
  /** null: as long as it takes. */
  readonly timeoutMs: number | null
  /** Stay while it is held: a person watches. */
  readonly stayHeld: boolean
  readonly signal: AbortSignal
  onNote(note: NoteView): void
  /** Called at each look with a fresh view in brief, where given. */
  onView?(view: ReleaseView): void
}

const LOOK_MS = 200
/** Without news the host is asked whether it lives, so often; one that does not stay is started less and less often. */
const HOST_MS = 3000
const MOST_HOST_MS = 60_000

/**
 * Follows a release to its end (or to `held` where nobody stays) and returns its view.
 * Throws TIMEOUT and INTERRUPTED; the release goes on.
 */
export async function follow(project: Project, id: ReleaseId, options: FollowOptions): Promise<ReleaseView> {
  const { clock, journal } = project
  const { environment, name } = id
  const env = envFlag(environment)
  const next = [`slipway release watch ${name}${env}`, `slipway release abort ${name}${env}`]
  const begun = clock.mono()
  let seen = (journal.readRelease(id)[0]?.seq ?? 1) - 1
  let asked = clock.mono()
  let every = HOST_MS
  let told = false
  for (;;) {
    const news = journal.read(seen)
    seen = news.at(-1)?.seq ?? seen
    const rows = news.filter((row) => row.release === name && row.environment === environment)
    for (const row of rows) if (isNote(row)) options.onNote(noteOf(row))
    if (rows.length > 0) asked = clock.mono()
    const state = stateOf(project)
    const summary = environmentOf(state, environment).releases.find((r) => r.name === name)
    if (summary?.endedAt) return readView(project, id, state)
    if (!options.stayHeld && runtimeOf(journal, id)?.state.status === 'held') return readView(project, id, state)
    const down = downOf(state, environment)
    if (down && !told)
      options.onNote({ at: clock.now(), what: 'host', text: `${name} stands still: ${down.why}; ${down.next}` })
    told = down !== null
    const goes = down ? 'stands still' : 'goes on'
    if (options.onView) options.onView(stillView(await readView(project, id, state, { brief: true }), down))
    if (options.timeoutMs !== null && clock.mono() - begun > options.timeoutMs)
      throw new SlipwayError('TIMEOUT', `${name} did not end in time; it ${goes}`, { next })
    if (options.signal.aborted) throw new SlipwayError('INTERRUPTED', `${name} ${goes}`, { next })
    if (clock.mono() - asked > every) {
      asked = clock.mono()
      // What is down stays so until a person brings it up.
      if (!down && !(await project.host.alive())) {
        every = Math.min(MOST_HOST_MS, every * 2)
        await project.host.wake()
      }
    }
    await clock.sleep(LOOK_MS, options.signal)
  }
}
