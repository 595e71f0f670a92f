/** The JSON Schema: what zod says, kept as a golden file; every key described; samples agree with the loader. */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts'
import { inspectConfig } from '../../src/config/load.ts'
import { readYaml } from '../../src/config/yaml.ts'
import { schemaNamed, schemaNames } from '../../src/flows/schema.ts'
import { LONG } from './long-form.ts'

const schema = configJsonSchema()

describe('golden files', () => {
  test('of slipway.yaml', async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot('../golden/schema/config.json')
  })
  test('of errors', async () => {
    const error = await schemaNamed('error')
    await expect(`${JSON.stringify(error, null, 2)}\n`).toMatchFileSnapshot('../golden/schema/error.json')
  })
})

/** Every property of every object of a schema, with its dotted name. */
function properties(node: unknown, path: string): readonly (readonly [string, JsonSchema])[] {
  if (typeof node !== 'object' || node === null) return []
  const found: (readonly [string, JsonSchema])[] = []
  for (const [key, value] of Object.entries(node as JsonSchema)) {
    if (key === 'properties')
      for (const [name, property] of Object.entries(value as JsonSchema)) {
        const here = `${path}.${name}`
        found.push([here, property as JsonSchema], ...properties(property, here))
      }
    else if (typeof value === 'object' && key !== 'default') found.push(...properties(value, path))
  }
  return found
}

/** The properties that their object must have, and those of which it takes exactly one. */
function musts(node: unknown, found = new Set<unknown>()): ReadonlySet<unknown> {
  if (typeof node !== 'object' || node === null) return found
  const {
    properties: inner = {},
    required = [],
    maxProperties,
  } = node as {
    properties?: JsonSchema
    required?: readonly string[]
    maxProperties?: number
  }
  for (const [name, property] of Object.entries(inner))
    if (maxProperties === 1 || required.includes(name)) found.add(property)
  for (const value of Object.values(node)) musts(value, found)
  return found
}

describe('every key', () => {
  const keys = properties(schema, '')
  const required = musts(schema)

  test('of the contract is there', () => {
    expect(keys.length).toBeGreaterThan(110)
  })
  test.each(keys.map(([name, property]) => [name, property] as const))('%s is described', (_, property) => {
    expect(property.description).toMatch(/\S.*[.…]$/s)
  })
  test('that may be left out says what stands for it', () => {
    const optional = keys.filter(([, property]) => property.default === undefined && !required.has(property))
    const silent = optional.filter(([, { description }]) => !String(description).includes('Default: '))
    expect(silent.map(([name]) => name)).toEqual([])
  })
})

describe('a sample is taken by the schema if it is taken by the loader', () => {
  const validator = z.fromJSONSchema(structuredClone(schema) as Parameters<typeof z.fromJSONSchema>[0])
  const HEAD = 'apiVersion: slipway.dev/v1\nmodel: m\n'
  const taken = (text: string): boolean => validator.safeParse(readYaml(text).source?.value).success

  test.each([
    `${HEAD}serving: {command: [x]}\n`,
    `${HEAD}serving: {template: llamacpp, params: {ctx: 1}}\n`,
    `${HEAD}serving: {command: [x]}\nrelease: {steps: [{full: {}}]}\n`,
    LONG,
  ])('sound: %#', (text) => {
    expect(inspectConfig(text, '/p/s.yaml', 's.yaml').problems).toEqual([])
    expect(taken(text)).toBe(true)
  })

  test.each([
    `${HEAD}`,
    'model: m\nserving: {command: [x]}\n',
    `${HEAD}serving: {comand: [x]}\n`,
    `${HEAD}serving: {command: x}\n`,
    `${HEAD}serving: {command: [x], drain: 5}\n`,
    `${HEAD}serving: {command: [x], drain: 5 minutes}\n`,
    `${HEAD}serving: {command: [x], resources: {memory: 2G}}\n`,
    `${HEAD}serving: {command: [x], replicas: 0}\n`,
    `${HEAD}serving: {command: [x], template: vllm}\n`,
    `${HEAD}serving: {command: [x], answer: label}\n`,
    `${HEAD}serving: {command: [x]}\nrelease: {alpha: 0.05}\n`,
    `${HEAD}serving: {command: [x]}\nrelease: {gates: [{errors: {margin: 1%}}]}\n`,
    `${HEAD}serving: {command: [x]}\nenvironments: {dev: {serving: {command: [y]}}}\n`,
  ])('broken: %#', (text) => {
    expect(inspectConfig(text, '/p/s.yaml', 's.yaml').problems.length).toBeGreaterThan(0)
    expect(taken(text)).toBe(false)
  })
})

describe('schemas by name', () => {
  test('each has its name in its $id and says what it is of', async () => {
    for (const { name, about } of schemaNames().schemas) {
      expect(about).not.toBe('')
      expect(await schemaNamed(name)).toMatchObject({ $id: `slipway.dev/${name}/v1` })
    }
  })
  test('a mistyped one gets a suggestion', async () => {
    await expect(schemaNamed('confg')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('did you mean config?'),
    })
    await expect(schemaNamed('toString')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/known are .*config/),
    })
  })
})
