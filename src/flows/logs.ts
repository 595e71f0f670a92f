/** `local logs`: the end of a log, and what is added to it. */
import { SlipwayError } from '../errors.ts'
import type { Logs } from '../io/logs.ts'
import { environmentName, type Project } from './project.ts'
import { readRun, runFolder } from './train-runs.ts'

export interface LogOptions {
  readonly env?: string | undefined
  /** A version, `host` or `data-plane`; undefined: the version that serves, or all servers. */
  readonly of: string | undefined
  readonly tail: number
  readonly follow: boolean
  readonly signal: AbortSignal
  line(log: string, text: string): void
}
const LOOK_MS = 200

async function filesOf(project: Project, environment: string, of: string | undefined): Promise<string[]> {
  const names = await project.logs.list()
  if (of === 'host') return names.filter((n) => n === 'host.log')
  if (of === 'data-plane') return names.filter((n) => n === `data-plane-${environment}.log`)
  const prefix =
    of === undefined ? `${environment}-` : `${environment}-${(await project.store.resolveRef(of)).digest.slice(7, 23)}`
  return names.filter((n) => n.startsWith(prefix) && n.endsWith('.log'))
}

/** Hands out lines; returns when all are told, or with `follow` when the signal is aborted. */
export async function logs(project: Project, options: LogOptions): Promise<void> {
  const environment = environmentName(project, options.env)
  const files = await filesOf(project, environment, options.of)
  if (files.length === 0)
    throw new SlipwayError('FILE_UNREADABLE', `there is no log of ${options.of ?? 'a server'} in ${environment} yet`, {
      next: ['slipway local status'],
    })
  await tell(project, project.logs, files, options)
}

type Telling = Pick<LogOptions, 'tail' | 'follow' | 'signal' | 'line'>

/** What a trainer printed; with `follow` until the run is over. */
export async function trainLogs(project: Project, id: string, options: Telling): Promise<void> {
  await readRun(project, id)
  const folder = project.logsOf(runFolder(project, id))
  const over = async () => (await readRun(project, id)).status !== 'running'
  if (!(await folder.list()).includes('train.log')) return
  await tell(project, folder, ['train.log'], options, over)
}

async function tell(
  project: Project,
  folder: Logs,
  files: readonly string[],
  options: Telling,
  over?: () => Promise<boolean>,
): Promise<void> {
  const read = new Map<string, number>()
  const news = (file: string, most: number) => {
    const { text, size } = folder.read(file, read.get(file) ?? 0)
    read.set(file, size)
    const lines = text.split('\n').filter((line) => line !== '')
    for (const line of most === 0 ? [] : lines.slice(-most)) options.line(file, line)
  }
  for (const file of files) news(file, options.tail)
  while (options.follow && !options.signal.aborted) {
    const last = (await over?.()) ?? false
    await project.clock.sleep(LOOK_MS, options.signal)
    for (const file of files) news(file, Number.MAX_SAFE_INTEGER)
    if (last) return
  }
}
