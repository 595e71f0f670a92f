/** Evaluation sets: JSON lines {"id", "request": {"method", "path", "headers", "body"}, "expect"}. */
import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import '../kit/english.ts'
import { SlipwayError, type Where } from '../errors.ts'
import { shorten, visible } from '../kit/text.ts'
import type { Evaluator } from '../plan/types.ts'
import { evaluatorKind } from './evaluators/index.ts'

export interface SetLine {
  readonly id: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    /** JSON; undefined: no body. */
    readonly body: unknown
  }
  readonly expect: unknown
  /** Counts from 1 in the file. */
  readonly line: number
}
export interface EvaluationSet {
  /** Of the file's bytes. */
  readonly sha256: string
  readonly lines: readonly SetLine[]
}

/** Limits of a set: bytes of the file, of a line, and lines. */
const MOST_BYTES = 256 * 2 ** 20
const MOST_LINE = 4 * 2 ** 20
const MOST_LINES = 200_000
/** Faults that are listed; the rest is counted. */
const LISTED = 20

const lineSchema = z.strictObject({
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  request: z.strictObject({
    method: z._default(z.string().check(z.regex(/^[A-Z]{1,20}$/, 'a method is written in capitals')), 'POST'),
    path: z
      .string()
      .check(
        z.maxLength(8000),
        z.regex(/^\/[\x21-\x7e]*$/, 'a path begins with / and holds no spaces (encode others as %XX)'),
      ),
    headers: z._default(
      z.record(
        z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)),
        z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
      ),
      {},
    ),
    body: z.optional(z.json()),
  }),
  expect: z.optional(z.json()),
})

/**
 * Reads a set's bytes. SET_INVALID names file and line of every broken line (the first 20): not JSON, unknown or missing keys,
 * an id twice, an `expect` that the evaluator cannot use; and an empty or oversized file.
 */
export function parseSet(bytes: Uint8Array, file: string, evaluator: Evaluator): EvaluationSet {
  if (bytes.length > MOST_BYTES) throw invalid(file, [{ line: 1, message: 'the file is larger than 256 MiB' }], 1)
  const text = new TextDecoder('utf-8').decode(bytes)
  const lines: SetLine[] = []
  const faults: Fault[] = []
  let count = 0
  const first = new Map<string, number>()
  for (const [i, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue
    const parsed = lines.length >= MOST_LINES ? `more than ${MOST_LINES} lines` : readLine(raw, i + 1, evaluator)
    const fault = typeof parsed === 'string' ? parsed : repeated(first, parsed)
    if (fault !== null) {
      count++
      if (faults.length < LISTED) faults.push({ line: i + 1, message: fault })
    } else if (typeof parsed !== 'string') lines.push(parsed)
    if (lines.length >= MOST_LINES && count > 0) break
  }
  if (count > 0) throw invalid(file, faults, count)
  if (lines.length === 0) throw invalid(file, [{ line: 1, message: 'the set holds no line' }], 1)
  return { sha256: createHash('sha256').update(bytes).digest('hex'), lines }
}

/** What of a server a set's lines ask: "METHOD /path" without the query, each once. */
export const requestsOf = (lines: readonly SetLine[]): string[] => [
  ...new Set(lines.map(({ request }) => `${request.method} ${request.path.split(/[?#]/)[0]}`)),
]

interface Fault {
  readonly line: number
  readonly message: string
}

function readLine(raw: string, line: number, evaluator: Evaluator): SetLine | string {
  if (raw.length > MOST_LINE) return 'the line is longer than 4 MiB'
  let json: unknown
  try {
    json = JSON.parse(raw)
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : ''}`
  }
  const result = checked(json)
  if (result === null) return 'the line is nested too deep'
  if (!result.success) {
    const issue = result.error.issues[0]!
    const place = issue.path.join('.')
    return place === '' ? issue.message : `${place}: ${issue.message}`
  }
  const { id, request, expect } = result.data
  const unfit = evaluatorKind(evaluator.kind).unfit(expect)
  if (unfit !== null) return `expect: ${unfit}`
  return { id, request: { ...request, body: request.body }, expect, line }
}

function checked(json: unknown): ReturnType<typeof lineSchema.safeParse> | null {
  try {
    return lineSchema.safeParse(json)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function repeated(first: Map<string, number>, { id, line }: SetLine): string | null {
  const before = first.get(id)
  if (before !== undefined) return `the id ${id} stands in line ${before} already`
  first.set(id, line)
  return null
}

function invalid(file: string, faults: readonly Fault[], count: number): SlipwayError {
  const { line, message } = faults[0]!
  const where: Where[] = faults.map((fault) => ({ file, line: fault.line }))
  const more = count > 1 ? ` (and ${count - 1} more lines)` : ''
  return new SlipwayError('SET_INVALID', `${visible(file)}:${line}: ${visible(shorten(message, 300))}${more}`, {
    where,
    next: ['slipway validate'],
  })
}
