/** Which files of a project are the server's code. */
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Files, Found } from '../io/files.ts'
import type { Git } from '../io/git.ts'
import { visible } from '../kit/text.ts'
import { formatSize } from '../kit/units.ts'
import { pathsMeant } from '../model/argument.ts'

export interface CodeQuestion {
  /** Folder of slipway.yaml, absolute. */
  readonly folder: string
  /** artifact.code; null: what the command names. */
  readonly code: readonly string[] | null
  readonly command: readonly string[]
  readonly prepare: readonly (readonly string[])[]
  /** The artifact's path, absolute: what lies there is model, not code. */
  readonly artifact: string
  readonly exclude: readonly string[]
  readonly links: 'refuse' | 'follow'
}

/** Most that the default takes along. */
const DEFAULT_LIMIT = 10 * 2 ** 20

/** A path relative to a folder, `/`-separated; undefined where it lies outside. */
function within(folder: string, path: string): string | undefined {
  const out = relative(folder, path)
  if (out === '..' || out.startsWith(`..${sep}`)) return undefined
  return out.split(sep).join('/')
}

async function named(files: Files, question: CodeQuestion, argv: readonly string[]): Promise<string[]> {
  const out: string[] = []
  for (const [index, argument] of argv.entries())
    for (const path of pathsMeant(argument, argv[index - 1])) {
      const file = resolve(question.folder, path)
      if (within(question.folder, file) === undefined) continue
      if (within(question.artifact, file) !== undefined) continue
      if ((await files.facts(file))?.kind === 'file') out.push(file)
    }
  return out
}

/** The files that the command names and, beside each, git's files of the same ending. */
async function byDefault(files: Files, git: Git, question: CodeQuestion): Promise<Set<string>> {
  const out = new Set<string>()
  for (const file of await named(files, question, question.command)) {
    out.add(file)
    const ending = extname(file)
    if (ending === '') continue
    for (const name of await git.tracked(dirname(file))) {
      const beside = join(dirname(file), name)
      if (extname(name) === ending && (await files.facts(beside))?.kind === 'file') out.add(beside)
    }
  }
  for (const argv of question.prepare) for (const file of await named(files, question, argv)) out.add(file)
  return out
}

const byPath = (a: Found, b: Found): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))

/** The code, in byte order; paths relative to the project's folder. Throws CONFIG_INVALID, FILE_UNREADABLE, LINK_REFUSED. */
export async function codeFiles(files: Files, git: Git, question: CodeQuestion): Promise<readonly Found[]> {
  const rules = { include: [], exclude: question.exclude, links: question.links }
  const starts = question.code ?? [...(await byDefault(files, git, question))]
  const found = new Map<string, Found>()
  for (const start of starts) {
    const path = resolve(question.folder, start)
    const base = within(question.folder, path)
    if (base === undefined)
      throw new SlipwayError(
        'CONFIG_INVALID',
        `the code ${visible(start)} lies outside the folder of slipway.yaml; copy it in, since /app keeps its paths`,
        {
          where: [{ pointer: '/artifact/code' }],
        },
      )
    if ((await files.facts(path)) === null)
      throw new SlipwayError('FILE_UNREADABLE', `the code ${visible(start)} does not exist`, {
        where: [{ file: path, pointer: '/artifact/code' }],
      })
    const single = (await files.facts(path))?.kind === 'file'
    for (const one of await files.walk(path, rules)) {
      const name = single ? base : [base, one.path].filter(Boolean).join('/')
      found.set(name.normalize('NFC'), { ...one, path: name.normalize('NFC') })
    }
  }
  const bytes = [...found.values()].reduce((sum, one) => sum + one.size, 0)
  if (question.code === null && bytes > DEFAULT_LIMIT)
    throw new SlipwayError(
      'CONFIG_INVALID',
      `the code beside ${visible(basename(starts[0] ?? ''))} is ${formatSize(bytes)}, more than the ${formatSize(DEFAULT_LIMIT)} taken by default; list what belongs to it under artifact.code`,
      {
        where: [{ pointer: '/artifact/code' }],
      },
    )
  return [...found.values()].sort(byPath)
}
