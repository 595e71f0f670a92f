/** Model files made by hand, sound or lying, held in memory. */
import type { ModelFile } from '../../src/model/bytes.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

export function fileOf(path: string, data: Uint8Array | string): ModelFile {
  const bytes = typeof data === 'string' ? bytesOf(data) : data
  const read = async (into: Uint8Array, position: number) => {
    const piece = bytes.subarray(position, position + into.length)
    into.set(piece)
    return piece.length
  }
  return { path, size: bytes.length, use: (work) => work({ size: bytes.length, read }) }
}

export const filesOf = (files: Readonly<Record<string, Uint8Array | string>>): ModelFile[] =>
  Object.entries(files).map(([path, data]) => fileOf(path, data))

export const join = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

export function u64(value: number | bigint): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true)
  return out
}
export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}

/** A safetensors file from the text of its header. */
export const safetensorsOf = (header: string, data: number | Uint8Array): Uint8Array => {
  const json = bytesOf(header)
  return join(u64(json.length), json, typeof data === 'number' ? new Uint8Array(data) : data)
}

const ggufString = (text: string): Uint8Array => join(u64(bytesOf(text).length), bytesOf(text))

export type GgufValue = readonly [type: number, bytes: Uint8Array]
export const GGUF = {
  u32: (value: number): GgufValue => [4, u32(value)],
  u16: (value: number): GgufValue => [2, Uint8Array.of(value & 255, value >> 8)],
  text: (value: string): GgufValue => [8, ggufString(value)],
  texts: (values: readonly string[]): GgufValue => [9, join(u32(8), u64(values.length), ...values.map(ggufString))],
}
export interface GgufTensor {
  readonly name: string
  readonly shape: readonly (number | bigint)[]
  readonly type: number
  readonly offset: number | bigint
}

/** A GGUF version 3 file with `data` bytes behind its padded header. */
export function ggufOf(
  keys: readonly (readonly [string, GgufValue])[],
  tensors: readonly GgufTensor[],
  data: number,
  alignment = 32,
): Uint8Array {
  const header = join(
    bytesOf('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(keys.length),
    ...keys.map(([key, [type, value]]) => join(ggufString(key), u32(type), value)),
    ...tensors.map(({ name, shape, type, offset }) =>
      join(ggufString(name), u32(shape.length), ...shape.map(u64), u32(type), u64(offset)),
    ),
  )
  return join(header, new Uint8Array((alignment - (header.length % alignment)) % alignment), new Uint8Array(data))
}

/** A protobuf varint. */
export function varint(value: number | bigint): Uint8Array {
  const out: number[] = []
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...out, Number(rest)])
    out.push(Number(rest & 127n) | 128)
  }
}
const numberField = (field: number, value: number | bigint): Uint8Array => join(varint(field * 8), varint(value))
const field = (number: number, bytes: Uint8Array | string): Uint8Array => {
  const data = typeof bytes === 'string' ? bytesOf(bytes) : bytes
  return join(varint(number * 8 + 2), varint(data.length), data)
}
export const PROTO = { number: numberField, field }

export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly (number | bigint)[]
  readonly type?: number
  readonly raw?: number
  readonly external?: Readonly<Record<string, string>>
}
export const onnxTensor = ({ name, dims, type = 1, raw, external }: OnnxTensor): Uint8Array =>
  join(
    ...dims.map((size) => numberField(1, size)),
    numberField(2, type),
    field(8, name),
    ...(raw === undefined ? [] : [field(9, new Uint8Array(raw))]),
    ...Object.entries(external ?? {}).map(([key, value]) => field(13, join(field(1, key), field(2, value)))),
    ...(external === undefined ? [] : [numberField(14, 1)]),
  )

/** An ONNX model whose graph holds these initializers. */
export const onnxOf = (tensors: readonly OnnxTensor[], more: Uint8Array = new Uint8Array()): Uint8Array =>
  join(
    numberField(1, 8),
    field(2, 'tests'),
    field(7, join(field(2, 'graph'), ...tensors.map((tensor) => field(5, onnxTensor(tensor))))),
    field(8, join(field(1, ''), numberField(2, 17))),
    more,
  )
