/** `release report`: the view of a release as a file for people or for programs. */
import { extname, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { ReleaseView } from '../record/types.ts'
import { reportHtml } from '../view/report/html.ts'
import { reportJson } from '../view/report/json.ts'
import { reportJunit } from '../view/report/junit.ts'
import { reportMarkdown } from '../view/report/markdown.ts'
import { timelineSvg } from '../view/report/timeline.ts'
import { withLate } from './late.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'
import { standstillOf, stillView } from './standstill.ts'
import { readView } from './view.ts'

export const FORMATS = ['markdown', 'html', 'svg', 'junit', 'json'] as const
export type ReportFormat = (typeof FORMATS)[number]

const RENDER: Readonly<Record<ReportFormat, (view: ReleaseView) => string>> = {
  markdown: reportMarkdown,
  html: reportHtml,
  // The timeline alone, for a page of one's own.
  svg: timelineSvg,
  junit: reportJunit,
  json: reportJson,
}
const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.svg': 'svg',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.xml': 'junit',
  '.json': 'json',
}

/** By the file's ending. USAGE where it is none of them. */
export function formatOfFile(file: string): ReportFormat {
  const ending = extname(file).toLowerCase()
  const format = Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined
  if (format) return format
  throw new SlipwayError('USAGE', `a report's file ends in ${Object.keys(ENDINGS).join(', ')}`)
}

/** Whole or not at all. Throws PERMISSION, NO_SPACE, FILE_UNREADABLE. */
export async function writeReport(
  project: Pick<Project, 'files' | 'cwd'>,
  view: ReleaseView,
  format: ReportFormat,
  file: string,
): Promise<number> {
  const text = RENDER[format](view)
  await project.files.write(resolve(project.cwd, file), text)
  return new TextEncoder().encode(text).length
}

export interface ReportOptions {
  readonly env?: string | undefined
  readonly release?: string | undefined
  /** Absent: by the file's ending, else Markdown. */
  readonly format?: ReportFormat | undefined
  readonly file?: string | undefined
}
export interface Reported {
  readonly release: string
  readonly format: ReportFormat
  /** null: `text` holds it. */
  readonly file: string | null
  readonly bytes: number
  readonly text: string | null
}

/** The view of the release that is meant: named, else the one that runs, else the last. */
export async function viewOfRelease(
  project: Project,
  { env, release }: Pick<ReportOptions, 'env' | 'release'>,
): Promise<ReleaseView> {
  const state = stateOf(project)
  const environment = environmentName(project, env)
  const id = releaseOf(state, environment, release)
  const view = await withLate(project, id, await readView(project, id, state))
  return view.outcome === null ? stillView(view, await standstillOf(project, state, environment)) : view
}

export async function report(project: Project, options: ReportOptions): Promise<Reported> {
  const view = await viewOfRelease(project, options)
  const format = options.format ?? (options.file === undefined ? 'markdown' : formatOfFile(options.file))
  if (options.file === undefined) {
    const text = RENDER[format](view)
    return { release: view.release, format, file: null, bytes: new TextEncoder().encode(text).length, text }
  }
  const bytes = await writeReport(project, view, format, options.file)
  return { release: view.release, format, file: options.file, bytes, text: null }
}
