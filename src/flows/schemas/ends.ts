/** Where a release stands and how it ends. */
import * as z from 'zod/mini'
import { maybe, text, texts } from './words.ts'

export const outcome = z.enum(['promoted', 'rolled-back', 'aborted', 'inconclusive'])
export const status = z.enum(['running', 'paused', 'held', 'concluded'])
export const phase = z.enum(['start', 'sets', 'steps', 'swap', 'watch', 'end', 'keep-warm', 'drain', 'over'])
export const cause = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['passed', 'cut-short']),
    accepted: z.optional(
      z.array(
        z.strictObject({
          gates: texts('Inconclusive gates that were taken for passed.'),
          by: text('Who accepted them.'),
          reason: maybe('Why; null: not said.'),
        }),
      ),
    ),
  }),
  z.strictObject({ kind: z.literal('hold-ended') }),
  z.strictObject({
    kind: z.literal('gate'),
    gate: text('The gate that failed.'),
    where: z.enum(['sets', 'shadow', 'canary', 'swap', 'watch']),
  }),
  z.strictObject({ kind: z.literal('version'), code: text('Error code.'), why: text('What it did.') }),
  z.strictObject({
    kind: z.literal('person'),
    by: text('Who.'),
    reason: maybe('Why; null: not said.'),
    verb: z.enum(['abort', 'rollback', 'replace']),
  }),
  z.strictObject({ kind: z.literal('undecided'), gates: texts('Gates that could not decide.') }),
])
