/** Request ids of our own: UUIDv7 (RFC 9562), so that they sort by time. */
import { randomFillSync } from 'node:crypto'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const pool = Buffer.allocUnsafe(4096)
let at = pool.length

const byte = (value: number): string => HEX[value & 0xff]!

/** A UUIDv7 for the wall clock `now` (ms since 1970): 48 bits of time, 74 random bits. */
export function uuidv7(now: number): string {
  if (at + 10 > pool.length) {
    randomFillSync(pool)
    at = 0
  }
  const high = Math.floor(now / 0x1_0000)
  const low = Math.floor(now) & 0xffff
  const r = pool
  const i = at
  at += 10
  const time = `${byte(high >>> 24)}${byte(high >>> 16)}${byte(high >>> 8)}${byte(high)}-${byte(low >>> 8)}${byte(low)}`
  const middle = `${byte(0x70 | (r[i]! & 0x0f))}${byte(r[i + 1]!)}-${byte(0x80 | (r[i + 2]! & 0x3f))}${byte(r[i + 3]!)}`
  const tail = `${byte(r[i + 4]!)}${byte(r[i + 5]!)}${byte(r[i + 6]!)}${byte(r[i + 7]!)}${byte(r[i + 8]!)}${byte(r[i + 9]!)}`
  return `${time}-${middle}-${tail}`
}
