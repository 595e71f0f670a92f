/** Follows a release, tells what happens, ends with the outcome. */
import { ERRORS, type ErrorCode, type Exit, SlipwayError } from '../errors.ts'
import type { Interrupt } from '../io/interrupt.ts'
import type { Keys } from '../io/keys.ts'
import type { Terminal } from '../io/terminal.ts'
import type { ReleaseId } from '../record/release-id.ts'
import type { NoteView, ReleaseView } from '../record/types.ts'
import { noteLine } from '../view/note.ts'
import { follow } from './follow.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'
import { formatOfFile, writeReport } from './report.ts'
import { readView } from './view.ts'
import { watchLive } from './watch-keys.ts'

export interface ReleaseEnd {
  readonly release: string | null
  readonly exit: Exit
  /** null: promoted, detached, nothing to do, or a dry run. */
  readonly code: ErrorCode | null
  readonly text: string
  /** null: detached, nothing to do, or a dry run. */
  readonly view: ReleaseView | null
  /** The command that undoes what goes on; null: nothing does, or nothing was started. */
  readonly undo: string | null
}
export interface Tools {
  readonly terminal: Terminal
  readonly interrupt: Interrupt
  readonly keys: Keys
}

export interface WatchOptions {
  readonly release: ReleaseId
  readonly report: string | null
  readonly timeoutMs: number | null
  readonly json: boolean
  /** Gets each event where nothing is drawn; without it they are talk. */
  onNote?(note: NoteView): void
}

/** Follows to the end: drawn in place on a terminal, a line per event elsewhere. */
const seenToEnd = (project: Project, tools: Tools, { release, timeoutMs, json, onNote }: WatchOptions) =>
  tools.terminal.live && !json
    ? watchLive(project, tools, { release, timeoutMs })
    : follow(project, release, {
        timeoutMs,
        stayHeld: false,
        signal: tools.interrupt.signal,
        onNote: onNote ?? ((note) => tools.terminal.say(noteLine(release.name, note))),
      })

/** Watches, and writes the report: also of a release that goes on because the time ran out. */
export async function watch(project: Project, tools: Tools, options: WatchOptions): Promise<ReleaseEnd> {
  const { release, report } = options
  const format = report === null ? null : formatOfFile(report)
  // Whatever becomes of the report, the exit is the outcome's.
  const reported = async (view: ReleaseView) => {
    if (report !== null && format !== null)
      await writeReport(project, view, format, report).catch((error: Error) =>
        tools.terminal.say(`the report was not written: ${error.message}`),
      )
  }
  const view = await seenToEnd(project, tools, options).catch(async (error: Error) => {
    if (error instanceof SlipwayError && error.code === 'TIMEOUT') await reported(await readView(project, release))
    throw error
  })
  await reported(view)
  const code = view.status === 'held' ? 'HELD' : view.code
  return {
    release: release.name,
    exit: code === null ? 0 : ERRORS[code].exit,
    code,
    text: view.affected,
    view,
    undo: null,
  }
}

/** Watches the release that is meant: named, else the one that runs, else the last. */
export async function watchNamed(
  project: Project,
  tools: Tools,
  options: Omit<WatchOptions, 'release' | 'onNote'> & {
    readonly env?: string | undefined
    readonly release?: string | undefined
    onNote(release: string, note: NoteView): void
  },
): Promise<ReleaseEnd> {
  const environment = environmentName(project, options.env)
  const release = releaseOf(stateOf(project), environment, options.release)
  return watch(project, tools, { ...options, release, onNote: (note) => options.onNote(release.name, note) })
}
