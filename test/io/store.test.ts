import { describe, expect, it } from 'vitest'
import { type Files, memoryFiles } from '../../src/io/files.ts'
import { openStore } from '../../src/io/store.ts'
import type { ModelVersion } from '../../src/model/types.ts'
import { takeWeight } from '../../src/oci/take.ts'
import { versionOf } from '../../src/oci/version.ts'
import { put, SERVING } from './put.ts'

const AT = '2026-01-01T00:00:00Z'

const entry = (version: ModelVersion) => ({ model: version.model, digest: version.digest, createdAt: AT, lineage: {} })
const place = (room?: number) => {
  const files = memoryFiles(room)
  return { files, store: openStore(files, '/p/.slipway/store') }
}
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('store', () => {
  it('holds plain read-only files under their digests', async () => {
    const { files, store } = place()
    const version = await put(store, files, 'weights')
    for (const file of version.files)
      expect(await files.facts(store.blob(file.sha256))).toMatchObject({ mode: 0o444, size: file.size })
    expect(textOf(await files.read(store.blob(version.files[1]!.sha256)))).toBe('weights')
    expect((await store.read(version.digest)).version).toEqual(version)
    expect(await put(store, files, 'weights')).toEqual(version)
    expect(await files.list('/p/.slipway/store/files')).toHaveLength(2)
    expect(await files.list('/p/.slipway/store/packing')).toEqual([])
  })
})

describe('tags', () => {
  it('count up, and stay with their version', async () => {
    const { files, store } = place()
    const one = await put(store, files, '1')
    const two = await put(store, files, '2')
    expect(await store.nextTag('digits', one.digest)).toBe('v1')
    expect((await store.tag(entry(one), null)).tag).toBe('v1')
    expect((await store.tag(entry(two), null)).tag).toBe('v2')
    expect((await store.tag(entry(one), null)).tag).toBe('v1')
    expect((await store.tag(entry(one), 'best')).tag).toBe('best')
    expect((await store.tag(entry(one), 'best')).tag).toBe('best')
    await expect(store.tag(entry(two), 'best')).rejects.toMatchObject({ code: 'TAG_TAKEN', exit: 9 })
    await expect(store.tag(entry(two), '../x')).rejects.toMatchObject({ code: 'USAGE' })
    expect((await store.tags('digits')).map((tag) => tag.tag)).toEqual(['best', 'v1', 'v2'])
    expect(await store.tags('other')).toEqual([])
  })

  it('sort numbers as numbers', async () => {
    const { files, store } = place()
    for (let k = 1; k <= 11; k++) await store.tag(entry(await put(store, files, String(k))), null)
    expect((await store.tags()).map((tag) => tag.tag).slice(0, 3)).toEqual(['v1', 'v2', 'v3'])
    expect((await store.tags()).at(-1)?.tag).toBe('v11')
  })

  it('come out the same when many packs end at one moment', async () => {
    const { files, store } = place()
    const one = await put(store, files, '1')
    const two = await put(store, files, '2')
    const made = await Promise.all([one, two, one, two, one].map((version) => store.tag(entry(version), null)))
    const tags = await store.tags('digits')
    expect(tags).toHaveLength(2)
    for (const tag of made) expect(tags).toContainEqual(tag)
    expect(new Set(tags.map((tag) => tag.digest)).size).toBe(2)
  })
})

describe('a tag made at the same moment by another pack of the same version', () => {
  it('stays alone where its number is lower', async () => {
    const { files } = place()
    let looks = 0
    const crowded: Files = {
      ...files,
      list: async (folder) => {
        // Between the first look and the second, others tag their versions.
        if (folder.endsWith('tags/digits') && ++looks === 2) {
          await calm.tag({ ...entry(one), digest: `sha256:${'0'.repeat(64)}` }, 'v1')
          await calm.tag(entry(one), 'v2')
        }
        return files.list(folder)
      },
    }
    const calm = openStore(files, '/p/.slipway/store')
    const one = await put(calm, files, '1')
    const made = await openStore(crowded, '/p/.slipway/store').tag(entry(one), null)
    expect(made.tag).toBe('v2')
    expect((await calm.tags('digits')).map((tag) => tag.tag)).toEqual(['v1', 'v2'])
  })
})

