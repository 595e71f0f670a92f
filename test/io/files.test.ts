/** One suite for the contract of Files, run by the real and the memory implementation. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Files, memoryFiles, systemFiles } from '../../src/io/files.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

interface Place {
  readonly files: Files
  readonly at: (name: string) => string
  readonly symlink: (to: string, name: string) => void
}
const places: Record<string, () => Promise<Place>> = {
  system: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway files é '))
    folders.push(folder)
    const at = (name: string) => join(folder, name)
    return { files: systemFiles, at, symlink: (to, name) => symlinkSync(to, at(name)) }
  },
  memory: async () => {
    const files = memoryFiles()
    await files.folder('/root folder')
    const at = (name: string) => join('/root folder', name)
    return { files, at, symlink: (to, name) => files.symlink(to, at(name)) }
  },
}
const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe.each(Object.entries(places))('%s files', (_name, open) => {
  it('writes whole files, and fresh ones only once', async () => {
    const { files, at } = await open()
    expect(await files.write(at('a'), 'one')).toBe(true)
    expect(await files.write(at('a'), 'two', { fresh: true })).toBe(false)
    expect(textOf(await files.read(at('a')))).toBe('one')
    expect(await files.write(at('a'), 'three', { mode: 0o644 })).toBe(true)
    expect(await files.facts(at('a'))).toMatchObject({ kind: 'file', size: 5, mode: 0o644 })
    expect(await files.list(at(''))).toEqual(['a'])
  })

  it('reads by range, and less only at the end', async () => {
    const { files, at } = await open()
    await files.write(at('a'), '0123456789')
    const file = await files.open(at('a'))
    const into = new Uint8Array(4)
    expect([await file.read(into, 3), textOf(into)]).toEqual([4, '3456'])
    expect(await file.read(into, 8)).toBe(2)
    expect(await file.read(into, 10)).toBe(0)
    await file.close()
    await expect(files.read(at('a'), 9)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  it('keeps a finished sink and removes an abandoned one', async () => {
    const { files, at } = await open()
    const sink = await files.create(at('a'), 0o444)
    await sink.write(bytesOf('ab'))
    await sink.write(bytesOf('c'))
    await sink.finish()
    await sink.abandon()
    expect(textOf(await files.read(at('a')))).toBe('abc')
    await expect(files.create(at('a'), 0o444)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    const other = await files.create(at('b'), 0o444)
    await other.write(bytesOf('x'))
    await other.abandon()
    expect(await files.facts(at('b'))).toBeNull()
  })

  it('gives a file a second name, and copies', async () => {
    const { files, at } = await open()
    await files.write(at('a'), 'x')
    expect(await files.link(at('a'), at('b'))).toBe(true)
    expect(await files.link(at('a'), at('b'))).toBe(false)
    expect((await files.facts(at('b')))?.identity).toBe((await files.facts(at('a')))?.identity)
    await files.copy(at('a'), at('c'), 0o755, { durable: true })
    expect(await files.facts(at('c'))).toMatchObject({ mode: 0o755, size: 1 })
    await expect(files.copy(at('a'), at('c'), 0o755)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    await files.rename(at('c'), at('d'))
    expect(await files.list(at(''))).toEqual(['a', 'b', 'd'])
  })

  it('says what is where, follows links, and tells circles', async () => {
    const { files, at, symlink } = await open()
    await files.folder(at('deep/er'))
    await files.write(at('deep/er/file'), 'x')
    symlink('deep/er', 'link')
    symlink('circle', 'circle')
    expect(await files.facts(at('link'), { follow: false })).toMatchObject({ kind: 'link' })
    expect(await files.facts(at('link/file'))).toMatchObject({ kind: 'file' })
    expect(await files.resolve(at('link/file'))).toBe(await files.resolve(at('deep/er/file')))
    expect(await files.facts(at('none'))).toBeNull()
    expect(await files.facts(at('deep/er/file/below'))).toBeNull()
    await expect(files.resolve(at('circle'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    expect(await files.list(at('none'))).toEqual([])
    await files.remove(at('deep'))
    expect(await files.facts(at('deep'))).toBeNull()
    await files.remove(at('deep'))
  })

  it('names the path and the reason of a failure', async () => {
    const { files, at } = await open()
    await expect(files.read(at('none'))).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/none: it does not exist$/),
    })
    await files.folder(at('folder'))
    await expect(files.open(at('folder'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  it('walks in byte order, past what never belongs to a model', async () => {
    const { files, at, symlink } = await open()
    for (const name of ['b/z', 'b/a', 'B', 'ä', 'c.tmp', '.git/HEAD', 'b/.slipway/x', 'keep/.git/y']) {
      await files.folder(join(at(name), '..'))
      await files.write(at(name), name)
    }
    symlink('b', 'inside')
    symlink('..', 'b/up')
    const all = await files.walk(at(''), { include: ['**'], exclude: ['*.tmp', 'inside/'], links: 'refuse' })
    expect(all.map((one) => one.path)).toEqual(['B', 'b/a', 'b/z', 'ä'])
    const some = await files.walk(at(''), { include: ['/b/*', '!/b/z'], exclude: ['inside'], links: 'refuse' })
    expect(some.map((one) => one.path)).toEqual(['b/a'])
    expect((await files.walk(at('b/z'), { include: [], exclude: [], links: 'refuse' })).map((one) => one.path)).toEqual(
      ['z'],
    )
  })

  it('refuses links that leave the folder, unless they may', async () => {
    const { files, at, symlink } = await open()
    await files.folder(at('model'))
    await files.folder(at('other'))
    await files.write(at('other/secret'), 'x')
    symlink('../other/secret', 'model/weights')
    const rules = { include: ['**'], exclude: [], links: 'refuse' } as const
    await expect(files.walk(at('model'), rules)).rejects.toMatchObject({
      code: 'LINK_REFUSED',
      message: expect.stringContaining('links: follow'),
    })
    expect(await files.walk(at('model'), { ...rules, links: 'follow' })).toHaveLength(1)
    expect(await files.walk(at('model'), { ...rules, exclude: ['weights'] })).toHaveLength(0)
  })

  it('takes two spellings of one name for a mistake', async () => {
    const { files, at } = await open()
    await files.write(at('\u00e9'), '1')
    await files.write(at('e\u0301'), '2')
    if ((await files.list(at(''))).length < 2) return
    await expect(files.walk(at(''), { include: [], exclude: [], links: 'refuse' })).rejects.toThrow(/Unicode forms/)
  })
})

describe('memory files', () => {
  it('end where their room ends', async () => {
    const files = memoryFiles(10)
    await files.write('/a', '12345')
    const sink = await files.create('/b', 0o444)
    await sink.write(bytesOf('12345'))
    await expect(sink.write(bytesOf('6'))).rejects.toMatchObject({ code: 'NO_SPACE', next: ['slipway local prune'] })
    await sink.abandon()
    expect(await files.free('/')).toBe(5)
    await files.link('/a', '/c')
    await files.remove('/a')
    expect(await files.free('/')).toBe(5)
    await files.remove('/c')
    expect(await files.free('/')).toBe(10)
  })
})

describe('system files', () => {
  it('tell what is left', async () => {
    expect(await systemFiles.free(tmpdir())).toBeGreaterThan(0)
  })
})
