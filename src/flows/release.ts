/** `release start`: starts or attaches, and waits for the outcome. */
import { dirname, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import { envFlag } from '../record/release-id.ts'
import { forecastSentence } from '../view/plan.ts'
import type { Project } from './project.ts'
import { formatOfFile } from './report.ts'
import { type StartOptions, start } from './start.ts'
import { type ReleaseEnd, type Tools, watch } from './watch.ts'

export type { ReleaseEnd } from './watch.ts'

export interface ReleaseOptions {
  readonly start: Omit<StartOptions, 'signal' | 'say'>
  readonly detach: boolean
  readonly report: string | null
  readonly timeoutMs: number | null
  readonly json: boolean
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

const detached = (release: string, environment: string, text: string): ReleaseEnd => ({
  release,
  exit: 0,
  code: null,
  text: `${text}; slipway release watch${envFlag(environment)}`,
  view: null,
  undo: `slipway release abort ${release}${envFlag(environment)}`,
})

/** Starts and, unless detached, waits. */
export async function release(project: Project, tools: Tools, options: ReleaseOptions): Promise<ReleaseEnd> {
  const { terminal, interrupt } = tools
  const say = (line: string) => terminal.say(line)
  if (options.report !== null) await reportPlace(project, options.report)
  const started = await start(project, { ...options.start, signal: interrupt.signal, say })
  const { plan, forecast } = started.intent
  if (!started.attached && (started.release !== null || options.start.dryRun)) say(forecastSentence(plan, forecast))
  if (started.release === null)
    return { release: null, exit: 0, code: null, text: started.text, view: null, undo: null }
  say(started.text)
  if (options.detach) return detached(started.release, started.environment, started.text)
  const timeoutMs = options.timeoutMs ?? started.intent.forecast.timeoutMs
  const release = { environment: started.environment, name: started.release }
  return watch(project, tools, { release, report: options.report, timeoutMs, json: options.json })
}
