/** What people write, and what they point slipway at: each fault with its code, its exit and its words. */
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { shell } from '../cli/run.ts'
import { jsonLines, modelFile, type Scenario, safetensors, scenario, setLines } from './harness.ts'

/** A safetensors file of this header and so many bytes of data. */
function headed(header: object, dataBytes: number, length?: bigint): Uint8Array {
  const json = Buffer.from(JSON.stringify(header))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([size, json, Buffer.alloc(dataBytes)])
}
const tensor = (from: number, to: number, shape = [(to - from) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [from, to],
})
const MODEL = 'model/model.safetensors'

describe('slipway.yaml', () => {
  it('that is no YAML: the line, for every command that reads it', async () => {
    const one = await scenario()
    one.write('slipway.yaml', 'apiVersion: slipway.dev/v1\nmodel: [scale\nserving: {command: [node]}\n')
    for (const line of ['validate', 'pack', 'release start', 'local up', 'eval run'])
      expect(await one.fails(line.split(' '))).toMatchObject({
        exit: 2,
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/slipway\.yaml:[23]:\d+/),
        where: expect.arrayContaining([expect.objectContaining({ file: 'slipway.yaml', line: expect.any(Number) })]),
      })
  }, 120_000)

  it('with unknown keys: all at once, each with the one that was meant', async () => {
    const one = await scenario()
    one.config({ modell: 'x', serving: { comand: ['x'] } })
    const failed = await one.fails(['validate'])
    expect(failed).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' })
    expect(failed.message).toMatch(/modell.*model/s)
    expect(failed.message).toMatch(/comand.*command/s)
    expect(failed.where.length).toBeGreaterThanOrEqual(2)
  }, 60_000)
})

describe('the model', () => {
  const packed = async (one: Scenario) => one.fails(['pack'])

  it('that is not there, and a folder without one', async () => {
    const one = await scenario()
    rmSync(join(one.folder, 'model'), { recursive: true })
    mkdirSync(join(one.folder, 'model'))
    expect(await packed(one)).toMatchObject({ exit: 2, code: 'MODEL_EMPTY', message: expect.stringContaining('model') })
    rmSync(join(one.folder, 'model'), { recursive: true })
    expect(await packed(one)).toMatchObject({ exit: 2, code: expect.stringMatching(/FILE_UNREADABLE|MODEL_EMPTY/) })
  }, 60_000)

  it('that is cut short', async () => {
    const one = await scenario()
    one.write(MODEL, safetensors([1, 2, 3, 4]).subarray(0, -5))
    expect(await packed(one)).toMatchObject({
      exit: 2,
      code: 'MODEL_TRUNCATED',
      message: expect.stringContaining('model.safetensors'),
    })
  }, 60_000)

  it('whose header lies', async () => {
    const one = await scenario()
    const lies: [name: string, file: Uint8Array][] = [
      ['two tensors on the same bytes', headed({ a: tensor(0, 8), b: tensor(4, 12) }, 12)],
      ['bytes that belong to nobody', headed({ a: tensor(0, 4), b: tensor(8, 12) }, 12)],
      ['a shape of another size', headed({ a: tensor(0, 8, [3]) }, 8)],
      ['a size that no number holds', headed({ a: tensor(0, 8, [2 ** 40, 2 ** 40]) }, 8)],
      ['more data than it names', headed({ a: tensor(0, 8) }, 12)],
    ]
    for (const [name, file] of lies) {
      one.write(MODEL, file)
      const { exit, code } = await packed(one)
      expect([name, exit, code]).toEqual([name, 2, 'MODEL_INVALID'])
    }
    one.write(MODEL, headed({ a: tensor(0, 8) }, 8, 2n ** 60n))
    expect((await packed(one)).exit).toBe(2)
  }, 120_000)

  it('that links out of its folder', async () => {
    const one = await scenario()
    writeFileSync(join(one.folder, 'secret.json'), '{}')
    symlinkSync('../secret.json', join(one.folder, 'model', 'config.json'))
    expect(await packed(one)).toMatchObject({
      exit: 10,
      code: 'LINK_REFUSED',
      message: expect.stringContaining('links: follow'),
    })
    one.config({ artifact: { path: './model', code: ['./server.mjs'], links: 'follow' } })
    expect((await one.run(['pack'])).code).toBe(0)
  }, 60_000)

  it('for which there is no room: nothing half-made stays, and more room is all it takes', async () => {
    const one = await scenario()
    one.write('model/large.safetensors', safetensors(new Array(2 ** 20).fill(1)))
    // Files of at most 1 MiB: the kernel refuses more (EFBIG) as it does on a full disk.
    const ran = await shell('ulimit -f 1024; slipway pack --json', {
      cwd: one.folder,
      env: { HOME: one.folder, XDG_CACHE_HOME: undefined },
    })
    expect(ran.code).toBe(5)
    expect(JSON.parse(ran.stdout).error).toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringContaining('no space left'),
      next: ['slipway local prune'],
    })
    const store = join(one.folder, '.slipway', 'store')
    expect(readdirSync(store, { recursive: true }).filter((name) => /new|partial|tmp/.test(String(name)))).toEqual([])
    expect((await one.run(['pack'])).code).toBe(0)
  }, 60_000)
})

describe('an evaluation set', () => {
  it('with a broken line: file and line', async () => {
    const one = await scenario()
    one.write('golden.jsonl', `${jsonLines(setLines(3))}{"id": "x"\n`)
    for (const line of ['validate', 'release start', 'eval run', 'local load --set golden --rate 1 --for 1s'])
      expect(await one.fails(line.split(' '))).toMatchObject({
        exit: 2,
        code: 'SET_INVALID',
        message: expect.stringContaining('golden.jsonl:4: not JSON'),
        where: [{ file: './golden.jsonl', line: 4 }],
      })
  }, 120_000)
})

describe('where it is typed', () => {
  it('a path with blanks and other letters: packed, served, asked, taken down', async () => {
    const one = await scenario({ name: "naïve modèle 模型 'q' $x;\u00a0y" })
    one.write('model/gewichte für alle.json', '{}')
    for (const line of [
      'validate',
      'release start',
      'eval run scale:v1',
      'local status',
      'doctor',
      'local logs host',
    ]) {
      const { code, stderr } = await one.run(line.split(' '))
      expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, ''])
    }
    expect(await one.load({ rate: 20, durationMs: 500 })).toMatchObject({ answered: 10, failed: 0 })
    expect((await one.run(['local', 'down'])).code).toBe(0)
  }, 120_000)

  it('without a HOME, or one that cannot be written: works, and doctor says so', async () => {
    for (const HOME of [undefined, '/proc/nowhere']) {
      const one = await scenario({ env: { HOME, XDG_CACHE_HOME: undefined } })
      for (const line of ['validate', 'release start', 'local down']) {
        const { code, stderr } = await one.run(line.split(' '))
        expect([line, code, code === 0 ? '' : stderr]).toEqual([line, 0, ''])
      }
      const { code, stdout } = await one.run(['doctor', '--json'])
      expect(code).toBe(4)
      expect(JSON.parse(stdout).checks).toContainEqual(
        expect.objectContaining({
          check: 'home',
          code: 'HOME_UNUSABLE',
          text: expect.stringMatching(/HOME is not set|cannot be written/),
        }),
      )
    }
  }, 180_000)
})

it('the model of the tests is one that slipway takes', async () => {
  const one = await scenario()
  one.write(MODEL, modelFile({}))
  expect((await one.run(['inspect', './model', '--tensors'])).stdout).toContain('behaviour')
}, 60_000)
