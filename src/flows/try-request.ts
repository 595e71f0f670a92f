/** The request of `init --try`: JSON as typed, or a file that holds it; the first line of an evaluation set will do. */
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { visible } from '../kit/text.ts'
import type { TryRequest } from './try-server.ts'

const MOST_BYTES = 4 * 2 ** 20

const requestSchema = z.object({
  method: z.prefault(z.string().check(z.regex(/^[A-Z]{1,20}$/)), 'POST'),
  path: z.string().check(z.regex(/^\/[\x21-\x7e]*$/)),
  headers: z.prefault(
    z.record(z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)), z.string().check(z.regex(/^[\t\x20-\x7e]*$/))),
    {},
  ),
  body: z.optional(z.unknown()),
})
const lineSchema = z.object({ request: requestSchema, expect: z.optional(z.unknown()) })
const flatSchema = z.extend(requestSchema, { expect: z.optional(z.unknown()) })

/** `given` begins with { or names a file, relative to `cwd`. Throws USAGE with the form that is expected. */
export async function readTryRequest(files: Pick<Files, 'read'>, cwd: string, given: string): Promise<TryRequest> {
  const text = given.trim().startsWith('{')
    ? given
    : new TextDecoder().decode(await files.read(resolve(cwd, given), MOST_BYTES))
  const json = parsed(text) ?? parsed(text.split('\n').find((line) => line.trim() !== '') ?? '')
  const line = z.safeParse(lineSchema, json)
  const flat = line.success ? { ...line.data.request, expect: line.data.expect } : z.safeParse(flatSchema, json).data
  if (flat !== undefined) return { ...flat, body: flat.body }
  const shown = text === given ? 'what was typed' : visible(given)
  throw new SlipwayError(
    'USAGE',
    `--try: ${shown} is no request such as {"method": "POST", "path": "/predict", "body": {…}, "expect": 7}`,
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
