import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bytes } from '../../src/model/bytes.ts'
import { padding, TAR_END, type TarEntry, tarHeader } from '../../src/oci/tar.ts'
import { readTar } from '../../src/oci/untar.ts'

const PATHS = [
  'models/a.txt',
  'app/with space and ümläut/日本語.py',
  `models/${'d'.repeat(90)}/${'n'.repeat(90)}`,
  `models/${'long/'.repeat(60)}end`,
  `models/${'x'.repeat(180)}`,
  'models/new\nline',
  'models/-rf',
]
const entryOf = (path: string, size = 5): TarEntry => ({ path, size, mode: path.startsWith('app/') ? 0o755 : 0o644 })

function archive(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => [
    tarHeader(entry),
    new Uint8Array(entry.size).fill(120),
    new Uint8Array(padding(entry.size)),
  ])
  return Buffer.concat([...parts, TAR_END])
}
const bytesOf = (data: Uint8Array): Bytes => ({
  size: data.length,
  read: async (into, position) => {
    const piece = data.subarray(position, position + into.length)
    into.set(piece)
    return piece.length
  },
})

describe('tar', () => {
  it('is read by the system’s tar, time 0 included', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-tar-'))
    try {
      writeFileSync(join(folder, 'a.tar'), archive(PATHS.map((path) => entryOf(path))))
      execFileSync('tar', ['-xf', 'a.tar'], { cwd: folder })
      for (const path of PATHS) {
        const stat = statSync(join(folder, path))
        expect([path, stat.size, stat.mtimeMs, (stat.mode & 0o100) !== 0]).toEqual([
          path,
          5,
          0,
          path.startsWith('app/'),
        ])
        expect(readFileSync(join(folder, path), 'utf8')).toBe('xxxxx')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('carries sizes beyond 8 GiB in a PAX record', () => {
    const header = tarHeader({ path: 'models/w', size: 2 ** 33 + 1, mode: 0o644 })
    expect(header.length).toBe(3 * 512)
    expect(new TextDecoder().decode(header.subarray(512, 540))).toContain(`size=${2 ** 33 + 1}\n`)
  })

  it('is the same bytes for the same files', () => {
    expect(Buffer.from(tarHeader(entryOf('models/a.txt'))).toString('latin1')).toMatch(
      /^models\/a\.txt\0+0000644\x000000000\x000000000\x0000000000005\x0000000000000\x00\d{6}\0 0\0+ustar\x0000\0+0000000\x000000000\0+$/,
    )
  })

  it('comes back as it was written', async () => {
    const entries = PATHS.map((path, k) => entryOf(path, k * 300))
    const files = await readTar(bytesOf(archive(entries)), 'layer')
    expect(files.map(({ offset: _offset, ...entry }) => entry)).toEqual(entries)
    expect(await readTar(bytesOf(archive([])), 'layer')).toEqual([])
  })

  it.each([
    '../models/a',
    '/models/a',
    'models/../../a',
    'models//a',
    'models/./a',
    'etc/passwd',
    'models/',
    'models/a\0b',
  ])('refuses the path %j', async (path) => {
    await expect(readTar(bytesOf(archive([entryOf(path)])), 'layer')).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })

  it('refuses links, owners, times, other modes and other ends', async () => {
    const sound = archive([entryOf('models/a')])
    const changed = (at: number, byte: number) => {
      const out = Uint8Array.from(sound)
      out[at] = byte
      let sum = 0
      for (let k = 0; k < 512; k++) sum += k >= 148 && k < 156 ? 32 : out[k]!
      out.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
      return out
    }
    await readTar(bytesOf(sound), 'layer')
    const wrong = [
      changed(156, 0x32),
      changed(156, 0x31),
      changed(114, 0x31),
      changed(146, 0x31),
      changed(104, 0x37),
      changed(265, 0x61),
      changed(600, 1),
      sound.subarray(0, sound.length - 512),
      sound.subarray(0, 700),
      Buffer.concat([sound, new Uint8Array(512)]),
      Uint8Array.from([...sound.subarray(0, sound.length - 1), 1]),
    ]
    for (const data of wrong)
      await expect(readTar(bytesOf(data), 'layer')).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})
