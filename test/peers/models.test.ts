/** Models that the formats' own Python libraries wrote, read by slipway without them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspect } from '../../src/flows/inspect.ts'
import { configOf, project } from '../flows/project.ts'

const HERE = dirname(fileURLToPath(import.meta.url))
const PYTHON = join(HERE, '..', '..', '.venv-peers', 'bin', 'python')
let folder: string
let told: Record<string, Record<string, [number[], number]>>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-models-'))
  mkdirSync(join(folder, 'models'))
  told = JSON.parse(execFileSync(PYTHON, [join(HERE, 'make_models.py'), join(folder, 'models')], { encoding: 'utf8' }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function look(path: string) {
  const { tools } = await project(folder, {}, ['x'])
  return inspect(tools, configOf(folder, ['x']), { ref: `./models/${path}`, cwd: folder, files: true, tensors: true })
}

describe('models of the real libraries', () => {
  it.each(['plain', 'sharded', 'split', 'onnx', 'external'])('%s', async (name) => {
    const found = await look(name)
    const tensors = found.tensors!.map((tensor) => [tensor.name, [[...tensor.shape], tensor.bytes]])
    expect(Object.fromEntries(tensors)).toEqual(told[name])
  })

  it('names what GGUF says of itself', async () => {
    const { header, notes } = await look('split')
    expect(header).toMatchObject({
      format: 'gguf',
      metadata: { 'general.name': 'tiny', 'tokenizer.ggml.tokens': '3 values' },
    })
    expect(header?.files).toHaveLength(2)
    expect(notes.join()).toContain('chat template')
  })

  it('takes the file of external data for weights, whatever its name', async () => {
    const { files } = await look('external')
    expect(files?.filter((file) => file.weight).map((file) => file.path)).toEqual([
      'models/model.onnx',
      'models/weights.bin',
    ])
  })

  it('refuses every pickle, whatever it is called', async () => {
    const names = readdirSync(join(folder, 'models', 'evil'))
    expect(names.length).toBeGreaterThan(5)
    for (const name of names)
      await expect(look(`evil/${name}`)).rejects.toMatchObject({ code: 'FILE_REFUSED', exit: 10 })
  })
})
