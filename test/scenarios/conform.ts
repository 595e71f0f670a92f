/** What a command printed with --json, held against the schema that it names. */
import * as z from 'zod'
import { schemaNamed } from '../../src/flows/schema.ts'

const validators = new Map<string, z.ZodType>()

async function validatorOf(name: string): Promise<z.ZodType> {
  const known = validators.get(name)
  if (known) return known
  const schema = structuredClone(await schemaNamed(name)) as Parameters<typeof z.fromJSONSchema>[0]
  const made = z.fromJSONSchema(schema)
  validators.set(name, made)
  return made
}

/** Throws where an object is not what `slipway schema` says of it, naming each place. */
export async function conform(value: unknown): Promise<void> {
  const named = (value as { readonly $schema?: unknown }).$schema
  const name = /^slipway\.dev\/([a-z-]+)\/v1$/.exec(String(named))?.[1]
  if (name === undefined) throw new Error(`no schema is named: ${JSON.stringify(value).slice(0, 200)}`)
  const { error } = (await validatorOf(name)).safeParse(value)
  if (error) throw new Error(`not what \`slipway schema ${name}\` says:\n${z.prettifyError(error)}`)
}
