/** `local logs`: the end of a log, and what is added to it. */
import { SlipwayError } from '../errors.ts'
import { environmentConfig, type Project } from './project.ts'

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
  const environment = environmentConfig(project.config, options.env).name
  const files = await filesOf(project, environment, options.of)
  if (files.length === 0)
    throw new SlipwayError('FILE_UNREADABLE', `there is no log of ${options.of ?? 'a server'} in ${environment} yet`, {
      next: ['slipway local status'],
    })
  const read = new Map<string, number>()
  for (const file of files) {
    const { text, size } = project.logs.read(file, 0)
    read.set(file, size)
    for (const line of text
      .split('\n')
      .filter((l) => l !== '')
      .slice(-options.tail))
      options.line(file, line)
  }
  while (options.follow && !options.signal.aborted) {
    await project.clock.sleep(LOOK_MS, options.signal)
    for (const file of files) {
      const { text, size } = project.logs.read(file, read.get(file) ?? 0)
      read.set(file, size)
      for (const line of text.split('\n').filter((l) => l !== '')) options.line(file, line)
    }
  }
}
