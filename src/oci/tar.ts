/** A deterministic tar writer (POSIX.1-2001 ustar with PAX records): owner 0, mtime 0, no names of people. */

export interface TarEntry {
  /** `/`-separated, without a leading slash. */
  readonly path: string
  readonly size: number
  readonly mode: number
}

const BLOCK = 512
const MAX_USTAR_SIZE = 8 ** 11 - 1

const text = new TextEncoder()
const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`

/** Splits a path into ustar's prefix and name; undefined where it does not fit or is not ASCII. */
function ustarName(path: string): { name: string; prefix: string } | undefined {
  if (!/^[\x20-\x7e]*$/.test(path)) return undefined
  if (path.length <= 100) return { name: path, prefix: '' }
  for (let cut = path.indexOf('/'); cut > 0 && cut <= 155; cut = path.indexOf('/', cut + 1))
    if (path.length - cut - 1 <= 100) return { name: path.slice(cut + 1), prefix: path.slice(0, cut) }
  return undefined
}

function block(name: string, prefix: string, size: number, mode: number, type: '0' | 'x'): Uint8Array {
  const out = new Uint8Array(BLOCK)
  const put = (value: string, at: number) => text.encodeInto(value, out.subarray(at))
  put(name, 0)
  put(octal(mode, 8), 100)
  put(octal(0, 8), 108)
  put(octal(0, 8), 116)
  put(octal(size, 12), 124)
  put(octal(0, 12), 136)
  put('        ', 148)
  put(type, 156)
  put('ustar\u000000', 257)
  put(octal(0, 8), 329)
  put(octal(0, 8), 337)
  put(prefix, 345)
  let sum = 0
  for (const byte of out) sum += byte
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return out
}

/** One PAX record, `LENGTH KEY=VALUE` LF, where LENGTH counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = text.encode(` ${key}=${value}\n`)
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  const out = new Uint8Array(length)
  text.encodeInto(String(length), out)
  out.set(rest, length - rest.length)
  return out
}

/** Zero bytes that fill the last block of `size` bytes. */
export const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

/** All that stands before the bytes of a file. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const fits = ustarName(entry.path)
  const records: Uint8Array[] = []
  if (!fits) records.push(paxRecord('path', entry.path))
  if (entry.size > MAX_USTAR_SIZE) records.push(paxRecord('size', String(entry.size)))
  const own = block(fits?.name ?? 'pax', fits?.prefix ?? '', Math.min(entry.size, MAX_USTAR_SIZE), entry.mode, '0')
  if (records.length === 0) return own
  const length = records.reduce((sum, record) => sum + record.length, 0)
  const out = new Uint8Array(BLOCK + length + padding(length) + BLOCK)
  out.set(block('pax', '', length, 0o644, 'x'), 0)
  let at = BLOCK
  for (const record of records) {
    out.set(record, at)
    at += record.length
  }
  out.set(own, out.length - BLOCK)
  return out
}

/** Two empty blocks end an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK)
