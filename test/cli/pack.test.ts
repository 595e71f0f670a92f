import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inspectedSchema } from '../../src/flows/inspect-result.ts'
import { packedSchema } from '../../src/flows/pack-result.ts'
import { safetensorsFile } from '../flows/project.ts'
import { example, scratch } from './run.ts'

const CONFIG = `apiVersion: slipway.dev/v1
model: digits
serving:
  command: [node, app.mjs, --port, "{port}", --model, "{model}"]
  env: {GREETING: secret-value}
`

/** A project as a person would have it, in a folder with a blank and an umlaut. */
function project(): string {
  const folder = join(scratch(), 'mein Modell ü')
  mkdirSync(join(folder, 'model'), { recursive: true })
  writeFileSync(join(folder, 'slipway.yaml'), CONFIG)
  writeFileSync(join(folder, 'app.mjs'), 'console.log(1)\n')
  writeFileSync(join(folder, 'model', 'model.safetensors'), safetensorsFile({ w: { dtype: 'F32', shape: [10, 4] } }))
  writeFileSync(join(folder, 'model', 'evil\u001b[31m.txt'), 'x')
  return folder
}

describe('slipway pack and inspect', () => {
  it('pack, look, pack again', async () => {
    const cwd = project()
    const dry = await example('pack --dry-run', { cwd })
    expect(dry).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('would be packed as v1') })
    const first = await example('pack', { cwd })
    expect(first).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('next: slipway release start digits:v1'),
    })
    expect(first.stdout).toContain('code: app.mjs')
    expect(first.stdout.split('\n')[0]).toBe(dry.stdout.split('\n')[0])
    expect((await example('pack', { cwd })).stdout).toContain('is packed already as v1')
    const shown = await example('inspect digits:v1', { cwd })
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/parameters +40\n/) })
    expect(await example('inspect ./model --tensors', { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('w  F32 [10, 4]'),
    })
    const listed = await example('inspect digits:v1 --files', { cwd })
    expect(listed.stdout).toContain('evil[U+001B][31m.txt')
    expect(listed.stdout).not.toContain('\u001b')
    const json = await example('inspect digits:v1 --files --json', { cwd })
    const value = JSON.parse(json.stdout)
    expect(inspectedSchema.parse(value)).toEqual(value)
    expect(value).toMatchObject({ $schema: 'slipway.dev/inspected/v1', model: 'digits', tags: ['v1'], fileCount: 3 })
    expect(json.stdout).not.toContain('secret-value')
    expect(json.stdout).not.toContain(cwd)
  })

  it('names a version and its parent, and refuses the name for another', async () => {
    const cwd = project()
    await example('pack', { cwd })
    writeFileSync(join(cwd, 'app.mjs'), 'console.log(2)\n')
    const second = await example('pack ./model --tag candidate --parent digits:v1', { cwd })
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('digits:candidate sha256:') })
    expect((await example('inspect digits:candidate', { cwd })).stdout).toMatch(/parent +sha256:[0-9a-f]{64}/)
    writeFileSync(join(cwd, 'app.mjs'), 'console.log(3)\n')
    const third = await example('pack --tag candidate --json', { cwd })
    expect(third.code).toBe(9)
    expect(JSON.parse(third.stdout || third.stderr).error).toMatchObject({ code: 'TAG_TAKEN', exit: 9 })
  })

  it('writes a layout that another project takes in', async () => {
    const cwd = project()
    const packed = await example('pack -o ./layout --json', { cwd })
    const { digest, layout } = packedSchema.parse(JSON.parse(packed.stdout))
    expect(layout).toBe('./layout')
    const other = project()
    cpSync(join(cwd, 'layout'), join(other, 'taken'), { recursive: true })
    expect((await example('inspect ./taken', { cwd: other })).stdout).toContain(digest)
    expect(JSON.parse((await example('pack ./taken --json', { cwd: other })).stdout)).toMatchObject({
      digest,
      created: true,
      tag: 'v1',
    })
  })

  it('refuses what could run, with the line to paste', async () => {
    const cwd = project()
    writeFileSync(join(cwd, 'model', 'model.joblib'), Buffer.from('gASVCgAAAAAAAABdlCiMAWGUZS4=', 'base64'))
    const refused = await example('pack', { cwd })
    expect(refused).toMatchObject({ code: 10, stdout: '' })
    const line = /allow: \[\{.*\}\]/.exec(refused.stderr)![0]
    writeFileSync(join(cwd, 'slipway.yaml'), `${CONFIG}artifact:\n  ${line}\n`)
    expect(await example('pack', { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('allowed: trained by us'),
    })
  })

  it('names what is not there', async () => {
    const cwd = project()
    expect(await example('inspect digits:v7', { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('digits:v7'),
    })
    expect(await example('pack ./none', { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not exist'),
    })
  })
})
