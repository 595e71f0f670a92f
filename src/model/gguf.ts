/** GGUF versions 1 to 3, little and big endian, single and split (NAME-00001-of-0000N.gguf). */
import type { Bytes, ModelFile } from './bytes.ts'
import { Cursor, EndOfBytes } from './cursor.ts'
import {
  elements,
  type FormatReader,
  type FormatReading,
  invalid,
  MAX_TENSORS,
  metadataValue,
  truncated,
} from './format.ts'
import { GGML_TYPES } from './ggml-types.ts'
import type { TensorInfo } from './types.ts'

const MAX_HEADER = 128 * 2 ** 20
const MAX_KEYS = 100_000
const MAX_KEY_BYTES = 65_535
const MAX_STRING = 16 * 2 ** 20
const MAX_DIMENSIONS = 8
const MAX_ARRAY_DEPTH = 4
/** Metadata that is shown; the rest is counted over. */
const SHOWN_KEYS = 1000

type Plain = string | number | boolean
/** Bytes of a value type; 8 is a string, 9 an array. */
const WIDTHS: Readonly<Record<number, 1 | 2 | 4 | 8>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
}
const STRING = 8
const ARRAY = 9

interface Placed extends TensorInfo {
  readonly offset: number
}
interface One {
  readonly tensors: readonly TensorInfo[]
  readonly metadata: ReadonlyMap<string, Plain>
  readonly version: number
}

class Reader {
  readonly file: string
  readonly cursor: Cursor
  little = true
  version = 3
  constructor(file: string, bytes: Bytes) {
    this.file = file
    this.cursor = new Cursor(bytes, 0, bytes.size)
  }

  fail(what: string, offset = this.cursor.at): never {
    throw invalid(this.file, offset, what)
  }
  u32(): Promise<number> {
    return this.cursor.unsigned(4, this.little)
  }
  /** Counts and lengths: 32 bits in version 1, else 64. */
  count(): Promise<number> {
    return this.cursor.unsigned(this.version === 1 ? 4 : 8, this.little)
  }
  within(): void {
    if (this.cursor.at > MAX_HEADER) this.fail(`the header is longer than ${MAX_HEADER} bytes`)
  }

  /** A string; only its first `keep` bytes are looked at. */
  async string(most: number, keep: number): Promise<string> {
    const start = this.cursor.at
    const length = await this.count()
    if (length > most) this.fail(`a string of ${length} bytes; at most ${most} are read`, start)
    const head = await this.cursor.take(Math.min(length, keep))
    this.cursor.skip(length - head.length)
    this.within()
    return new TextDecoder().decode(head)
  }

  async scalar(type: number): Promise<Plain> {
    const { cursor, little } = this
    if (type === STRING) return this.string(MAX_STRING, 1000)
    if (type === 7) return (await cursor.u8()) !== 0
    if (type === 6) return cursor.float(4, little)
    if (type === 12) return cursor.float(8, little)
    const width = WIDTHS[type] ?? this.fail(`the unknown value type ${type}`, cursor.at)
    return [1, 3, 5, 11].includes(type) ? cursor.signed(width, little) : cursor.unsigned(width, little)
  }

  /** Passes over an array; returns how it is shown. */
  async array(depth: number): Promise<string> {
    if (depth > MAX_ARRAY_DEPTH) this.fail(`arrays nested deeper than ${MAX_ARRAY_DEPTH}`)
    const start = this.cursor.at
    const type = await this.u32()
    const length = await this.count()
    const width = WIDTHS[type]
    if (width === undefined && type !== STRING && type !== ARRAY)
      this.fail(`an array of the unknown type ${type}`, start)
    if (length * (width ?? 4) > MAX_HEADER) this.fail(`an array of ${length} values`, start)
    if (width !== undefined) this.cursor.skip(length * width)
    else for (let k = 0; k < length; k++) await (type === STRING ? this.string(MAX_STRING, 0) : this.array(depth + 1))
    this.within()
    return `${length} values`
  }
}

