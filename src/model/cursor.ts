/** Reads numbers and strings front to back through a small window; never holds a file. */
import type { Bytes } from './bytes.ts'

const WINDOW = 64 * 1024

/** Thrown where the bytes end before what was asked for; readers turn it into their own error. */
export class EndOfBytes extends Error {
  readonly offset: number
  constructor(offset: number) {
    super(`the file ends at byte ${offset}`)
    this.offset = offset
  }
}

export class Cursor {
  /** Position in the file of the next byte. */
  at: number
  readonly end: number
  private readonly bytes: Bytes
  private buffer = new Uint8Array(WINDOW)
  private view = new DataView(this.buffer.buffer)
  /** Position of buffer[0], and how many bytes of it are filled. */
  private base = 0
  private filled = 0

  constructor(bytes: Bytes, at = 0, end = bytes.size) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** Bytes that are left. */
  get left(): number {
    return this.end - this.at
  }

  /** True where the next `length` bytes are in the window: then the reads below need no `need`. */
  has(length: number): boolean {
    return this.at >= this.base && this.at + length <= this.base + this.filled
  }

  /** Makes the next `length` bytes readable. Throws EndOfBytes. */
  async need(length: number): Promise<void> {
    if (length > this.left) throw new EndOfBytes(this.end)
    if (length > this.buffer.length) {
      this.buffer = new Uint8Array(length)
      this.view = new DataView(this.buffer.buffer)
    }
    const wanted = Math.min(this.buffer.length, this.left)
    this.base = this.at
    this.filled = await this.bytes.read(this.buffer.subarray(0, wanted), this.at)
    if (this.filled < length) throw new EndOfBytes(this.at + this.filled)
  }

  /** Passes over bytes without reading them. Throws EndOfBytes. */
  skip(length: number): void {
    if (length > this.left) throw new EndOfBytes(this.end)
    this.at += length
  }

  private move(length: number): number {
    const index = this.at - this.base
    this.at += length
    return index
  }

  async u8(): Promise<number> {
    if (!this.has(1)) await this.need(1)
    return this.buffer[this.move(1)]!
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes; beyond 2^53 it is Infinity, which every bound refuses. */
  async unsigned(width: 1 | 2 | 4 | 8, little = true): Promise<number> {
    if (!this.has(width)) await this.need(width)
    const index = this.move(width)
    if (width === 1) return this.buffer[index]!
    if (width === 2) return this.view.getUint16(index, little)
    if (width === 4) return this.view.getUint32(index, little)
    const value = this.view.getBigUint64(index, little)
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
  }

  async signed(width: 1 | 2 | 4 | 8, little = true): Promise<number> {
    if (!this.has(width)) await this.need(width)
    const index = this.move(width)
    if (width === 1) return this.view.getInt8(index)
    if (width === 2) return this.view.getInt16(index, little)
    if (width === 4) return this.view.getInt32(index, little)
    return Number(this.view.getBigInt64(index, little))
  }

  /** A protobuf varint of at most 10 bytes; beyond 2^53 it is Infinity, and undefined where it has no end. */
  async varint(): Promise<number | undefined> {
    if (!this.has(Math.min(10, this.left))) await this.need(Math.min(10, this.left))
    let value = 0
    for (let k = 0; k < 10; k++) {
      if (this.left === 0) throw new EndOfBytes(this.end)
      const byte = this.buffer[this.move(1)]!
      value += (byte & 0x7f) * 2 ** (7 * k)
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
    }
    return undefined
  }

  async float(width: 4 | 8, little = true): Promise<number> {
    if (!this.has(width)) await this.need(width)
    const index = this.move(width)
    return width === 4 ? this.view.getFloat32(index, little) : this.view.getFloat64(index, little)
  }

  /** A copy of the next bytes; the caller has bounded `length`. */
  async take(length: number): Promise<Uint8Array> {
    if (!this.has(length)) await this.need(length)
    const index = this.move(length)
    return this.buffer.slice(index, index + length)
  }
}
