import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { init } from '../../src/flows/init.ts'
import { validate } from '../../src/flows/validate.ts'
import { systemFiles } from '../../src/io/files.ts'
import { folderWith, order, TEMPLATES, tools } from './init-tools.ts'

const read = (folder: string, name = 'slipway.yaml'): string => readFileSync(join(folder, name), 'utf8')

describe('in a folder', () => {
  test('that is empty: a file that validates, with the schema for editors beside it', async () => {
    const folder = folderWith({})
    const { result } = await init(tools(), order(folder))
    expect(result).toMatchObject({
      model: 'digits',
      template: 'custom',
      written: ['slipway.yaml'],
      undo: 'rm slipway.yaml',
    })
    expect(await validate(systemFiles, folder)).toMatchObject({ model: 'digits', environments: ['dev'] })
    const comment = /^# yaml-language-server: \$schema=(.+)$/m.exec(read(folder))?.[1]
    expect(JSON.parse(read(folder, comment))).toMatchObject({ $id: 'slipway.dev/config/v1' })
    expect(read(folder, '.slipway/.gitignore')).toBe('*\n')
    expect(statSync(join(folder, '.slipway')).mode & 0o777).toBe(0o700)
  })

  test.each([
    [{ 'server.mjs': '' }, ['node', 'server.mjs', '--port', '{port}', '--model', '{model}'], './model'],
    [{ 'main.py': '', 'w.onnx': '' }, ['python', 'main.py', '--port', '{port}', '--model', '{model}'], './w.onnx'],
    [
      { 'app.py': '', 'models/a.safetensors': '' },
      ['python', 'app.py', '--port', '{port}', '--model', '{model}'],
      './models',
    ],
  ])('that holds %j: its server and its model', async (files, command, path) => {
    const folder = folderWith(files as Record<string, string>)
    const { result } = await init(tools(), order(folder))
    const config = await loadConfig(systemFiles, folder)
    expect(config.serving.command).toEqual(command)
    expect(config.artifact.path).toBe(path)
    const notes = path === './model' ? [expect.stringMatching(/^no model is seen: .*take \{model\} out/)] : []
    expect(result.notes).toEqual(notes)
  })

  test('that holds one GGUF file: llama-server', async () => {
    const folder = folderWith({ 'a.gguf': '' })
    await init(tools(), order(folder))
    expect(await loadConfig(systemFiles, folder)).toMatchObject({
      serving: { template: 'llamacpp' },
      artifact: { path: './a.gguf' },
    })
  })

  test('that does not exist yet, with a name that is no name of a model', async () => {
    const parent = folderWith({})
    const folder = join(parent, 'My Model')
    const { result } = await init(tools(), { ...order(folder), cwd: parent })
    expect(result).toMatchObject({ model: 'my-model', undo: "rm 'My Model/slipway.yaml'" })
    expect((await loadConfig(systemFiles, folder)).model).toBe('my-model')
  })
})

describe('a file that is there', () => {
  test('stays, byte for byte, without --force', async () => {
    const folder = folderWith({ 'slipway.yaml': 'mine' })
    await expect(init(tools(), order(folder))).rejects.toMatchObject({ code: 'NOT_EMPTY', exit: 2 })
    expect(read(folder)).toBe('mine')
  })

  test('is kept beside with --force, and the undo brings it back', async () => {
    const folder = folderWith({ 'slipway.yaml': 'mine' })
    const { result } = await init(tools(), order(folder, { force: true }))
    expect(result.undo).toBe('mv slipway.yaml.before slipway.yaml')
    expect(read(folder, 'slipway.yaml.before')).toBe('mine')
    expect(read(folder)).toContain('model: digits')
  })

  test('that says the same already is no reason to fail', async () => {
    const folder = folderWith({})
    await init(tools(), order(folder))
    const before = read(folder)
    const { result } = await init(tools(), order(folder))
    expect(result).toMatchObject({ written: [], undo: null })
    expect(read(folder)).toBe(before)
  })
})

test('--dry-run writes nothing and says what it would', async () => {
  const folder = folderWith({})
  const { result, text } = await init(tools(), order(folder, { dryRun: true }))
  expect(result).toMatchObject({ written: ['slipway.yaml'], dryRun: true })
  expect(text).toContain('model: digits')
  expect(existsSync(join(folder, 'slipway.yaml'))).toBe(false)
  expect(existsSync(join(folder, '.slipway'))).toBe(false)
})

describe('a template', () => {
  test('brings its files', async () => {
    const folder = folderWith({})
    const { result } = await init(tools(), order(folder, { template: 'node-classifier' }))
    expect(result.written).toEqual(['slipway.yaml', 'serve.mjs', 'train.mjs'])
    expect(result.undo).toBe('rm slipway.yaml serve.mjs train.mjs')
    expect([read(folder, 'serve.mjs'), read(folder, 'train.mjs')]).toEqual([
      read(TEMPLATES, 'serving/node-classifier/serve.mjs'),
      read(TEMPLATES, 'training/node-classifier/train.mjs'),
    ])
    const config = await loadConfig(systemFiles, folder)
    expect(config).toMatchObject({
      serving: { template: 'node-classifier', answer: '/label' },
      training: { template: 'node-classifier', data: { path: './data/train.jsonl' } },
    })
    rmSync(join(folder, 'slipway.yaml'))
    writeFileSync(join(folder, 'serve.mjs'), 'mine')
    await expect(init(tools(), order(folder, { template: 'node-classifier' }))).rejects.toMatchObject({
      code: 'NOT_EMPTY',
    })
    expect(existsSync(join(folder, 'slipway.yaml'))).toBe(false)
    expect(read(folder, 'serve.mjs')).toBe('mine')
  })

  test('that is unknown gets a suggestion', async () => {
    await expect(init(tools(), order(folderWith({}), { template: 'llamacp' }))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'there is no template llamacp: did you mean llamacpp?',
    })
  })
})

test('a name that is none is refused with one that is', async () => {
  await expect(init(tools(), order(folderWith({}), { model: 'My Digits' }))).rejects.toMatchObject({
    code: 'USAGE',
    message: 'My Digits is no name of a model: write --model my-digits',
  })
})