async function begin(reader: Reader): Promise<{ tensors: number; keys: number }> {
  const magic = await reader.cursor.take(4)
  if (String.fromCharCode(...magic) !== 'GGUF') reader.fail('it does not begin with GGUF', 0)
  const version = await reader.u32()
  // A big-endian file shows its version with the bytes turned round.
  reader.little = version % 65_536 !== 0
  reader.version = reader.little ? version : version / 2 ** 24
  if (![1, 2, 3].includes(reader.version)) reader.fail(`GGUF version ${version}; known are 1, 2 and 3`, 4)
  const tensors = await reader.count()
  const keys = await reader.count()
  if (tensors > MAX_TENSORS) reader.fail(`${tensors} tensors are announced; at most ${MAX_TENSORS} are read`, 8)
  if (keys > MAX_KEYS) reader.fail(`${keys} metadata keys are announced; at most ${MAX_KEYS} are read`, 8)
  return { tensors, keys }
}

async function metadataOf(reader: Reader, keys: number): Promise<Map<string, Plain>> {
  const out = new Map<string, Plain>()
  const seen = new Set<string>()
  for (let k = 0; k < keys; k++) {
    const start = reader.cursor.at
    const key = await reader.string(MAX_KEY_BYTES, MAX_KEY_BYTES)
    if (seen.has(key)) reader.fail(`the key ${JSON.stringify(key.slice(0, 80))} stands twice`, start)
    seen.add(key)
    const type = await reader.u32()
    const value = type === ARRAY ? await reader.array(1) : await reader.scalar(type)
    if (out.size < SHOWN_KEYS || key.startsWith('split.') || key === 'general.alignment')
      out.set(key.slice(0, 200), metadataValue(value))
  }
  return out
}

async function tensorOf(reader: Reader, names: Set<string>): Promise<Placed> {
  const start = reader.cursor.at
  const name = await reader.string(MAX_KEY_BYTES, MAX_KEY_BYTES)
  const bad = (what: string): never => reader.fail(`tensor ${JSON.stringify(name.slice(0, 120))} ${what}`, start)
  if (names.has(name)) bad('stands twice')
  names.add(name)
  const dimensions = await reader.u32()
  if (dimensions > MAX_DIMENSIONS) bad(`has ${dimensions} dimensions; at most ${MAX_DIMENSIONS} are read`)
  const shape: number[] = []
  for (let k = 0; k < dimensions; k++) shape.push(await reader.count())
  const number = await reader.u32()
  const offset = await reader.cursor.unsigned(8, reader.little)
  const type = GGML_TYPES.get(number)
  if (!type)
    return bad(`has the unknown type ${number}; known: ${[...GGML_TYPES.values()].map((one) => one.name).join(', ')}`)
  const count = shape.every(Number.isSafeInteger) ? elements(shape) : undefined
  const bytes = count === undefined ? undefined : (count / type.block) * type.bytes
  if (count === undefined || bytes === undefined || !Number.isSafeInteger(bytes))
    return bad('has a shape beyond what a file can hold')
  if ((shape[0] ?? 1) % type.block !== 0)
    bad(`has rows of ${shape[0]} elements, no multiple of the ${type.block} of ${type.name}`)
  if (!Number.isSafeInteger(offset)) bad('begins beyond what a file can hold')
  return { name, dtype: type.name, shape, bytes, file: reader.file, offset }
}

/** Tensors lie one behind the other, each at the next multiple of the alignment. */
function covered(reader: Reader, size: number, alignment: number, tensors: readonly Placed[]): void {
  const up = (value: number) => Math.ceil(value / alignment) * alignment
  const base = up(reader.cursor.at)
  let at = 0
  for (const tensor of [...tensors].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    const named = `tensor ${JSON.stringify(tensor.name.slice(0, 120))}`
    if (tensor.offset % alignment !== 0)
      reader.fail(`${named} is not aligned to ${alignment} bytes`, base + tensor.offset)
    if (tensor.offset < at) reader.fail(`${named} overlaps the one before it`, base + tensor.offset)
    if (tensor.offset > up(at))
      reader.fail(`${tensor.offset - up(at)} bytes before ${named} belong to none`, base + up(at))
    at = tensor.offset + tensor.bytes
    if (base + at > size)
      throw truncated(reader.file, size, `the file ends here, but ${named} goes to byte ${base + at}`)
  }
  if (tensors.length > 0 && size > base + up(at))
    reader.fail(`${size - base - up(at)} bytes at the end belong to no tensor`, base + up(at))
  if (tensors.length === 0 && size > base) reader.fail(`${size - base} bytes at the end belong to no tensor`, base)
}

