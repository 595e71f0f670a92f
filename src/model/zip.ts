/** Is a file also a ZIP archive? ZIP is found from its end, so any other format may stand before it. */
import { type Bytes, slice } from './bytes.ts'

const END = 22
const MAX_COMMENT = 65_535
const MAX_NAMES = 2 ** 20

/** Names in the archive, the first ones; null where it is no archive. */
export async function zipNames(bytes: Bytes): Promise<readonly string[] | null> {
  const length = Math.min(bytes.size, END + MAX_COMMENT)
  const tail = await slice(bytes, bytes.size - length, length)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length)
  for (let at = tail.length - END; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50 || at + END + view.getUint16(at + 20, true) > tail.length) continue
    const size = view.getUint32(at + 12, true)
    const start = bytes.size - length + at - size
    if (start < 0 && size !== 0xffffffff) continue
    return listed(await slice(bytes, Math.max(0, start), Math.min(size, MAX_NAMES)))
  }
  return null
}

/** Names of the central directory. */
function listed(directory: Uint8Array): string[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.length)
  const names: string[] = []
  for (let at = 0; at + 46 <= directory.length && view.getUint32(at, true) === 0x02014b50; ) {
    const length = view.getUint16(at + 28, true)
    names.push(new TextDecoder().decode(directory.subarray(at + 46, at + 46 + length)))
    at += 46 + length + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return names
}
