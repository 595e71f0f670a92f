/** JSON Schema from zod, in the draft that editors read. */
import * as z from 'zod/mini'
import { configSchema } from './schema/index.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** The schema of what is written (units as text, defaults as the file would have them). */
export function jsonSchemaOf(name: string, schema: z.core.$ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })
  return { $schema, $id: `slipway.dev/${name}/v1`, ...rest }
}

export const configJsonSchema = (): JsonSchema => jsonSchemaOf('config', configSchema)

/** The shape of what a command prints with --json, `$schema` included. */
export function outputOf<S extends z.core.$ZodShape>(name: string, shape: S) {
  const id = z.literal(`slipway.dev/${name}/v1`).check(z.meta({ description: 'Names this schema.' }))
  return z.strictObject({ $schema: id, ...shape })
}
