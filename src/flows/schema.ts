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
  asked: {
    about: 'what `release pause|resume|advance|accept|abort` and `rollback` print with --json',
    schema: async () => (await import('./schemas/release.ts')).askedSchema,
  },
  cancelled: {
    about: 'what `train cancel --json` prints',
    schema: async () => (await import('./schemas/training.ts')).cancelledSchema,
  },
  completion: {
    about: 'what `completion SHELL --json` prints',
    schema: async () => (await import('./own-results.ts')).completionSchema,
  },
  config: { about: 'slipway.yaml', schema: async () => (await import('../config/schema/index.ts')).configSchema },
  diagnosis: {
    about: 'what `doctor --json` prints',
    schema: async () => (await import('./doctor.ts')).diagnosisSchema,
  },
  error: {
    about: 'a command that failed, with --json',
    schema: async () => (await import('../config/schema/error.ts')).errorSchema,
  },
  eval: {
    about: 'what `eval run --json` prints, and its --report FILE.json',
    schema: async () => (await import('./eval-result.ts')).evaluatedSchema,
  },
  explain: {
    about: 'what `release explain --json` prints',
    schema: async () => (await import('./schemas/release.ts')).explainSchema,
  },
  help: {
    about: 'what `help --json` prints, and `COMMAND --help --json`',
    schema: async () => (await import('./own-results.ts')).helpSchema,
  },
  history: {
    about: 'what `release history --json` prints',
    schema: async () => (await import('./schemas/release.ts')).historySchema,
  },
  initialized: {
    about: 'what `init --json` prints',
    schema: async () => (await import('./init-result.ts')).initializedSchema,
  },
  inspected: {
    about: 'what `inspect --json` prints',
    schema: async () => (await import('./inspect-result.ts')).inspectedSchema,
  },
  labelled: {
    about: 'what `label add --json` prints',
    schema: async () => (await import('./schemas/versions.ts')).labelledSchema,
  },
  load: {
    about: 'what `local load --json` prints',
    schema: async () => (await import('./schemas/local.ts')).loadSchema,
  },
  'local-done': {
    about: 'what `local up|down --json` prints',
    schema: async () => (await import('./schemas/local.ts')).localDoneSchema,
  },
  'local-status': {
    about: 'what `local status --json` prints',
    schema: async () => (await import('./schemas/local.ts')).localStatusSchema,
  },
  'log-line': {
    about: 'a line of `local logs --json` and `train logs --json`',
    schema: async () => (await import('./schemas/local.ts')).logLineSchema,
  },
  note: {
    about: 'a line of `release watch --json` before its end',
    schema: async () => (await import('./schemas/release.ts')).noteSchema,
  },
  packed: { about: 'what `pack --json` prints', schema: async () => (await import('./pack-result.ts')).packedSchema },
  plan: { about: 'a plan file', schema: async () => (await import('../plan/schema.ts')).planSchema },
  planned: {
    about: 'what `plan --json` prints',
    schema: async () => (await import('./schemas/versions.ts')).plannedSchema,
  },
  pruned: {
    about: 'what `local prune --json` prints',
    schema: async () => (await import('./schemas/versions.ts')).prunedSchema,
  },
  quarantine: {
    about: 'what `quarantine list --json` prints',
    schema: async () => (await import('./schemas/release.ts')).quarantineSchema,
  },
  'quarantine-done': {
    about: 'what `quarantine add|lift --json` prints',
    schema: async () => (await import('./schemas/release.ts')).quarantineDoneSchema,
  },
  release: {
    about: 'what `release status --json` prints, and a report in JSON',
    schema: async () => (await import('./schemas/release.ts')).releaseSchema,
  },
  'release-end': {
    about: 'what `release start --json` prints, and `release watch --json` at the end',
    schema: async () => (await import('./schemas/release.ts')).releaseEndSchema,
  },
  report: {
    about: 'what `release report --json` prints',
    schema: async () => (await import('./schemas/release.ts')).reportSchema,
  },
  schema: { about: 'what `schema --json` prints', schema: async () => schemaNamesSchema },
  'training-run': {
    about: 'what `train run|status --json` prints',
    schema: async () => (await import('./schemas/training.ts')).trainingRunSchema,
  },
  'training-runs': {
    about: 'what `train list --json` prints',
    schema: async () => (await import('./schemas/training.ts')).trainingRunsSchema,
  },
  unit: {
    about: 'what `local service --json` prints',
    schema: async () => (await import('./schemas/local.ts')).unitSchema,
  },
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
