/** `release start` and `release watch`: start or attach, follow, tell, end with the outcome. */
import { dirname, resolve } from 'node:path'
import { ERRORS, type ErrorCode, type Exit, SlipwayError } from '../errors.ts'
import type { Interrupt } from '../io/interrupt.ts'
import type { Keys } from '../io/keys.ts'
import type { Terminal } from '../io/terminal.ts'
import { visible } from '../kit/text.ts'
import { envFlag, type ReleaseId } from '../record/release-id.ts'
import type { NoteView, ReleaseView } from '../record/types.ts'
import { noteLine } from '../view/note.ts'
import { forecastSentence } from '../view/plan.ts'
import { follow } from './follow.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'
import { formatOfFile, writeReport } from './report.ts'
import { type StartOptions, start } from './start.ts'
import { watchLive } from './watch-keys.ts'

export interface ReleaseEnd {
  readonly release: string | null
  readonly exit: Exit
  /** null: promoted, detached, nothing to do, or a dry run. */
  readonly code: ErrorCode | null
  readonly text: string
  /** null: detached, nothing to do, or a dry run. */
  readonly view: ReleaseView | null
}
export interface ReleaseOptions {
  readonly start: Omit<StartOptions, 'signal' | 'say'>
  readonly detach: boolean
  readonly report: string | null
  readonly timeoutMs: number | null
  readonly json: boolean
}
export interface Tools {
  readonly terminal: Terminal
  readonly interrupt: Interrupt
  readonly keys: Keys
}

/** A report that could not be written is refused before anything starts. */
async function reportPlace(project: Project, file: string): Promise<void> {
  formatOfFile(file)
  const folder = dirname(resolve(project.cwd, file))
  if ((await project.files.facts(folder))?.kind !== 'folder')
    throw new SlipwayError('FILE_UNREADABLE', `the report cannot be written: there is no folder ${visible(folder)}`, {
      where: [{ file }],
    })
}

/** Starts and, unless detached, waits. */
export async function release(project: Project, tools: Tools, options: ReleaseOptions): Promise<ReleaseEnd> {
  const { terminal, interrupt } = tools
  const say = (line: string) => terminal.say(line)
  if (options.report !== null) await reportPlace(project, options.report)
  const started = await start(project, { ...options.start, signal: interrupt.signal, say })
  const { plan, forecast } = started.intent
  if (!started.attached && (started.release !== null || options.start.dryRun)) say(forecastSentence(plan, forecast))
  if (started.release === null) return { release: null, exit: 0, code: null, text: started.text, view: null }
  say(started.text)
  if (options.detach)
    return {
      release: started.release,
      exit: 0,
      code: null,
      text: `${started.text}; slipway release watch${envFlag(started.environment)}`,
      view: null,
    }
  const timeoutMs = options.timeoutMs ?? started.intent.forecast.timeoutMs
  const release = { environment: started.environment, name: started.release }
  return watch(project, tools, { release, report: options.report, timeoutMs, json: options.json })
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
async function watch(project: Project, tools: Tools, options: WatchOptions): Promise<ReleaseEnd> {
  const { terminal, interrupt } = tools
  const format = options.report === null ? null : formatOfFile(options.report)
  const { release, timeoutMs } = options
  const view =
    terminal.live && !options.json
      ? await watchLive(project, tools, { release, timeoutMs })
      : await follow(project, release, {
          timeoutMs,
          stayHeld: false,
          signal: interrupt.signal,
          onNote: options.onNote ?? ((note) => terminal.say(noteLine(release.name, note))),
        })
  // Whatever becomes of the report, the exit is the outcome's.
  if (options.report !== null && format !== null)
    await writeReport(project, view, format, options.report).catch((error: Error) =>
      terminal.say(`the report was not written: ${error.message}`),
    )
  const code = view.status === 'held' ? 'HELD' : view.code
  return { release: release.name, exit: code === null ? 0 : ERRORS[code].exit, code, text: view.affected, view }
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