async function readOne(file: string, bytes: Bytes): Promise<One> {
  const reader = new Reader(file, bytes)
  try {
    const { tensors: count, keys } = await begin(reader)
    const metadata = await metadataOf(reader, keys)
    const names = new Set<string>()
    const placed: Placed[] = []
    for (let k = 0; k < count; k++) placed.push(await tensorOf(reader, names))
    const alignment = metadata.get('general.alignment') ?? 32
    if (
      typeof alignment !== 'number' ||
      !Number.isSafeInteger(alignment) ||
      alignment < 1 ||
      alignment > 2 ** 20 ||
      alignment % 8 !== 0
    )
      reader.fail(`general.alignment is ${alignment}; a multiple of 8 up to ${2 ** 20} is read`, 0)
    covered(reader, bytes.size, Number(alignment), placed)
    return { tensors: placed.map(({ offset: _offset, ...tensor }) => tensor), metadata, version: reader.version }
  } catch (error) {
    if (error instanceof EndOfBytes) throw truncated(file, error.offset, 'the file ends inside its header')
    throw error
  }
}

/** Parts of a split model: numbers agree, all are there, no tensor twice. */
function checkSplit(file: string, one: One, all: ReadonlyMap<string, ModelFile>): void {
  const count = one.metadata.get('split.count')
  if (typeof count !== 'number' || count <= 1) return
  const match = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(file)
  if (!match)
    throw invalid(
      file,
      null,
      `it is part of ${count}, but is not named NAME-00001-of-${String(count).padStart(5, '0')}.gguf`,
    )
  const [, stem, own, of] = match
  if (Number(of) !== count) throw invalid(file, null, `its name says ${Number(of)} parts, its header ${count}`)
  if (one.metadata.get('split.no') !== Number(own) - 1)
    throw invalid(file, null, `its name says part ${Number(own)}, its header another`)
  const missing = Array.from(
    { length: Math.min(count, 65_536) },
    (_, k) => `${stem}-${String(k + 1).padStart(5, '0')}-of-${of}.gguf`,
  ).find((name) => !all.has(name))
  if (missing !== undefined) throw invalid(file, null, `the part ${JSON.stringify(missing)} is missing; fetch it`)
}

/** The tensors of all parts of a split model together are as many as it announces, each once. */
function checkWhole(read: ReadonlyMap<string, One>): void {
  const groups = new Map<string, [string, One][]>()
  for (const [file, one] of read) {
    const stem = /^(.*)-\d{5}-of-\d{5}\.gguf$/i.exec(file)?.[1]
    if (stem !== undefined && Number(one.metadata.get('split.count') ?? 1) > 1)
      groups.set(stem, [...(groups.get(stem) ?? []), [file, one]])
  }
  for (const parts of groups.values()) {
    const names = new Set<string>()
    for (const [file, one] of parts)
      for (const { name } of one.tensors) {
        if (names.has(name))
          throw invalid(file, null, `tensor ${JSON.stringify(name.slice(0, 120))} stands in two parts`)
        names.add(name)
      }
    const [file, first] = parts[0]!
    const promised = first.metadata.get('split.tensors.count')
    if (typeof promised === 'number' && promised !== names.size)
      throw invalid(file, null, `${promised} tensors are announced, the parts hold ${names.size}`)
  }
}

export const gguf: FormatReader = {
  format: 'gguf',
  endings: ['.gguf'],
  read: async (own, all): Promise<FormatReading> => {
    const read = new Map<string, One>()
    for (const file of own) {
      const one = await file.use((bytes) => readOne(file.path, bytes))
      checkSplit(file.path, one, all)
      read.set(file.path, one)
    }
    checkWhole(read)
    const parts = [...read.values()]
    const metadata = Object.fromEntries(parts.flatMap((one) => [...one.metadata]).reverse())
    const notes = Object.keys(metadata).some((key) => key.startsWith('tokenizer.chat_template'))
      ? ['the GGUF file holds a chat template: a Jinja program that the server runs on each request']
      : []
    return { tensors: parts.flatMap((one) => one.tensors), metadata, files: own.map((file) => file.path), notes }
  },
}
