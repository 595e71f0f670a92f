import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspect } from '../../src/flows/inspect.ts'
import { pack } from '../../src/flows/pack.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryFiles } from '../../src/io/files.ts'
import { systemGit } from '../../src/io/git.ts'
import { openStore } from '../../src/io/store.ts'
import { configOf, project, safetensorsFile } from './project.ts'

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
    expect(packed.version.files.filter((file) => file.executable)).toEqual([])
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

  it('keeps what is bad out, with its code and the way on', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py'])
    const model = (name: string) => join(config.folder, 'model', name)
    await writeFile(model('model.pkl'), Buffer.from('gASVCgAAAAAAAABdlCiMAWGUZS4=', 'base64'))
    await expect(pack(tools, config)).rejects.toMatchObject({
      code: 'FILE_REFUSED',
      exit: 10,
      message: expect.stringContaining('kind: pickle'),
    })
    const allow = [{ file: 'model.pkl', kind: 'pickle', reason: 'ours', sha256: null }]
    const allowed = await pack(tools, { ...config, artifact: { ...config.artifact, allow } })
    expect(allowed.version.files.find((file) => file.path === 'model.pkl')).toMatchObject({ weight: true })
    await rm(model('model.pkl'))
    await writeFile(model('model.safetensors'), WEIGHTS.subarray(0, WEIGHTS.length - 1))
    await expect(pack(tools, config)).rejects.toMatchObject({
      code: 'MODEL_TRUNCATED',
      exit: 2,
      message: expect.stringMatching(/byte \d+/),
    })
    await writeFile(model('model.safetensors'), '')
    await expect(pack(tools, config)).rejects.toMatchObject({ code: 'MODEL_NOT_A_MODEL' })
    await expect(pack(tools, config, { path: 'none' })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('artifact.path'),
    })
    await mkdir(join(config.folder, 'empty/.git'), { recursive: true })
    await writeFile(join(config.folder, 'empty/.git/HEAD'), 'x')
    await expect(pack(tools, config, { path: 'empty' })).rejects.toMatchObject({ code: 'MODEL_EMPTY', exit: 2 })
    expect((await tools.store.tags()).map((tag) => tag.tag)).toEqual(['v1'])
  })

  it('passes over sockets', async () => {
    const { tools, config } = await project(await fresh(), { 'm/a.txt': 'a' }, ['x'])
    const server = createServer().listen(join(config.folder, 'm', 's'))
    await new Promise((resolve) => server.once('listening', resolve))
    const packed = await pack(tools, config, { path: 'm' })
    server.close()
    expect(packed.version.files.map((file) => file.path)).toEqual(['a.txt'])
  })

  it('takes a single file, which {model} then stands for', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['x'])
    const packed = await pack(tools, config, { path: 'model/model.safetensors' })
    expect(packed.version).toMatchObject({
      modelPath: 'model.safetensors',
      files: [{ path: 'model.safetensors', weight: true }],
    })
    const folder = await pack(tools, { ...config, artifact: { ...config.artifact, include: ['*.safetensors'] } })
    expect(folder.version.modelPath).toBe('')
    expect(folder.version.digest).not.toBe(packed.version.digest)
  })

  it('follows include and exclude', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['x'])
    const artifact = { ...config.artifact, include: ['**', '!*.txt'], exclude: ['config.json'] }
    const packed = await pack(tools, { ...config, artifact })
    expect(packed.version.files.map((file) => file.path)).toEqual(['model.safetensors'])
  })
})

describe('where no model is named', () => {
  const assumed = { assumed: true } as const
  const without = async (files: Readonly<Record<string, string | Uint8Array>>, command: readonly string[]) => {
    const { tools, config } = await project(await fresh(), files, command)
    return { tools, config: { ...config, artifact: { ...config.artifact, ...assumed } } }
  }

  it('a version may be its code alone, and says so', async () => {
    const { tools, config } = await without({ 'app.py': '1' }, ['python', 'app.py', '--port', '{port}'])
    const out = join(config.folder, 'layout')
    const packed = await pack(tools, config, { out })
    expect(packed.version).toMatchObject({ modelPath: '', header: null, files: [{ root: 'app', path: 'app.py' }] })
    expect(packed.notes[0]).toContain('a version is its code alone')
    const other = await without({}, ['x'])
    expect((await pack(other.tools, other.config, { path: out })).version.digest).toBe(packed.version.digest)
    const laid = await tools.store.materialise(packed.version.digest, join(config.folder, 'run'))
    expect(await readdir(laid.models)).toEqual([])
  })

  it('but ./model belongs to it where it is there', async () => {
    const { tools, config } = await without(FILES, ['python', 'app.py'])
    expect((await pack(tools, config)).version.header).toMatchObject({ format: 'safetensors' })
  })

  it.each([
    [{ 'app.py': '1' }, './FILE'],
    [{ 'app.py': '1', 'w.onnx': '2' }, './w.onnx'],
  ])('a command that asks for one is told the line to write: %j', async (files, path) => {
    const { tools, config } = await without(files, ['python', 'app.py', '--model', '{model}'])
    await expect(pack(tools, config)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `there is no folder model and slipway.yaml names no model: write the line \`artifact: {path: ${path}}\``,
      where: [{ file: 'slipway.yaml', pointer: '/artifact/path' }],
    })
  })

  it('neither model nor code is no version; with a training, the run comes first', async () => {
    const { tools, config } = await without({}, ['server'])
    await expect(pack(tools, config)).rejects.toMatchObject({ code: 'MODEL_EMPTY', exit: 2 })
    const training = { template: null, command: ['x'], data: null, params: {}, resources: config.serving.resources }
    await expect(pack(tools, { ...config, training })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      next: ['slipway train run --pack', 'slipway validate'],
    })
  })
})

