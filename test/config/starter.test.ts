/** A new slipway.yaml reads back as what was meant, whatever the words in it are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/load.ts'
import { type Starter, starterText } from '../../src/config/starter.ts'

const plain: Starter = {
  model: 'digits',
  artifactPath: null,
  template: 'custom',
  command: ['python', 'app.py', '--port', '{port}'],
  port: null,
  readyPath: null,
  requests: null,
  answer: null,
  training: null,
  remarks: [],
}

test('the text', () => {
  const text = starterText({
    ...plain,
    artifactPath: './model',
    readyPath: '/health',
    requests: ['POST /predict'],
    answer: '/label',
    remarks: ['Found\nby trying.'],
  })
  expect(text).toBe(`# yaml-language-server: $schema=.slipway/schema.json
# Every key, unit and default: slipway schema config. Check this file: slipway validate
apiVersion: slipway.dev/v1
model: digits
artifact:
  path: ./model
serving:
  # Found by trying.
  command: [python, app.py, --port, "{port}"]
  ready: {path: /health}
  requests: ["POST /predict"]
  answer: /label
`)
})

test('any argument comes back as it was', () => {
  const word = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes('\0') && text.isWellFormed())
  const awkward = fc.constantFrom(
    'yes',
    'null',
    '~',
    '-',
    '--',
    '- a',
    '#x',
    'a: b',
    '{port}',
    '*a',
    '&a',
    '!x',
    '0x10',
    '1e3',
    "'",
    '"',
    '\\',
    '<<',
    '.nan',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(word, awkward), { minLength: 1, maxLength: 5 }), word, (command, path) => {
      const config = parseConfig(
        starterText({ ...plain, command, artifactPath: path, remarks: [path] }),
        '/p/s.yaml',
        's.yaml',
      )
      expect(config.serving.command).toEqual(command)
      expect(config.artifact.path).toBe(path)
      expect(Object.keys(config.environments)).toEqual(['dev'])
    }),
    { numRuns: 300 },
  )
})
