/** Reads a layer as `tar.ts` writes it, and only so: each header is made again and must be the same bytes. */
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import { type Bytes, slice } from '../model/bytes.ts'
import { padding, TAR_END, type TarEntry, tarHeader } from './tar.ts'

/** A file of a layer, and where its bytes lie in the tar. */
export interface TarFile extends TarEntry {
  readonly offset: number
}

const BLOCK = 512
const MAX_PAX = 64 * 1024
const MAX_FILES = 100_000

const text = new TextDecoder()
const field = (block: Uint8Array, at: number, length: number): string => {
  const raw = block.subarray(at, at + length)
  const end = raw.indexOf(0)
  return text.decode(end === -1 ? raw : raw.subarray(0, end))
}
const octal = (block: Uint8Array, at: number, length: number): number => {
  const digits = field(block, at, length).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

/** `path` and `size` of PAX records; anything else is found out when the header is made again. */
function paxOf(bytes: Uint8Array): { path?: string; size?: number } {
  const out: { path?: string; size?: number } = {}
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(text.decode(bytes.subarray(at, space)))
    if (space === -1 || !(length > space - at)) break
    const record = text.decode(bytes.subarray(space + 1, at + length - 1))
    const cut = record.indexOf('=')
    if (record.slice(0, cut) === 'path') out.path = record.slice(cut + 1)
    if (record.slice(0, cut) === 'size') out.size = Number(record.slice(cut + 1))
    at += length
  }
  return out
}

/** Below models/ or app/, and nowhere else. */
const sound = (path: string): boolean =>
  /^(models|app)\/./.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
  !path.includes('\0')

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, k) => byte === b[k])

/** The header at a position; null at the end of the archive. */
async function entryAt(bytes: Bytes, at: number): Promise<{ entry: TarEntry; header: Uint8Array } | null> {
  const first = await slice(bytes, at, BLOCK)
  if (first.every((byte) => byte === 0)) return null
  const extended = first[156] === 0x78
  const length = extended ? octal(first, 124, 12) : 0
  if (!(length <= MAX_PAX)) return null
  const pax = extended ? paxOf(await slice(bytes, at + BLOCK, length)) : {}
  const total = extended ? 2 * BLOCK + length + padding(length) : BLOCK
  const own = await slice(bytes, at + total - BLOCK, BLOCK)
  if (own.length < BLOCK) return null
  const prefix = field(own, 345, 155)
  const path = pax.path ?? (prefix === '' ? field(own, 0, 100) : `${prefix}/${field(own, 0, 100)}`)
  const entry = { path, size: pax.size ?? octal(own, 124, 12), mode: octal(own, 100, 8) }
  return { entry, header: await slice(bytes, at, total) }
}

/** Throws MODEL_INVALID where the layer is not as slipway writes it. `name` is what people see. */
export async function readTar(bytes: Bytes, name: string): Promise<readonly TarFile[]> {
  const files: TarFile[] = []
  const wrong = (at: number, what: string) =>
    new SlipwayError(
      'MODEL_INVALID',
      `layer ${visible(name)}, byte ${at}: ${what}; slipway reads layers that it has written itself`,
      { where: [{ file: name }] },
    )
  let at = 0
  for (;;) {
    const read = await entryAt(bytes, at)
    if (read === null) break
    const { entry, header } = read
    const known = Number.isSafeInteger(entry.size) && entry.size >= 0 && (entry.mode === 0o644 || entry.mode === 0o755)
    if (!known || !same(tarHeader(entry), header)) throw wrong(at, 'a header of another kind')
    if (!sound(entry.path))
      throw wrong(at, `the path ${JSON.stringify(visible(entry.path))} lies outside models/ and app/`)
    if (files.length >= MAX_FILES) throw wrong(at, `more than ${MAX_FILES} files`)
    const offset = at + header.length
    files.push({ ...entry, offset })
    at = offset + entry.size + padding(entry.size)
    const rest = await slice(bytes, offset + entry.size, padding(entry.size))
    if (rest.some((byte) => byte !== 0)) throw wrong(offset + entry.size, 'bytes between two files')
    if (at > bytes.size) throw wrong(bytes.size, `the layer ends inside ${JSON.stringify(visible(entry.path))}`)
  }
  const end = await slice(bytes, at, TAR_END.length)
  if (at + TAR_END.length !== bytes.size || end.some((byte) => byte !== 0))
    throw wrong(at, 'it does not end as it should')
  return files
}
