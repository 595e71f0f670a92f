/** Values with units and the other small values of slipway.yaml. Messages hold the text that would be right. */
import * as z from 'zod/mini'
import { parseDifference, parseDuration, parseShare, parseSize } from '../../kit/units.ts'

/** What a scalar says about itself in the JSON Schema; `default` is added by `orElse`. */
export type About = string

/** Adds what a schema says about itself; on the schema itself, for a copy of each would cost start-up time. */
export function said<S extends z.ZodMiniType>(
  schema: S,
  about: string,
  more: Readonly<Record<string, unknown>> = {},
): S {
  z.globalRegistry.add(schema, { description: about, ...more })
  return schema
}

interface Unit {
  readonly parse: (text: string) => number | undefined
  readonly pattern: string
  readonly what: string
  readonly examples: readonly string[]
  /** The text that was probably meant by a number and the letters after it; undefined: no guess. */
  readonly mend: (number: number, letters: string) => string | undefined
}

const round = (value: number): string => String(Number(value.toPrecision(12)))
const NUMBER_AND_LETTERS = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-zA-Z%]*)\.?\s*$/

const DURATION_WORDS: Readonly<Record<string, string>> = {
  ms: 'ms',
  msec: 'ms',
  millisecond: 'ms',
  s: 's',
  sec: 's',
  second: 's',
  m: 'm',
  min: 'm',
  minute: 'm',
  h: 'h',
  hr: 'h',
  hour: 'h',
  d: 'd',
  day: 'd',
}
const SIZE_WORDS: Readonly<Record<string, string>> = {
  b: 'B',
  byte: 'B',
  k: 'KiB',
  ki: 'KiB',
  kib: 'KiB',
  m: 'MiB',
  mi: 'MiB',
  mib: 'MiB',
  mb: 'MB',
  g: 'GiB',
  gig: 'GiB',
  gi: 'GiB',
  gib: 'GiB',
  gb: 'GB',
  t: 'TiB',
  ti: 'TiB',
  tib: 'TiB',
}
function wordIn(words: Readonly<Record<string, string>>, letters: string): string | undefined {
  const word = letters.toLowerCase()
  for (const key of [word, word.replace(/s$/, '')]) if (Object.hasOwn(words, key)) return words[key]
  return undefined
}

const DURATION: Unit = {
  parse: parseDuration,
  pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h|d))+$',
  what: 'a duration',
  examples: ['250ms', '10s', '5m', '2h'],
  mend: (number, letters) => {
    if (letters === '') return number === 0 ? '0s' : `${round(number)}s, or ${round(number)}m for minutes`
    const unit = wordIn(DURATION_WORDS, letters)
    return unit === undefined ? undefined : `${round(number)}${unit}`
  },
}
const SHARE: Unit = {
  parse: parseShare,
  pattern: '^\\d+(\\.\\d+)?\\s?%$',
  what: 'a share',
  examples: ['5%', '100%'],
  mend: (number, letters) => {
    if (letters === '') return `${round(number > 0 && number < 1 ? number * 100 : number)}%`
    return /^(pp|pct|percent)$/i.test(letters) ? `${round(number)}%` : undefined
  },
}
const DIFFERENCE: Unit = {
  parse: parseDifference,
  pattern: '^\\d+(\\.\\d+)?\\s?pp$',
  what: 'a difference in percentage points',
  examples: ['1pp', '2.5pp'],
  mend: (number, letters) => {
    if (letters === '') return `${round(number > 0 && number < 1 ? number * 100 : number)}pp`
    return /^(%|p|pct|percent|points?)$/i.test(letters) ? `${round(number)}pp` : undefined
  },
}
const SIZE: Unit = {
  parse: parseSize,
  pattern: '^\\d+(\\.\\d+)?\\s?(B|KiB|MiB|GiB|TiB|kB|MB|GB)$',
  what: 'a size',
  examples: ['512MiB', '2GiB'],
  mend: (number, letters) => {
    if (letters === '') return number >= 4096 ? `${round(number)}B` : `${round(number)}GiB, or ${round(number)}MiB`
    const unit = wordIn(SIZE_WORDS, letters)
    return unit === undefined ? undefined : `${round(number)}${unit}`
  },
}

function complaint(unit: Unit, input: unknown): string {
  const examples = unit.examples.join(' or ')
  const match = typeof input === 'number' || typeof input === 'string' ? NUMBER_AND_LETTERS.exec(String(input)) : null
  const mended = match === null ? undefined : unit.mend(Number(match[1]), match[2]!)
  const bare = match !== null && match[2] === ''
  if (mended !== undefined) return bare ? `has no unit: write ${mended}` : `is not ${unit.what}: write ${mended}`
  return `is not ${unit.what} such as ${examples}`
}

interface Bounds {
  readonly min?: number
  readonly above?: number
  readonly max?: number
  readonly below?: number
}
/** The first bound that a number breaks, in words; `show` writes it as the file would. */
function broken(value: number, bounds: Bounds, show: (bound: number) => string): string | undefined {
  if (bounds.min !== undefined && value < bounds.min) return `must be at least ${show(bounds.min)}`
  if (bounds.above !== undefined && value <= bounds.above) return `must be above ${show(bounds.above)}`
  if (bounds.max !== undefined && value > bounds.max) return `must be at most ${show(bounds.max)}`
  if (bounds.below !== undefined && value >= bounds.below) return `must be below ${show(bounds.below)}`
  return undefined
}