describe('a file that changes while it is packed', () => {
  it('is refused', async () => {
    const { files, store } = place()
    await files.folder('/src')
    await files.write('/src/w', 'longer than before')
    const packing = await store.begin()
    const source = { path: 'models/w', mode: 0o644, file: '/src/w', size: 3 }
    await expect(takeWeight(files, packing, source)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('changed while it was packed'),
    })
    await expect(takeWeight(files, packing, { ...source, offset: 17 })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    })
    await packing.end()
    expect(await files.list('/p/.slipway/store/files')).toEqual([])
  })
})

describe('resolveRef', () => {
  it('takes tags, digests and their beginnings', async () => {
    const { files, store } = place()
    const one = await put(store, files, '1')
    await store.tag(entry(one), null)
    const found = { digest: one.digest, model: 'digits', tag: 'v1' }
    const hex = one.digest.slice(7)
    for (const text of [
      'digits:v1',
      `digits@${one.digest}`,
      one.digest,
      hex,
      hex.slice(0, 8),
      `digits@sha256:${hex.slice(0, 8)}`,
    ])
      expect(await store.resolveRef(text)).toEqual(found)
  })

  it('refuses what names nothing, or too much', async () => {
    const { files, store } = place()
    const one = await put(store, files, '1')
    await store.tag(entry(one), null)
    const hex = one.digest.slice(7)
    for (const text of [
      'digits',
      'digits:v2',
      'other:v1',
      ':v1',
      '',
      'v1',
      hex.slice(0, 7),
      `other@sha256:${hex}`,
      '\u001b[31m',
    ])
      await expect(store.resolveRef(text)).rejects.toMatchObject({ code: 'REF_UNKNOWN', exit: 2 })
    await files.write(`/p/.slipway/store/versions/${hex.slice(0, 60)}0000.json`, '{}')
    await expect(store.resolveRef(hex.slice(0, 12))).rejects.toMatchObject({ code: 'REF_AMBIGUOUS', exit: 2 })
  })
})

