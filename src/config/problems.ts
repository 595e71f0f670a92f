/** Problems of a configuration, and the one error that names every line and its remedy. */
import { type ErrorCode, SlipwayError, type Where } from '../errors.ts'
import { shorten, visible } from '../kit/text.ts'
import type { Position, Source } from './yaml-values.ts'

export type Path = readonly (string | number)[]

/** One problem. Its place is found by `path`, unless the text itself was no YAML (`position`). */
export interface Problem {
  readonly path: Path
  /** What follows the name of the key: "is missing". */
  readonly message: string
  readonly at?: 'key' | 'value'
  readonly position?: Position
  readonly code?: ErrorCode
}

/** `release.steps[1].canary.weight` */
export const dotted = (path: Path): string =>
  path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${visible(shorten(key, 60))}`,
    )
    .join('')

/** JSON pointer (RFC 6901). */
const jsonPointer = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The value at a path of a parsed text; own properties only. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string | number, unknown>)[key]
  }
  return here
}

/** Longest message: a refused input is told in at most 2 kB. */
const BUDGET = 1_900

/**
 * One error for all problems, in the order of the file: one line each as `file:line:column key message`.
 * `file`: as people should see it, relative to where they stand.
 */
export function configError(file: string, problems: readonly Problem[], source: Source | null): SlipwayError {
  const told = problems
    .map((problem) => {
      const position = problem.position ?? source?.locate(problem.path, problem.at) ?? { line: 1, column: 1 }
      const name = dotted(problem.path)
      const text = shorten(`${name}${name === '' ? '' : ' '}${problem.message}`, 400)
      const where: Where = { file, ...position, pointer: shorten(jsonPointer(problem.path), 120) }
      return { line: `${visible(file)}:${position.line}:${position.column} ${text}`, where }
    })
    .toSorted((a, b) => (a.where.line ?? 0) - (b.where.line ?? 0) || (a.where.column ?? 0) - (b.where.column ?? 0))
  let bytes = 0
  const fitting = told.filter(({ line }, index) => {
    bytes += Buffer.byteLength(line) + 1
    return index === 0 || bytes <= BUDGET
  })
  const lines = fitting.map((one) => one.line)
  const left = told.length - fitting.length
  if (told.length > 1) lines.unshift(`${visible(file)} has ${told.length} problems:`)
  if (left > 0) lines.push(`… and ${left} more: mend these first`)
  const codes = new Set(problems.map((problem) => problem.code ?? 'CONFIG_INVALID'))
  const [code = 'CONFIG_INVALID'] = codes.size === 1 ? codes : []
  return new SlipwayError(code, lines.join('\n'), {
    where: fitting.map((one) => one.where),
    next: ['slipway validate'],
  })
}