describe('the code that goes along', () => {
  const CODE = {
    ...FILES,
    'helper.py': '1',
    'late.py': '2',
    'notes.txt': '3',
    'lib/deep.py': '4',
    'run/app.js': '5',
    'run/b.js': '6',
    'requirements.txt': '7',
  }
  const git = (folder: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, stdio: 'pipe' })

  it("is what the command names and git's files of the same ending beside it", async () => {
    const { tools, config } = await project(await fresh(), CODE, ['python', 'app.py', '--other={app}/run/app.js'])
    expect((await pack(tools, config)).code).toEqual(['app.py', 'run/app.js'])
    git(config.folder, 'init', '-q')
    git(config.folder, 'add', 'app.py', 'helper.py', 'lib', 'run', 'notes.txt')
    expect((await pack(tools, config)).code).toEqual(['app.py', 'helper.py', 'run/app.js', 'run/b.js'])
    const prepared = {
      ...config,
      serving: { ...config.serving, prepare: [['pip', 'install', '-r', 'requirements.txt']] },
    }
    expect((await pack(tools, prepared)).code).toContain('requirements.txt')
  })

  it('is what is listed, keeping its paths', async () => {
    const { tools, config } = await project(await fresh(), CODE, ['python', 'app.py'])
    const listed = (code: string[]) => pack(tools, { ...config, artifact: { ...config.artifact, code } })
    expect((await listed(['./app.py', './lib', 'run/'])).code).toEqual([
      'app.py',
      'lib/deep.py',
      'run/app.js',
      'run/b.js',
    ])
    expect((await listed([])).code).toEqual([])
    await expect(listed(['../x.py'])).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(listed(['none.py'])).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  it('knows Python modules', async () => {
    for (const command of [
      ['uvicorn', 'helper:app'],
      ['python', '-m', 'helper'],
    ]) {
      const { tools, config } = await project(await fresh(), CODE, command)
      expect((await pack(tools, config)).code).toEqual(['helper.py'])
    }
  })

  it('is limited where nobody listed it', async () => {
    const { tools, config } = await project(await fresh(), { ...FILES, 'app.py': `#${'x'.repeat(10 * 2 ** 20)}` }, [
      'python',
      'app.py',
    ])
    await expect(pack(tools, config)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('artifact.code'),
    })
  })

  it('keeps the mode of a program', async () => {
    const { tools, config } = await project(await fresh(), { ...FILES, 'start.sh': 'exec x' }, ['./start.sh'])
    await chmod(join(config.folder, 'start.sh'), 0o750)
    const packed = await pack(tools, config)
    expect(packed.version.files.at(-1)).toMatchObject({ path: 'start.sh', executable: true })
  })

  it('leaves its commit in the lineage, outside the digest', async () => {
    const { tools, config } = await project(await fresh(), CODE, ['python', 'app.py'])
    const bare = await pack(tools, config)
    expect(bare.lineage).toEqual({})
    git(config.folder, 'init', '-q')
    git(config.folder, 'add', 'app.py')
    git(config.folder, 'commit', '-q', '-m', 'x')
    const clean = await pack(tools, config, {
      tag: 'clean',
      parent: 'digits:v1',
      lineage: { run: 'run-1', seed: 7, metrics: { accuracy: 0.9 } },
    })
    expect(clean.version.digest).toBe(bare.version.digest)
    expect(clean.lineage).toEqual({
      codeCommit: expect.stringMatching(/^[0-9a-f]{40}$/),
      parent: bare.version.digest,
      run: 'run-1',
      seed: 7,
      metrics: { accuracy: 0.9 },
    })
    await writeFile(join(config.folder, 'app.py'), 'changed')
    const dirty = await pack(tools, config)
    expect(dirty.lineage.codeCommit).toBe(`${clean.lineage.codeCommit}-dirty`)
  })
})

