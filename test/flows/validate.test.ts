import { describe, expect, test } from 'vitest'
import { validate } from '../../src/flows/validate.ts'
import { systemFiles } from '../../src/io/files.ts'
import { folderWith } from './init-tools.ts'

const HEAD = 'apiVersion: slipway.dev/v1\nmodel: digits\n'
const LINE = '{"id":"1","request":{"path":"/p","body":1},"expect":1}\n'
const check = (files: Readonly<Record<string, string>>) => validate(systemFiles, folderWith(files))

test('a sound file with its sets', async () => {
  const yaml = `${HEAD}serving: {command: [x], answer: /a}\nevaluation: {sets: {golden: {path: ./g.jsonl}}}\n`
  const set = Array.from({ length: 130 }, (_, k) => LINE.replace('"1"', `"${k}"`)).join('')
  expect(await check({ 'slipway.yaml': yaml, 'g.jsonl': set, 'model/w': '' })).toEqual({
    file: 'slipway.yaml',
    model: 'digits',
    environments: ['dev'],
    sets: [{ name: 'golden', lines: 130 }],
    notes: [],
  })
})

describe('sets', () => {
  const yaml = `${HEAD}serving: {command: [x], answer: /a}\nevaluation:\n  sets:\n    a: {path: ./a.jsonl}\n    b: {path: ./b.jsonl}\n`

  test('that are not there are told at their path', async () => {
    await expect(check({ 'slipway.yaml': yaml, 'a.jsonl': LINE })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'slipway.yaml:7:15 evaluation.sets.b.path is no file: write the set to ./b.jsonl, or name another',
      where: [{ line: 7, pointer: '/evaluation/sets/b/path' }],
    })
  })

  test('with a broken line are told at that line', async () => {
    await expect(check({ 'slipway.yaml': yaml, 'a.jsonl': `${LINE}{"id"\n`, 'b.jsonl': LINE })).rejects.toMatchObject({
      code: 'SET_INVALID',
      exit: 2,
      message: expect.stringContaining('./a.jsonl:2: not JSON'),
      where: [{ file: './a.jsonl', line: 2 }],
    })
  })

  test('that are empty are no sets', async () => {
    await expect(check({ 'slipway.yaml': yaml, 'a.jsonl': '\n', 'b.jsonl': LINE })).rejects.toMatchObject({
      code: 'SET_INVALID',
    })
  })

  test('too small ever to pass are noted with the number that could', async () => {
    const { notes } = await check({ 'slipway.yaml': yaml, 'a.jsonl': LINE, 'b.jsonl': LINE, 'model/w': '' })
    expect(notes).toEqual([
      'set a has 1 line: with a margin of 3pp fewer than 125 can never pass against a baseline',
      'set b has 1 line: with a margin of 3pp fewer than 125 can never pass against a baseline',
    ])
  })
})

test('all problems at once: text, sets, and what contradicts', async () => {
  const yaml = `${HEAD}modle: x\nserving: {command: [x], drain: 5}\nevaluation: {sets: {a: {path: ./a.jsonl}}}\nrelease: {steps: [{canary: {weight: 5%}}]}\n`
  await expect(check({ 'slipway.yaml': yaml })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: [
      'slipway.yaml has 4 problems:',
      'slipway.yaml:3:1 modle is no key here: did you mean model?',
      'slipway.yaml:4:32 serving.drain has no unit: write 5s, or 5m for minutes',
      'slipway.yaml:5:31 evaluation.sets.a.path is no file: write the set to ./a.jsonl, or name another',
      'slipway.yaml:6:19 release.steps[0] stands wrong: the last step is full: add `- full: {}`',
    ].join('\n'),
  })
})

test('gates that nothing can answer', async () => {
  const yaml = `${HEAD}serving: {command: [x]}\nevaluation: {labels: {}}\n`
  await expect(check({ 'slipway.yaml': yaml })).rejects.toMatchObject({ code: 'GATE_UNANSWERABLE', exit: 2 })
})

test('notes: what is missing, and what would give a secret away', async () => {
  const yaml = `${HEAD}serving: {template: node-classifier, env: {API_TOKEN: hunter2}, envFile: .env}\ntraining: {template: node-classifier, data: {path: ./d.jsonl}}\n`
  const { notes } = await check({ 'slipway.yaml': yaml })
  expect(notes).toEqual([
    './model (artifact.path) is not there yet: `slipway train run --pack` makes a version',
    '.env (serving.envFile) is not there: a server will not start without it',
    'serve.mjs is not there: `slipway init --template node-classifier --force` writes it',
    'serving.env.API_TOKEN becomes part of the version, for all to read: a secret belongs in serving.envFile',
    './d.jsonl (training.data.path) is not there yet: `slipway train run` needs it',
  ])
  expect(notes.join()).not.toContain('hunter2')
})

test('notes: a version without a model is its code alone, unless the command asks for one', async () => {
  const notes = async (command: string) =>
    (await check({ 'slipway.yaml': `${HEAD}serving: {command: ${command}}\n` })).notes.join()
  expect(await notes('[python, app.py]')).toContain('a version is its code alone')
  expect(await notes('[python, app.py, "{model}"]')).toContain('./model (artifact.path) is not there yet')
})

test('notes: lines of the envFile that are none, by their numbers alone', async () => {
  const yaml = `${HEAD}serving: {command: [x], envFile: .env}\n`
  const notes = async (env: string) => (await check({ 'slipway.yaml': yaml, 'model/w': '', '.env': env })).notes
  expect(await notes('# all is well\nexport A=1\n')).toEqual([])
  expect(await notes('A=1\nhunter2\n')).toEqual(['.env (serving.envFile): line 2 is no KEY=VALUE and is left out'])
})
