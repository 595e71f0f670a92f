/** Words that the schemas of outputs are made of. */
import * as z from 'zod/mini'

export const about = <S extends z.ZodMiniType>(schema: S, description: string): S =>
  schema.check(z.meta({ description }))
export const text = (description: string) => about(z.string(), description)
/** null: as the description says. */
export const maybe = (description: string) => about(z.nullable(z.string()), description)
export const count = (description: string) => about(z.int().check(z.gte(0)), description)
export const share = (description: string) => about(z.number().check(z.gte(0), z.lte(1)), description)
export const rate = (description: string) => about(z.nullable(z.number()), `${description}; null: too little was seen.`)
export const yes = (description: string) => about(z.boolean(), description)
export const texts = (description: string) => about(z.array(z.string()), description)
export const counts = (description: string) => about(z.record(z.string(), z.int()), description)
export const numbers = (description: string) => about(z.record(z.string(), z.number()), description)
/** Wall clock. */
export const moment = (description: string) => about(z.number(), `${description}; ms since 1970, UTC.`)
export const maybeMoment = (description: string) =>
  about(z.nullable(z.number()), `${description}; ms since 1970, UTC; null: not yet, or never.`)
export const ms = (description: string) => about(z.number(), `${description}; ms.`)
export const digest = about(z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)), 'sha256: and 64 hex digits.')
export const undo = maybe('The command that undoes it; null: nothing does, or nothing was changed.')

export const lineage = about(
  z.strictObject({
    run: z.optional(text('Training run that it comes from.')),
    dataDigest: z.optional(text('Digest of the data that it was trained on.')),
    codeCommit: z.optional(text('Commit of the code.')),
    parent: z.optional(digest),
    metrics: z.optional(numbers('What the trainer measured.')),
    seed: z.optional(about(z.number(), 'Seed of the training.')),
  }),
  'Where it comes from; outside the digest.',
)
