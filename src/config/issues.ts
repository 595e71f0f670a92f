/** zod's issues in words that say what to write instead. */
import type * as z from 'zod/mini'
import { nearest, shorten, visible } from '../kit/text.ts'
import { dotted, type Path, type Problem, valueAt } from './problems.ts'
import { DIGEST_KEYS } from './schema/serving.ts'
import { fieldsAt, homesOf } from './shape.ts'

/** What was parsed, and by which schema. */
export interface ParsedText {
  readonly schema: z.ZodMiniType
  readonly raw: unknown
  /** How a number or a truth value at a path was written. */
  readonly written: (path: Path) => string | undefined
}

const show = (value: unknown): string =>
  typeof value === 'string' ? visible(shorten(value, 40)) : shorten(JSON.stringify(value) ?? 'nothing', 40)

/** `written`: how the value stands in the text, where that is known. */
function typeMessage(expected: string, value: unknown, written?: string): string {
  if (value === undefined) return 'is missing'
  if (value === null)
    return expected === 'object'
      ? 'is empty: write {} for the defaults, or remove the key'
      : 'is empty: give a value, or remove the key'
  switch (expected) {
    case 'string':
      return typeof value === 'object'
        ? 'must be text'
        : `must be text: write "${written === undefined ? show(value) : visible(shorten(written, 80))}"`
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

/** `list`: also name the known keys where nothing else helps. */
function unknownKey(schema: z.ZodMiniType, path: Path, key: string, list: boolean): string {
  if (heldByDigest(path, key)) return 'is part of the version, the same in every environment: set it under serving'
  const known = fieldsAt(schema, path)
  const meant = nearest(key, known)
  if (meant !== undefined) return `is no key here: did you mean ${meant}?`
  const home = homesOf(schema, key).find((place) => place !== dotted(path))
  if (home !== undefined) return `is no key here: it belongs ${home === '' ? 'to the top level' : `under ${home}`}`
  if (!list) return 'is no key here'
  return `is no key here: known are ${shorten([...known].join(', '), 160)}`
}

function ofIssue(issue: z.core.$ZodIssue, parsed: ParsedText): readonly Problem[] {
  const path = issue.path as Path
  const value = valueAt(parsed.raw, path)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key, index) => ({
      path: [...path, key],
      at: 'key',
      message: unknownKey(parsed.schema, path, key, index === 0),
    }))
  if (issue.code === 'invalid_key')
    return [{ path, at: 'key', message: issue.issues[0]?.message ?? 'is no valid name' }]
  if (issue.code === 'invalid_union') return ofUnion(issue, parsed)
  return [{ path, message: messageOf(issue, value, parsed.written(path)) }]
}

function messageOf(issue: z.core.$ZodIssue, value: unknown, written: string | undefined): string {
  if (value === undefined) return 'is missing'
  if (value === null) return typeMessage(issue.code === 'invalid_type' ? issue.expected : 'string', null)
  if (issue.message !== '' && issue.message !== 'Invalid input') return issue.message
  if (issue.code === 'invalid_type') return typeMessage(issue.expected, value, written)
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

/** How badly a branch of a union fits; 1000 and more: another type altogether. */
function misfit(branch: readonly z.core.$ZodIssue[], text: boolean): number {
  const lacking = branch.flatMap((issue) => (issue.path.length === 1 ? [String(issue.path[0])] : []))
  return branch.reduce((sum, issue) => {
    if (issue.path.length === 0 && issue.code === 'invalid_type') return sum + 1000
    if (issue.path.length === 0 && issue.code === 'invalid_value' && !text) return sum + 1000
    if (issue.code !== 'unrecognized_keys') return sum + 1
    // A mistyped key is that of the branch that lacks it.
    return sum + issue.keys.reduce((keys, key) => keys + (nearest(key, lacking) === undefined ? 10 : 2), 0)
  }, 0)
}

/** Of a union, the branch that the writer meant: the one whose type fits. */
function ofUnion(issue: Extract<z.core.$ZodIssue, { code: 'invalid_union' }>, parsed: ParsedText): readonly Problem[] {
  const path = issue.path as Path
  const value = valueAt(parsed.raw, path)
  const mismatch = (branch: readonly z.core.$ZodIssue[]): number => misfit(branch, typeof value === 'string')
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const best = branches.toSorted((a, b) => mismatch(a) - mismatch(b))[0]
  if (best === undefined || mismatch(best) >= 1000) {
    if (value === null) return [{ path, message: typeMessage('string', null) }]
    return [{ path, message: `must be ${[...new Set(issue.errors.flat().map(kindOf))].join(' or ')}` }]
  }
  return best.flatMap((inner) => ofIssue({ ...inner, path: [...issue.path, ...inner.path] }, parsed))
}

/** Of what one mistyped key causes, only that is told. */
function withoutConsequences(problems: readonly Problem[]): readonly Problem[] {
  const unknown = problems.filter((problem) => problem.at === 'key')
  const caused = ({ path, message, at }: Problem): boolean =>
    at !== 'key' &&
    unknown.some(({ path: key }) => {
      const around = key.slice(0, -1)
      const inside = path.length === key.length && dotted(path.slice(0, -1)) === dotted(around)
      if (inside) return message === 'is missing' && nearest(String(key.at(-1)), [String(path.at(-1))]) !== undefined
      return dotted(path) === dotted(around) && message.startsWith('takes exactly one')
    })
  return problems.filter((problem) => !caused(problem))
}

/** zod's issues as problems. */
export const problemsOf = (error: z.core.$ZodError, parsed: ParsedText): readonly Problem[] =>
  withoutConsequences(error.issues.flatMap((issue) => ofIssue(issue, parsed)))
