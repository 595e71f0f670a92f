/** The header of each template says what the registry says, and its example is a sound slipway.yaml. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { SERVING_TEMPLATES, TRAINING_TEMPLATES } from '../../src/config/templates/index.ts'
import { readYaml } from '../../src/config/yaml.ts'

const FOLDER = join(import.meta.dirname, '..', '..', 'templates')

interface Header {
  readonly name: string
  readonly kind: string
  readonly about: string
  readonly files: readonly string[]
  readonly params: Readonly<Record<string, { readonly default: unknown; readonly about: string }>>
  readonly example: string
}
const headerOf = (kind: string, name: string): Header => {
  const { source, problems } = readYaml(readFileSync(join(FOLDER, kind, name, 'template.yaml'), 'utf8'))
  expect(problems).toEqual([])
  return source!.value as Header
}

describe.each([
  ['serving', SERVING_TEMPLATES],
  ['training', TRAINING_TEMPLATES],
] as const)('templates/%s', (kind, registry) => {
  test('holds the templates that the registry knows', () => {
    expect(readdirSync(join(FOLDER, kind)).toSorted()).toEqual([...registry.names].toSorted())
  })

  describe.each([...registry.names])('%s', (name) => {
    const header = headerOf(kind, name)
    const template = registry.get(name)!

    test('says what the registry says', () => {
      expect(header).toMatchObject({ name, kind, files: template.files })
      expect(Object.fromEntries(Object.entries(header.params).map(([key, one]) => [key, one.default]))).toEqual(
        template.params,
      )
      expect(header.about).toMatch(/\.$/)
      for (const one of Object.values(header.params)) expect(one.about).toMatch(/\.$/)
    })

    test('its command uses each of its params, and only what is filled in', () => {
      const used = (template.command ?? []).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, word]) => word!))
      const filled = kind === 'serving' ? ['host', 'port', 'model'] : ['data', 'out', 'seed']
      if (template.command !== null)
        expect(used.toSorted()).toEqual([...filled, ...Object.keys(template.params)].toSorted())
    })

    test('its files are those that its command names', () => {
      for (const file of template.files) {
        expect(template.command).toContain(file)
        expect(existsSync(join(FOLDER, kind, name, file))).toBe(true)
      }
    })

    test('its example is a sound slipway.yaml of this template', () => {
      const config = parseConfig(header.example, '/p/slipway.yaml', 'slipway.yaml')
      if (kind === 'serving') expect(config.serving.template).toBe(name)
      else expect(config.training?.template ?? 'custom').toBe(name)
    })
  })
})

test('an unknown template is refused with the known ones, never taken for another', () => {
  expect(SERVING_TEMPLATES.get('vllm')).toBeUndefined()
  const text = 'apiVersion: slipway.dev/v1\nmodel: m\nserving: {template: vllm}\n'
  expect(() => parseConfig(text, '/p/s.yaml', 's.yaml')).toThrow(
    'serving.template is not one of custom, llamacpp, node-classifier',
  )
  expect(existsSync(join(FOLDER, 'serving', 'vllm'))).toBe(false)
})
