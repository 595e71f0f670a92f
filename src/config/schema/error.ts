/** The error object of `--json`. */
import * as z from 'zod/mini'
import { ERRORS, EXITS } from '../../errors.ts'

const about = <S extends z.ZodMiniType>(schema: S, description: string) => schema.check(z.meta({ description }))
const count = (description: string) => z.optional(about(z.int().check(z.gte(1)), description))

const exits = Object.keys(EXITS)
  .map(Number)
  .filter((exit) => exit !== 0)

export const errorSchema = z.strictObject({
  $schema: z.literal('slipway.dev/error/v1'),
  error: about(
    z.strictObject({
      code: about(z.enum(Object.keys(ERRORS) as [string, ...string[]]), 'What happened.'),
      exit: about(z.literal(exits), 'Exit code of the command; `slipway help exit-codes` lists them.'),
      message: about(z.string(), 'What, where, and what to do about it; a line for each problem.'),
      whose: about(z.enum(['input', 'version', 'outside', 'policy', 'slipway']), 'Whose fault it is.'),
      where: about(
        z.array(
          z.strictObject({
            file: z.optional(about(z.string(), 'Path, relative to where the command was typed.')),
            line: count('Counts from 1.'),
            column: count('Counts from 1.'),
            pointer: z.optional(about(z.string(), 'JSON pointer (RFC 6901).')),
          }),
        ),
        'Places in input files.',
      ),
      next: about(z.array(z.string()), 'Commands to type next.'),
    }),
    'A command that failed.',
  ),
})