function measured(unit: Unit, about: About, bounds: Bounds, show: (bound: number) => string) {
  const text = z.string({ error: (issue) => complaint(unit, issue.input) })
  const parsed = z.pipe(
    said(text, about, { pattern: unit.pattern, examples: [...unit.examples] }),
    z.transform((input: string, context) => {
      const value = unit.parse(input)
      const message = value === undefined ? complaint(unit, input) : broken(value, bounds, show)
      if (value !== undefined && message === undefined) return value
      context.issues.push({ code: 'custom', message: message ?? '', input })
      return z.NEVER
    }),
  )
  return said(parsed, about)
}

const DAYS_30 = 30 * 86_400_000
/** A duration; milliseconds. */
export const duration = (about: About, bounds: Bounds = {}) =>
  measured(DURATION, `${about} A duration: 250ms, 10s, 5m, 2h.`, { max: DAYS_30, ...bounds }, (ms) =>
    ms === DAYS_30 ? '30d' : ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`,
  )
/** A share; 0..1. */
export const share = (about: About, bounds: Bounds = {}) =>
  measured(SHARE, `${about} A share: 5%.`, { max: 1, ...bounds }, (bound) => `${round(bound * 100)}%`)
/** A difference of shares; 0..1. */
export const difference = (about: About, bounds: Bounds = {}) =>
  measured(
    DIFFERENCE,
    `${about} Percentage points: 1pp.`,
    { below: 1, ...bounds },
    (bound) => `${round(bound * 100)}pp`,
  )
/** A size; bytes. */
export const size = (about: About, bounds: Bounds = {}) =>
  measured(SIZE, `${about} A size: 512MiB, 2GiB.`, { max: Number.MAX_SAFE_INTEGER, ...bounds }, (bytes) => `${bytes}B`)

/** Text that a regular expression takes, or the message. */
export const text = (about: About, pattern: RegExp, message: string) =>
  said(z.string().check(z.regex(pattern, { error: message })), about)
/** Any text that is not empty. */
export const words = (about: About) => said(z.string().check(z.minLength(1, { error: 'is empty' })), about)
/** A whole number. */
export const whole = (about: About, bounds: { readonly min: number; readonly max: number }) =>
  said(
    z
      .number()
      .check(
        z.int({ error: 'must be a whole number' }),
        z.gte(bounds.min, { error: `must be at least ${bounds.min}` }),
        z.lte(bounds.max, { error: `must be at most ${bounds.max}` }),
      ),
    about,
  )
/** A finite number. */
export const number = (about: About) => said(z.number(), about)
export const flag = (about: About) => said(z.boolean(), about)
export const choice = <const T extends readonly [string, ...string[]]>(about: About, of: T) => said(z.enum(of), about)

/** An argument vector. */
export const argv = (about: About) =>
  said(
    z
      .array(z.string().check(z.regex(/^[^\0]+$/, { error: 'is empty, or holds a NUL' })))
      .check(z.minLength(1, { error: 'is empty: name a program' })),
    about,
  )
/** A JSON pointer (RFC 6901); the empty one is the whole document. */
export const pointer = (about: About) =>
  text(`${about} A JSON pointer (RFC 6901).`, /^(\/([^~]|~[01])*)*$/, 'is no JSON pointer: it begins with /, as /label')

/** A map whose keys are all known; any other is an error. */
export function map<S extends Readonly<Record<string, z.ZodMiniType>>>(about: About, shape: S) {
  return said(z.strictObject(shape), about)
}
/** A schema that is made when it is first needed: most files use few of the keys, and each costs start-up time. */
export function later<S extends z.ZodMiniType>(about: About, make: (about: About) => S): z.ZodMiniLazy<S> {
  return said(
    z.lazy(() => make(about)),
    about,
  )
}
/** A map of which exactly one key is given. */
export function oneOf<S extends Readonly<Record<string, z.ZodMiniType>>>(about: About, shape: S) {
  const keys = Object.keys(shape)
  const exactlyOne = z.refine<object>((value) => Object.keys(value).length === 1, {
    error: `takes exactly one of ${keys.join(', ')}`,
  })
  const meant = (input: unknown): string | undefined =>
    typeof input === 'string' && keys.includes(input) ? `is a word alone: write {${input}: {}}` : undefined
  const partial = z.partial(z.strictObject(shape, { error: (issue) => meant(issue.input) })).check(exactlyOne)
  return said(partial, about, { minProperties: 1, maxProperties: 1 })
}
/** A key that may be left out, and what stands for it then, as the file would write it. */
export function orElse<S extends z.ZodMiniType>(schema: S, input: z.input<S>): z.ZodMiniPrefault<S> {
  return z.prefault(schema, input as never)
}

/** A key that may be left out, and then is nothing; `without`: what stands for it, in words. */
export function optional<S extends z.ZodMiniType>(schema: S, without?: string): z.ZodMiniOptional<S> {
  const about = z.globalRegistry.get(schema)?.description ?? ''
  const own = about.replace(/ Default: .*?\.(?= |$)/, '')
  const told = own !== about && without === undefined ? about : `${own} Default: ${without ?? 'none'}.`
  return said(z.optional(schema), told)
}
