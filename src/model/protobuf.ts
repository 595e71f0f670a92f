/** Walks a protobuf message field by field; length-delimited values are visited or passed over, never loaded unasked. */
import { type Cursor, EndOfBytes } from './cursor.ts'

/** A field that was met. The cursor stands at the bytes of a length-delimited one. */
export interface Field {
  readonly number: number
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  readonly wire: number
  /** A varint's value; else bytes of the value. */
  readonly value: number
  /** Position of its tag in the file. */
  readonly at: number
}

export class ProtobufFault extends Error {
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** Bounds the work on one file. */
const MAX_FIELDS = 20_000_000

export class Protobuf {
  readonly cursor: Cursor
  private left = MAX_FIELDS

  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  /** Calls `visit` for each field up to `end`; what it does not read is passed over. Throws ProtobufFault, EndOfBytes. */
  async message(end: number, visit: (field: Field) => Promise<void> | void): Promise<void> {
    const { cursor } = this
    while (cursor.at < end) {
      const at = cursor.at
      if (--this.left < 0) throw new ProtobufFault(at, `more than ${MAX_FIELDS} fields`)
      const tag = await this.varint(at)
      const number = Math.floor(tag / 8)
      const wire = tag % 8
      if (number === 0 || number > 2 ** 29 - 1) throw new ProtobufFault(at, 'a field without a number')
      const value = wire === 0 || wire === 2 ? await this.varint(at) : wire === 1 ? 8 : wire === 5 ? 4 : -1
      if (value === -1) throw new ProtobufFault(at, `the unknown wire type ${wire}`)
      const next = wire === 0 ? cursor.at : cursor.at + value
      if (next > cursor.end) throw new EndOfBytes(cursor.end)
      if (next > end) throw new ProtobufFault(at, 'a field that is longer than what holds it')
      await visit({ number, wire, value, at })
      cursor.at = next
    }
  }

  private async varint(at: number): Promise<number> {
    const value = await this.cursor.varint()
    if (value === undefined) throw new ProtobufFault(at, 'a number of more than 10 bytes')
    return value
  }

  /** The bytes of a length-delimited field as text, at most `most`. */
  async text(field: Field, most: number): Promise<string> {
    if (field.wire !== 2) throw new ProtobufFault(field.at, 'text expected')
    if (field.value > most) throw new ProtobufFault(field.at, `text of ${field.value} bytes; at most ${most} are read`)
    return new TextDecoder().decode(await this.cursor.take(field.value))
  }

  /** Whole numbers of a repeated field, packed or single. */
  async numbers(field: Field, most: number): Promise<number[]> {
    if (field.wire === 0) return [field.value]
    if (field.wire !== 2) throw new ProtobufFault(field.at, 'whole numbers expected')
    const end = this.cursor.at + field.value
    const out: number[] = []
    while (this.cursor.at < end) {
      if (out.length >= most) throw new ProtobufFault(field.at, `more than ${most} numbers`)
      out.push(await this.varint(field.at))
    }
    if (this.cursor.at !== end) throw new ProtobufFault(field.at, 'a number that is longer than what holds it')
    return out
  }
}