describe('a damaged store', () => {
  it('says so, and packing again mends it', async () => {
    const { files, store } = place()
    const one = await put(store, files, 'weights')
    const blob = store.blob(one.files[1]!.sha256)
    await files.remove(blob)
    await files.write(blob, 'wei')
    await expect(store.materialise(one.digest, '/out')).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      next: ['slipway pack'],
    })
    expect(await files.facts('/out')).toBeNull()
    await put(store, files, 'weights')
    const laid = await store.materialise(one.digest, '/out')
    expect(textOf(await files.read(laid.model))).toBe('weights')
    await files.write(`/p/.slipway/store/versions/${one.digest.slice(7)}.json`, '{"schema": 1}')
    await expect(store.read(one.digest)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(store.read(`sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'REF_UNKNOWN' })
  })
})

describe('materialise', () => {
  it('shares the weights with the store and copies the code', async () => {
    const { files, store } = place()
    const one = await put(store, files, 'weights')
    const laid = await store.materialise(one.digest, '/served/one')
    expect(laid).toEqual({ models: '/served/one/models', app: '/served/one/app', model: '/served/one/models/w' })
    const identity = async (path: string) => (await files.facts(path))?.identity
    expect(await identity(laid.model)).toBe(await identity(store.blob(one.files[1]!.sha256)))
    expect(await identity('/served/one/app/t')).not.toBe(await identity(store.blob(one.files[0]!.sha256)))
    expect(await files.facts('/served/one/app/t')).toMatchObject({ mode: 0o755 })
    expect(await files.list('/served')).toEqual(['one'])
  })
})

const keeping =
  (versions: readonly string[], blobs: readonly string[] = []) =>
  async () => ({
    versions: new Set(versions),
    blobs: new Set(blobs),
  })

describe('prune', () => {
  it('removes versions, tags and files that nothing needs', async () => {
    const { files, store } = place()
    const one = await put(store, files, 'first')
    const two = await put(store, files, 'second')
    for (const version of [one, two]) await store.tag(entry(version), null)
    const set = await store.keepBytes(new TextEncoder().encode('set'))
    const lost = await store.keepBytes(new TextEncoder().encode('lost'))
    const would = await store.prune(keeping([two.digest], [set]), { dry: true })
    expect((await store.tags()).map((tag) => tag.tag)).toEqual(['v1', 'v2'])
    expect(await files.facts(store.blob(lost))).not.toBeNull()
    const pruned = await store.prune(keeping([two.digest], [set]))
    expect(pruned).toEqual({ versions: [one.digest], files: 2, bytes: 'first'.length + 'lost'.length })
    expect(would).toEqual(pruned)
    expect((await store.tags()).map((tag) => tag.tag)).toEqual(['v2'])
    expect(await files.facts(store.blob(lost))).toBeNull()
    expect(await files.facts(store.blob(set))).not.toBeNull()
    await store.materialise(two.digest, '/out')
  })

  it('leaves what is packed or comes to be needed while it runs', async () => {
    const { files, store } = place()
    const [old, asked, lost] = [
      await put(store, files, 'old'),
      await put(store, files, 'asked'),
      await put(store, files, 'lost'),
    ]
    for (const version of [old, asked, lost]) await store.tag(entry(version), null)
    const set = await store.keepBytes(new TextEncoder().encode('set'))
    const kept = [keeping([old.digest]), keeping([old.digest, asked.digest]), keeping([old.digest, asked.digest])]
    let looks = 0
    let young: ModelVersion | null = null
    const pruned = await store.prune(async () => {
      // Somebody packs after the versions were listed; somebody asks for one that is aside, and at last for a set.
      if (looks === 0) {
        young = await put(store, files, 'young')
        await store.tag(entry(young), null)
      }
      return (kept[looks++] ?? keeping([], [set]))()
    })
    expect(pruned).toEqual({ versions: [lost.digest], files: 1, bytes: 'lost'.length })
    expect((await store.tags()).map((tag) => tag.tag)).toEqual(['v1', 'v2', 'v4'])
    for (const version of [old, asked, young!]) await store.materialise(version.digest, `/out/${version.digest}`)
    expect(await files.facts(store.blob(set))).not.toBeNull()
    expect(await files.list('/p/.slipway/store/pruned')).toEqual([])
  })

  it('keeps the bytes of a version that is packed anew while it goes', async () => {
    const { files, store } = place()
    const one = await put(store, files, 'again')
    let looks = 0
    await store.prune(async () => {
      if (++looks === 2) await put(store, files, 'again')
      return { versions: new Set(), blobs: new Set() }
    })
    await store.materialise(one.digest, '/out')
  })

  it('brings back what one that died had moved aside', async () => {
    const { files, store } = place()
    const one = await put(store, files, 'one')
    await store.tag(entry(one), null)
    const folder = '/p/.slipway/store'
    const dead = `${folder}/pruned/999999999-dead`
    await files.folder(dead)
    const all = [`versions/${one.digest.slice(7)}.json`, 'tags/digits/v1.json', `files/${one.files[1]!.sha256}`]
    for (const path of all) await files.rename(`${folder}/${path}`, `${dead}/${encodeURIComponent(path)}`)
    expect(await store.prune(keeping([one.digest]))).toMatchObject({ versions: [], files: 0 })
    expect((await store.tags()).map((tag) => tag.tag)).toEqual(['v1'])
    await store.materialise(one.digest, '/out')
    expect(await files.list(`${folder}/pruned`)).toEqual([])
  })

  it('leaves what a pack under way has put there, and clears up after one that died', async () => {
    const { files, store } = place()
    await files.folder('/src')
    await files.write('/src/w', 'new')
    const packing = await store.begin()
    const layer = await takeWeight(files, packing, { path: 'models/w', mode: 0o644, file: '/src/w', size: 3 })
    await files.folder('/p/.slipway/store/packing/999999999-dead')
    await files.write('/p/.slipway/store/packing/999999999-dead/incoming', 'half')
    expect(await store.prune(keeping([]))).toEqual({ versions: [], files: 0, bytes: 0 })
    expect(await files.list('/p/.slipway/store/packing')).toHaveLength(1)
    // Even where its file was taken away in between, the version is whole when it is written.
    await files.remove(store.blob(layer.entries[0]!.blob))
    const version = versionOf({
      model: 'm',
      layers: [layer],
      weights: new Set(['w']),
      modelPath: '',
      serving: SERVING,
      header: null,
    })
    expect(await packing.write({ version, layers: [layer] })).toBe(true)
    await packing.end()
    await store.materialise(version.digest, '/out')
  })
})

describe('no space', () => {
  it('leaves nothing half written', async () => {
    const { files, store } = place(5000)
    const one = await put(store, files, 'x'.repeat(1000))
    const before = await files.free('/')
    await files.write('/big', 'y'.repeat(before - 100))
    await expect(put(store, files, 'z'.repeat(50))).rejects.toMatchObject({ code: 'NO_SPACE', exit: 5 })
    await files.remove('/big')
    expect(await files.list('/p/.slipway/store/packing')).toEqual([])
    expect(await files.list('/p/.slipway/store/versions')).toEqual([`${one.digest.slice(7)}.json`])
  })
})
