/** Broken files and what is said of them: `fixtures/broken/NAME.yaml` -> NAME.txt. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { SlipwayError } from '../../src/errors.ts'
import { errorObject } from '../../src/view/error.ts'

const FOLDER = join(import.meta.dirname, 'fixtures', 'broken')
const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -5))

function refusal(name: string): SlipwayError {
  const text = readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')
  try {
    parseConfig(text, '/project/slipway.yaml', 'slipway.yaml')
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error(`${name} was taken`)
}

test('there are at least ten', () => expect(names.length).toBeGreaterThanOrEqual(10))

describe.each(names)('%s', (name) => {
  const error = refusal(name)

  test('is told with places and remedies', async () => {
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.exit).toBe(2)
    await expect(`${error.message}\n`).toMatchFileSnapshot(`fixtures/broken/${name}.txt`)
  })

  test('has a place for each line', () => {
    const lines = error.message.split('\n').filter((line) => line.startsWith('slipway.yaml:'))
    expect(error.where.map((at) => `slipway.yaml:${at.line}:${at.column}`)).toEqual(
      lines.map((line) => line.split(' ')[0]),
    )
    expect(lines.length).toBeGreaterThan(0)
  })

  test('fits in 2 kB, as text and as JSON, and holds nothing invisible', () => {
    const bytes = (text: string): number => new TextEncoder().encode(text).length
    expect(bytes(error.message)).toBeLessThanOrEqual(2000)
    expect(bytes(JSON.stringify(errorObject(error, { folder: null, home: null })))).toBeLessThanOrEqual(2000)
    expect(error.message).not.toMatch(/[\u202a-\u202e\u0000-\u0009\u000b-\u001f]/)
  })
})
