/** `slipway schema`: the JSON Schema of slipway.yaml and of what commands print. */
import * as z from 'zod/mini'
import { type JsonSchema, jsonSchemaOf, outputOf } from '../config/json-schema.ts'
import { SlipwayError } from '../errors.ts'
import { nearest, visible } from '../kit/text.ts'

interface Entry {
  readonly about: string
  readonly schema: () => Promise<z.core.$ZodType>
}

// Loaded when they are asked for.
const local = () => import('./schemas/local.ts')
const own = () => import('./own-results.ts')
const release = () => import('./schemas/release.ts')
const training = () => import('./schemas/training.ts')
const versions = () => import('./schemas/versions.ts')

/** What has a schema: with --json, where it is a command; its name is the middle of `slipway.dev/NAME/v1`. */
const SCHEMAS: Readonly<Record<string, Entry>> = {
  asked: { about: 'a request to a release, and `rollback`', schema: async () => (await release()).askedSchema },
  cancelled: { about: '`train cancel`', schema: async () => (await training()).cancelledSchema },
  completion: { about: '`completion SHELL`', schema: async () => (await own()).completionSchema },
  config: { about: 'slipway.yaml', schema: async () => (await import('../config/schema/index.ts')).configSchema },
  diagnosis: { about: '`doctor`', schema: async () => (await import('./doctor.ts')).diagnosisSchema },
  error: {
    about: 'a command that failed',
    schema: async () => (await import('../config/schema/error.ts')).errorSchema,
  },
  eval: {
    about: '`eval run`, and its report in JSON',
    schema: async () => (await import('./eval-result.ts')).evaluatedSchema,
  },
  explain: { about: '`release explain`', schema: async () => (await release()).explainSchema },
  help: { about: '`help`, and `COMMAND --help`', schema: async () => (await own()).helpSchema },
  history: { about: '`release history`', schema: async () => (await release()).historySchema },
  initialized: { about: '`init`', schema: async () => (await import('./init-result.ts')).initializedSchema },
  inspected: { about: '`inspect`', schema: async () => (await import('./inspect-result.ts')).inspectedSchema },
  labelled: { about: '`label add`', schema: async () => (await versions()).labelledSchema },
  load: { about: '`local load`', schema: async () => (await local()).loadSchema },
  'local-done': { about: '`local up|down`', schema: async () => (await local()).localDoneSchema },
  'local-status': { about: '`local status`', schema: async () => (await local()).localStatusSchema },
  'log-line': { about: 'a line of `local logs` and `train logs`', schema: async () => (await local()).logLineSchema },
  note: { about: 'a line of `release watch`', schema: async () => (await release()).noteSchema },
  packed: { about: '`pack`', schema: async () => (await import('./pack-result.ts')).packedSchema },
  plan: { about: 'a plan file', schema: async () => (await import('../plan/schema.ts')).planSchema },
  planned: { about: '`plan`', schema: async () => (await versions()).plannedSchema },
  pruned: { about: '`local prune`', schema: async () => (await versions()).prunedSchema },
  quarantine: { about: '`quarantine list`', schema: async () => (await release()).quarantineSchema },
  'quarantine-done': { about: '`quarantine add|lift`', schema: async () => (await release()).quarantineDoneSchema },
  release: { about: '`release status`, and a report in JSON', schema: async () => (await release()).releaseSchema },
  'release-end': {
    about: '`release start`, and the end of `release watch`',
    schema: async () => (await release()).releaseEndSchema,
  },
  report: { about: '`release report`', schema: async () => (await release()).reportSchema },
  schema: { about: '`schema`', schema: async () => schemaNamesSchema },
  'training-run': { about: '`train run|status`', schema: async () => (await training()).trainingRunSchema },
  'training-runs': { about: '`train list`', schema: async () => (await training()).trainingRunsSchema },
  unit: { about: '`local service`', schema: async () => (await local()).unitSchema },
  validated: { about: '`validate`', schema: async () => (await import('./validate.ts')).validatedSchema },
  version: { about: '`version`', schema: async () => (await own()).versionSchema },
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
