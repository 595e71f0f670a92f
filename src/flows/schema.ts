/** `slipway schema`: the JSON Schema of slipway.yaml and of what commands print. */
import * as z from 'zod/mini'
import { type JsonSchema, jsonSchemaOf, outputOf } from '../config/json-schema.ts'
import { SlipwayError } from '../errors.ts'
import { nearest, visible } from '../kit/text.ts'

interface Entry {
  readonly about: string
  readonly schema: () => Promise<z.core.$ZodType>
}

/** One line for each thing that has a schema; its name is the middle of `slipway.dev/NAME/v1`. */
const SCHEMAS: Readonly<Record<string, Entry>> = {
  config: { about: 'slipway.yaml', schema: async () => (await import('../config/schema/index.ts')).configSchema },
  diagnosis: {
    about: 'what `doctor --json` prints',
    schema: async () => (await import('./doctor.ts')).diagnosisSchema,
  },
  completion: {
    about: 'what `completion SHELL --json` prints',
    schema: async () => (await import('./own-results.ts')).completionSchema,
  },
  error: {
    about: 'a command that failed, with --json',
    schema: async () => (await import('../config/schema/error.ts')).errorSchema,
  },
  eval: {
    about: 'what `eval run --json` prints, and its --report FILE.json',
    schema: async () => (await import('./eval-result.ts')).evaluatedSchema,
  },
  help: {
    about: 'what `help --json` prints, and `COMMAND --help --json`',
    schema: async () => (await import('./own-results.ts')).helpSchema,
  },
  initialized: {
    about: 'what `init --json` prints',
    schema: async () => (await import('./init-result.ts')).initializedSchema,
  },
  plan: { about: 'a plan file', schema: async () => (await import('../plan/schema.ts')).planSchema },
  schema: { about: 'what `schema --json` prints', schema: async () => schemaNamesSchema },
  validated: {
    about: 'what `validate --json` prints',
    schema: async () => (await import('./validate.ts')).validatedSchema,
  },
  version: {
    about: 'what `version --json` prints',
    schema: async () => (await import('./own-results.ts')).versionSchema,
  },
}

const schemaNamesSchema = outputOf('schema', {
  schemas: z
    .array(z.strictObject({ name: z.string(), about: z.string() }))
    .check(z.meta({ description: 'Names that `slipway schema NAME` takes, and what each is the schema of.' })),
})
export type SchemaNames = Omit<z.output<typeof schemaNamesSchema>, '$schema'>

export const schemaNames = (): SchemaNames => ({
  schemas: Object.entries(SCHEMAS).map(([name, { about }]) => ({ name, about })),
})

/** The schema of a name. Throws USAGE for an unknown one. */
export async function schemaNamed(name: string): Promise<JsonSchema> {
  const entry = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name] : undefined
  if (entry !== undefined) return jsonSchemaOf(name, await entry.schema())
  const meant = nearest(name, Object.keys(SCHEMAS))
  const help = meant === undefined ? `known are ${Object.keys(SCHEMAS).join(', ')}` : `did you mean ${meant}?`
  throw new SlipwayError('USAGE', `there is no schema named ${visible(name)}: ${help}`, { next: ['slipway schema'] })
}
