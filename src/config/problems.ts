/** Problems of a configuration: from zod's issues to one error that names every line and its remedy. */
import type * as z from 'zod/mini'
import { type ErrorCode, SlipwayError, type Where } from '../errors.ts'
import { nearest, shorten, visible } from '../kit/text.ts'
import { DIGEST_KEYS } from './schema/serving.ts'
import { fieldsAt, homesOf } from './shape.ts'
import type { Position, Source } from './yaml.ts'

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
export const jsonPointer = (path: Path): string =>
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

const show = (value: unknown): string =>
  typeof value === 'string' ? visible(shorten(value, 40)) : shorten(JSON.stringify(value) ?? 'nothing', 40)

function typeMessage(expected: string, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null)
    return expected === 'object'
      ? 'is empty: write {} for the defaults, or remove the key'
      : 'is empty: give a value, or remove the key'
  switch (expected) {
    case 'string':
      return typeof value === 'object' ? 'must be text' : `must be text: write "${show(value)}"`
    case 'array':
      return typeof value === 'object'
        ? 'must be a list'
        : `must be a list: write [${typeof value === 'string' ? show(value).split(/\s+/).join(', ') : show(value)}]`
    case 'object':
    case 'record':
      return 'must be a map of keys and values'
    case 'boolean':
      return 'must be true or false'
    case 'number':
    case 'int':
      return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
        ? `must be a number: write ${visible(value.trim())} without quotes`
        : 'must be a number'
    default:
      return `must be ${expected}`
  }
}

/** True for an override of what a version's digest holds. */
function heldByDigest(path: Path, key: string): boolean {
  if (path[0] !== 'environments' || path[2] !== 'serving') return false
  if (path.length === 4) return path[3] === 'ready' && key === 'path'
  return path.length === 3 && (DIGEST_KEYS as readonly string[]).includes(key)
}

function unknownKey(schema: z.ZodMiniType, path: Path, key: string): string {
  if (heldByDigest(path, key)) return 'is part of the version, the same in every environment: set it under serving'
  const known = fieldsAt(schema, path)
  const meant = nearest(key, known)
  if (meant !== undefined) return `is no key here: did you mean ${meant}?`
  const home = homesOf(schema, key).find((place) => place !== dotted(path))
  if (home !== undefined) return `is no key here: it belongs ${home === '' ? 'to the top level' : `under ${home}`}`
  return `is no key here: known are ${shorten([...known].join(', '), 160)}`
}

function ofIssue(issue: z.core.$ZodIssue, schema: z.ZodMiniType, raw: unknown): readonly Problem[] {
  const path = issue.path as Path
  const value = valueAt(raw, path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], at: 'key', message: unknownKey(schema, path, key) }))
  if (issue.code === 'invalid_key')
    return [{ path, at: 'key', message: issue.issues[0]?.message ?? 'is no valid name' }]
  if (issue.code === 'invalid_union') return ofUnion(issue, schema, raw)
  return [{ path, message: messageOf(issue, value) }]
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return typeMessage(issue.code === 'invalid_type' ? issue.expected : 'string', null)
  if (issue.message !== '' && issue.message !== 'Invalid input') return issue.message
  if (issue.code === 'invalid_type') return typeMessage(issue.expected, value)
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    const meant = typeof value === 'string' ? nearest(value, known) : undefined
    if (known.length === 1) return `must be ${known[0]}`
    return `is not one of ${known.join(', ')}${meant === undefined ? '' : `: did you mean ${meant}?`}`
  }
  return 'is not valid'
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a number',
  boolean: 'true or false',
}
/** What a branch of a union would have taken. */
const kindOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_value'
    ? `one of ${issue.values.map(String).join(', ')}`
    : issue.code === 'invalid_type'
      ? (KINDS[issue.expected] ?? 'a map of keys and values')
      : 'something else'

/** Of a union, the branch that the writer meant: the one whose type fits. */
function ofUnion(
  issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>,
  schema: z.ZodMiniType,
  raw: unknown,
): readonly Problem[] {
  const path = issue.path as Path
  const value = valueAt(raw, path)
  const mismatch = (branch: readonly z.core.$ZodIssue[]): number =>
    branch.reduce((sum, inner) => {
      if (inner.path.length === 0 && inner.code === 'invalid_type') return sum + 1000
      if (inner.path.length === 0 && inner.code === 'invalid_value' && typeof value !== 'string') return sum + 1000
      if (inner.code === 'unrecognized_keys') return sum + 10 * inner.keys.length
      return sum + 1
    }, 0)
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const best = branches.toSorted((a, b) => mismatch(a) - mismatch(b))[0]
  if (best === undefined || mismatch(best) >= 1000) {
    if (value === null) return [{ path, message: typeMessage('string', null) }]
    return [{ path, message: `must be ${[...new Set(issue.errors.flat().map(kindOf))].join(' or ')}` }]
  }
  return best.flatMap((inner) => ofIssue({ ...inner, path: [...issue.path, ...inner.path] }, schema, raw))
}

/** zod's issues as problems. `raw`: what was parsed. */
export const problemsOf = (error: z.core.$ZodError, schema: z.ZodMiniType, raw: unknown): readonly Problem[] =>
  error.issues.flatMap((issue) => ofIssue(issue, schema, raw))

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