describe('a layout', () => {
  it('is written, read, looked into and taken in: the same digest everywhere', async () => {
    const folder = await fresh()
    const { tools, config } = await project(folder, FILES, ['python', 'app.py'])
    const out = join(folder, 'layout of one')
    const packed = await pack(tools, config, { out, lineage: { run: 'run-1', metrics: { accuracy: 0.5 } } })
    await pack(tools, config, { out })
    const other = await project(await fresh(), {}, ['y'])
    const dry = await pack(other.tools, other.config, { path: out, dryRun: true })
    expect(dry.version.digest).toBe(packed.version.digest)
    expect(await other.tools.store.has(packed.version.digest)).toBe(false)
    const taken = await pack(other.tools, other.config, { path: out })
    expect(taken).toMatchObject({ tag: 'v1', created: true, code: ['app.py'] })
    expect(taken.version).toEqual(packed.version)
    const looked = await inspect(tools, config, { ref: out, cwd: folder, files: true, tensors: true })
    expect(looked).toMatchObject({
      digest: packed.version.digest,
      tags: ['v1'],
      lineage: { run: 'run-1' },
      header: { parameters: 8 },
    })
    expect(looked.tensors?.map((tensor) => tensor.name)).toEqual(['w', 'b'])
  })

  it('is refused where a byte of it has changed', async () => {
    const folder = await fresh()
    const { tools, config } = await project(folder, FILES, ['python', 'app.py'])
    const out = join(folder, 'layout')
    await pack(tools, config, { out })
    const blobs = join(out, 'blobs/sha256')
    for (const name of await readdir(blobs)) {
      const bytes = await readFile(join(blobs, name))
      for (const at of [0, Math.floor(bytes.length / 3), bytes.length - 1]) {
        const wrong = Buffer.from(bytes)
        wrong[at]! ^= 1
        await writeFile(join(blobs, name), wrong)
        const other = await project(await fresh(), {}, ['y'])
        await expect(pack(other.tools, other.config, { path: out })).rejects.toMatchObject({
          code: expect.stringMatching(/^(MODEL_|FILE_REFUSED)/),
        })
        expect(await other.tools.store.tags()).toEqual([])
      }
      await writeFile(join(blobs, name), bytes)
    }
  })

  it('goes into no folder that holds other things', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['x'])
    await expect(pack(tools, config, { out: join(config.folder, 'model') })).rejects.toMatchObject({
      code: 'NOT_EMPTY',
    })
  })
})

describe('inspect', () => {
  it('shows a packed version and a folder alike', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py'])
    const order = { cwd: config.folder, files: true, tensors: false }
    const before = await inspect(tools, config, { ...order, ref: './model' })
    expect(before).toMatchObject({ digest: null, tags: [], layers: [], tensors: null })
    const packed = await pack(tools, config)
    const after = await inspect(tools, config, { ...order, ref: 'digits:v1' })
    expect(after).toMatchObject({ digest: packed.version.digest, tags: ['v1'], bytes: packed.bytes, fileCount: 4 })
    expect(after.header).toEqual(before.header)
    expect(new Set(after.files?.map((file) => file.path))).toEqual(new Set(before.files?.map((file) => file.path)))
    await expect(inspect(tools, config, { ...order, ref: 'digits:v9' })).rejects.toMatchObject({ code: 'REF_UNKNOWN' })
    await expect(inspect(tools, config, { ...order, ref: './none' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})

describe('without room', () => {
  it('nothing is left half written', async () => {
    const files = memoryFiles(4000)
    await files.folder('/p/model')
    await files.write('/p/model/model.safetensors', WEIGHTS)
    await files.write('/p/model/big.txt', 'x'.repeat(1900))
    const store = openStore(files, '/p/.slipway/store')
    const tools = { files, store, git: systemGit, clock: memoryClock(0) }
    await expect(pack(tools, configOf('/p', ['x']))).rejects.toMatchObject({
      code: 'NO_SPACE',
      exit: 5,
      next: ['slipway local prune'],
    })
    expect(await store.tags()).toEqual([])
    expect(await files.list('/p/.slipway/store/versions')).toEqual([])
    expect(await files.list('/p/.slipway/store/packing')).toEqual([])
    await store.prune(async () => ({ versions: new Set(), blobs: new Set() }))
    expect(await files.list('/p/.slipway/store/files')).toEqual([])
  })
})

describe('packs at the same moment', () => {
  it('give one version one tag', async () => {
    const { tools, config } = await project(await fresh(), FILES, ['python', 'app.py'])
    const packed = await Promise.all(Array.from({ length: 6 }, () => pack(tools, config)))
    expect(new Set(packed.map((one) => one.tag))).toEqual(new Set(['v1']))
    expect(packed.filter((one) => one.created)).toHaveLength(1)
  })
})
