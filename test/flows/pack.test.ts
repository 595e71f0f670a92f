import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pack } from '../../src/flows/pack.ts'
import { project, safetensorsFile } from './project.ts'

let top: string
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'slipway pack ü-'))
})
afterAll(() => rm(top, { recursive: true, force: true }))
const fresh = () => mkdtemp(join(top, 'p-'))

const WEIGHTS = safetensorsFile({ w: { dtype: 'F32', shape: [2, 3] }, b: { dtype: 'F32', shape: [2] } })
const FILES = {
  'model/model.safetensors': WEIGHTS,
  'model/config.json': '{"layers": 2}\n',
  'model/sub folder/große Datei.txt': 'words\n',
  'app.py': 'print("hello")\n',
}

describe('pack', () => {
  it('gives a version whose digest holds files, code and command', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py', '--port', '{port}'])
    const packed = await pack(tools, config)
    expect(packed).toMatchObject({ tag: 'v1', created: true, code: ['app.py'] })
    expect(packed.version.header).toMatchObject({ format: 'safetensors', parameters: 8, files: ['model.safetensors'] })
    expect(packed.version.files.map((file) => [file.root, file.path, file.weight])).toEqual([
      ['models', 'config.json', false],
      ['models', 'sub folder/große Datei.txt', false],
      ['models', 'model.safetensors', true],
      ['app', 'app.py', false],
    ])
    const other = await pack(tools, { ...config, serving: { ...config.serving, answer: '/label' } })
    expect(other.version.digest).not.toBe(packed.version.digest)
    expect(other.tag).toBe('v2')
  })

  it('gives the same digest and tag again, on another day, in another folder, with another umask', async () => {
    const one = await project(await fresh(), FILES, ['python', 'app.py'])
    const first = await pack(one.tools, one.config)
    const again = await pack(one.tools, one.config)
    expect(again).toMatchObject({ tag: 'v1', created: false, version: { digest: first.version.digest } })
    one.clock.advance(86_400_000)
    const old = process.umask(0o077)
    try {
      const entries = Object.entries(FILES).reverse()
      const two = await project(await fresh(), Object.fromEntries(entries), ['python', 'app.py'])
      two.clock.advance(1e12)
      await chmod(join(two.config.folder, 'model/config.json'), 0o777)
      expect((await pack(two.tools, two.config)).version.digest).toBe(first.version.digest)
    } finally {
      process.umask(old)
    }
  })

  it('lays the version out for serving, read-only for the model', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py'])
    const { version } = await pack(tools, config)
    const laid = await tools.store.materialise(version.digest, join(config.folder, '.slipway', 'served', 'one'))
    expect(await readFile(join(laid.model, 'model.safetensors'))).toEqual(Buffer.from(WEIGHTS))
    expect(await readFile(join(laid.app, 'app.py'), 'utf8')).toBe('print("hello")\n')
    expect(await tools.store.materialise(version.digest, join(config.folder, '.slipway', 'served', 'one'))).toEqual(
      laid,
    )
    expect(await readdir(join(config.folder, '.slipway', 'store', 'packing'))).toEqual([])
  })

  it('changes nothing with dryRun, and says what would be', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py'])
    const dry = await pack(tools, config, { dryRun: true })
    expect(dry).toMatchObject({ tag: 'v1', created: true })
    expect(await tools.files.facts(tools.store.folder)).toBeNull()
    expect((await pack(tools, config)).version.digest).toBe(dry.version.digest)
  })

  it('follows links inside one Hugging Face cache and refuses others', async () => {
    const folder = await fresh()
    const cache = 'hub/models--org--name'
    const { tools, config } = await project(
      folder,
      { [`${cache}/blobs/abc`]: WEIGHTS, [`${cache}/snapshots/r1/a.txt`]: 'a' },
      ['x'],
    )
    await symlink('../../blobs/abc', join(folder, cache, 'snapshots/r1/model.safetensors'))
    const packed = await pack(tools, config, { path: join(folder, cache, 'snapshots/r1') })
    expect(packed.version.header?.parameters).toBe(8)
    await writeFile(join(folder, 'secret'), 's')
    await symlink('../../../../secret', join(folder, cache, 'snapshots/r1/notes.txt'))
    await expect(pack(tools, config, { path: join(folder, cache, 'snapshots/r1') })).rejects.toMatchObject({
      code: 'LINK_REFUSED',
    })
    const followed = { ...config, artifact: { ...config.artifact, links: 'follow' as const } }
    expect((await pack(tools, followed, { path: join(folder, cache, 'snapshots/r1') })).version.files).toHaveLength(3)
  })
})
