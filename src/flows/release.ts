/** `release start` and `release watch`: start or attach, follow, tell, end with the outcome. */
import type { Exit } from '../errors.ts'
import type { Clock } from '../io/clock.ts'
import type { Interrupt } from '../io/interrupt.ts'
import type { Terminal } from '../io/terminal.ts'
import type { ReleaseView } from '../record/types.ts'
import { noteLine } from '../view/note.ts'
import { follow } from './follow.ts'
import type { Project } from './project.ts'
import { type StartOptions, start } from './start.ts'

export interface ReleaseEnd {
  readonly release: string | null
  readonly exit: Exit
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
  readonly clock: Clock
}

/** Starts and, unless detached, waits. */
export async function release(project: Project, tools: Tools, options: ReleaseOptions): Promise<ReleaseEnd> {
  const { terminal, interrupt } = tools
  const say = (line: string) => terminal.say(line)
  const started = await start(project, { ...options.start, signal: interrupt.signal, say })
  if (started.release === null) return { release: null, exit: 0, text: started.text, view: null }
  say(started.text)
  if (options.detach)
    return { release: started.release, exit: 0, text: `${started.text}; slipway release watch`, view: null }
  const timeoutMs = options.timeoutMs ?? started.intent.forecast.timeoutMs
  return watch(project, tools, { release: started.release, report: options.report, timeoutMs, json: options.json })
}

export interface WatchOptions {
  readonly release: string
  readonly report: string | null
  readonly timeoutMs: number | null
  readonly json: boolean
}

/** Follows to the end: drawn in place on a terminal, a line per event elsewhere. */
export async function watch(project: Project, tools: Tools, options: WatchOptions): Promise<ReleaseEnd> {
  const { terminal, interrupt } = tools
  const view = await follow(project, options.release, {
    timeoutMs: options.timeoutMs,
    stayHeld: false,
    signal: interrupt.signal,
    onNote: (note) => terminal.say(noteLine(options.release, note)),
  })
  const exit: Exit = view.exit ?? (view.status === 'held' ? 7 : 0)
  return { release: options.release, exit, text: view.affected, view }
}
