/** YAML that means harm: it costs little and is refused with a place. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectConfig, loadConfig, parseConfig } from '../../src/config/load.ts'
import { readYaml } from '../../src/config/yaml.ts'
import { YAML_LIMITS } from '../../src/config/yaml-values.ts'
import { SlipwayError } from '../../src/errors.ts'
import { memoryFiles } from '../../src/io/files.ts'
import { LONG } from './long-form.ts'

const messages = (text: string): readonly string[] => readYaml(text).problems.map((problem) => problem.message)
const HEAD = 'apiVersion: slipway.dev/v1\nmodel: m\n'

describe('bounds', () => {
  test.each([
    ['[', 'levels'],
    ['{a: ', 'levels'],
    ['- ', 'more than'],
    ['? ', 'more than'],
    ['!a ', 'more than'],
    ['&a ', 'more than'],
    ['x: y\n', 'more than'],
    [': ', ''],
    ['"', ''],
    ['---\n', 'more than'],
    ['%YAML 1.1\n', ''],
  ])('a text full of %j is refused', (part, said) => {
    const text = part.repeat(Math.floor(YAML_LIMITS.bytes / part.length))
    const { source, problems } = readYaml(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.map((problem) => problem.message).join('\n')).toContain(said)
    expect(source).toBeNull()
  })

  test.each(['[', '{a: ', '- ', '? ', 'a:\n'])('nesting by %j is bounded', (part) => {
    const indented = Array.from({ length: 60 }, (_, k) => (part === 'a:\n' ? ' '.repeat(k) + part : part)).join('')
    expect(messages(indented)).toEqual(['is nested deeper than 32 levels'])
  })

  test('a text that is too long is not read at all', () => {
    expect(messages(`a: ${'x'.repeat(YAML_LIMITS.bytes)}`)).toEqual(['is longer than 128 KiB'])
  })

  test.each(['[[[[', 'a: [[[[\n', 'a: {b: {c: [\n'])(
    'brackets that stay open are one problem at one place: %j',
    (text) => {
      const { problems } = readYaml(text)
      expect(problems).toHaveLength(1)
      expect(problems[0]?.message).toMatch(/^is no YAML: /)
    },
  )

  test('a file that is too large says so, with its size and the limit', async () => {
    const files = memoryFiles()
    await files.folder('/p')
    await files.write('/p/slipway.yaml', 'x'.repeat(2 * YAML_LIMITS.bytes))
    await expect(loadConfig(files, '/p')).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^slipway\.yaml is too large: 256 KiB, and at most 128 KiB are read/),
      where: [{ file: 'slipway.yaml' }],
    })
  })

  test('aliases cannot multiply without end', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let k = 1; k < 10; k++) lines.push(`a${k}: &a${k} [${`*a${k - 1}, `.repeat(9)}]`)
    const { source, problems } = readYaml(lines.join('\n'))
    expect(source).toBeNull()
    expect(problems[0]?.message).toBe('holds more than 20000 values once its aliases are filled in')
  })

  test('an alias of what holds it is refused', () => {
    expect(messages('a: &a {b: [*a]}')).toEqual(['holds itself: *a'])
  })

  test('a few aliases are taken', () => {
    expect(readYaml('a: &x [1, 2]\nb: *x\nc: {d: *x}').source?.value).toEqual({
      a: [1, 2],
      b: [1, 2],
      c: { d: [1, 2] },
    })
  })

  test('what fits within the bounds is read', () => {
    const wide = Array.from({ length: 3000 }, (_, k) => `k${k}: ${k}`).join('\n')
    expect(Object.keys(readYaml(wide).source?.value as object)).toHaveLength(3000)
    const deep = `${'{a: '.repeat(20)}1${'}'.repeat(20)}`
    expect(readYaml(deep).problems).toEqual([])
  })
})

describe('what YAML offers and nobody needs', () => {
  test.each([
    ['a: !!js/function "x"', 'has a tag'],
    ['a: !ruby/object:X {}', 'has a tag'],
    ['a: !!binary aGk=', 'has a tag'],
    ['a: !!str 5', 'has a tag'],
    ['<<: {a: 1}', 'is a merge key'],
    ['a: &a {b: 1}\nc: {<<: *a}', 'is a merge key'],
    ['? [a]\n: 1', 'has a key that is no text'],
    ['? {a: 1}\n: 1', 'has a key that is no text'],
    ['null: 1', 'has a key that is no text'],
    ['a: .nan', 'is no finite number'],
    ['a: -.inf', 'is no finite number'],
    ['%YAML 1.1\n---\na: yes', 'directive'],
    ['a: 1\n---\nb: 1', 'second document'],
    ['a: *b', 'names an anchor that is not there'],
    ['a: 1\na: 2', 'stands twice: also in line 1'],
    ['{a: 1, "a": 2}', 'stands twice: also in line 1'],
  ])('%j is refused', (text, said) => {
    expect(messages(text).join('\n')).toContain(said)
  })

  test('words of other versions are texts', () => {
    expect(readYaml('a: yes\nb: off\nc: 012\nd: 1:30\ne: 2001-01-01').source?.value).toEqual({
      a: 'yes',
      b: 'off',
      c: 12,
      d: '1:30',
      e: '2001-01-01',
    })
  })
})

describe('keys of prototypes', () => {
  test('__proto__ is refused and changes no object', () => {
    expect(messages('__proto__: {polluted: 1}')).toEqual(['is no key'])
    expect(messages('a: {"__proto__": {polluted: 1}}')).toEqual(['is no key'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  test.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is a key like any other: unknown, or a name where names are free',
    (key) => {
      const { problems } = inspectConfig(`${HEAD}serving: {command: [x]}\n${key}: 1\n`, '/p/s.yaml', 's.yaml')
      expect(problems.map((problem) => problem.message).join()).toContain('is no key here')
      const free = parseConfig(`${HEAD}serving: {command: [x], env: {${key}: "1"}}\n`, '/p/s.yaml', 's.yaml')
      expect(Object.entries(free.serving.env)).toEqual([[key, '1']])
    },
  )
})

describe('how a text may be written', () => {
  const plain = `${HEAD}serving:\n  command: [x]\n  drain: 1m\n`
  const config = parseConfig(plain, '/p/s.yaml', 's.yaml')

  test('a byte order mark and line ends of Windows change nothing, nor do places', () => {
    const windows = `\ufeff${plain.replaceAll('\n', '\r\n')}`
    expect(parseConfig(windows, '/p/s.yaml', 's.yaml')).toEqual(config)
    const { problems, source } = inspectConfig(`${windows}nonsense: 1\r\n`, '/p/s.yaml', 's.yaml')
    expect(problems).toHaveLength(1)
    expect(source?.locate(problems[0]!.path, 'key')).toEqual({ line: 6, column: 1 })
  })

  test('JSON is YAML', () => {
    const json = { apiVersion: 'slipway.dev/v1', model: 'm', serving: { command: ['x'], drain: '1m' } }
    expect(parseConfig(JSON.stringify(json), '/p/s.yaml', 's.yaml')).toEqual(config)
  })

  test('a tab that indents is refused with its place', () => {
    expect(readYaml('a:\n\tb: 1').problems[0]).toMatchObject({ position: { line: 2, column: 1 } })
  })
})

describe('any text', () => {
  const read = (text: string): void => {
    try {
      parseConfig(text, '/p/slipway.yaml', 'slipway.yaml')
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.where.length).toBeGreaterThan(0)
      for (const { line, column } of error.where) {
        expect(line).toBeGreaterThan(0)
        expect(column).toBeGreaterThan(0)
      }
      expect(new TextEncoder().encode(error.message).length).toBeLessThanOrEqual(2000)
    }
  }

  test('of random characters is read or refused', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), read), { numRuns: 300 })
  })

  test('of YAML signs is read or refused', () => {
    const signs = fc.constantFrom(...'{}[]:,-?!&*#|>%@`"\' \n\ta1<~=\r\\', ': ', '- ', '<<', 'model: ', 'serving: ')
    const text = fc.array(signs, { maxLength: 80 }).map((parts) => parts.join(''))
    fc.assert(fc.property(text, read), { numRuns: 1000 })
  })

  test('of a good file with a piece cut out or put in is read or refused', () => {
    const at = fc.nat({ max: LONG.length })
    const piece = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('{', ']', '"', '\n', '- ', ': ', '  '))
    fc.assert(
      fc.property(at, fc.nat({ max: 20 }), piece, (from, length, put) =>
        read(LONG.slice(0, from) + put + LONG.slice(from + length)),
      ),
      { numRuns: 150 },
    )
  })

  test('that holds any JSON at any key is read or refused', () => {
    const keys = ['artifact', 'serving', 'training', 'evaluation', 'release', 'environments', 'model', 'apiVersion']
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 4 }), (key, value) =>
        read(JSON.stringify({ apiVersion: 'slipway.dev/v1', model: 'm', serving: { command: ['x'] }, [key]: value })),
      ),
      { numRuns: 300 },
    )
  })

  test('any JSON that YAML can hold comes back as it was', () => {
    const clean = fc
      .jsonValue({ maxDepth: 5 })
      .filter((value) => !JSON.stringify(value).includes('__proto__') && !/"<<":/.test(JSON.stringify(value)))
    fc.assert(
      fc.property(clean, (value) => {
        const { source, problems } = readYaml(JSON.stringify({ value }))
        expect(problems).toEqual([])
        expect(source?.value).toEqual({ value: JSON.parse(JSON.stringify(value)) })
      }),
    )
  })
})
