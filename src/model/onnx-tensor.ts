/** TensorProto of onnx.proto3, without its bytes. */
import { elements } from './format.ts'
import { type Field, type Protobuf, ProtobufFault } from './protobuf.ts'

/** TensorProto.DataType: name and bits of an element (0: strings have none). */
export const BITS: Readonly<Record<number, readonly [string, number]>> = {
  ...{ 1: ['FLOAT', 32], 2: ['UINT8', 8], 3: ['INT8', 8], 4: ['UINT16', 16], 5: ['INT16', 16], 6: ['INT32', 32] },
  ...{
    7: ['INT64', 64],
    8: ['STRING', 0],
    9: ['BOOL', 8],
    10: ['FLOAT16', 16],
    11: ['DOUBLE', 64],
    12: ['UINT32', 32],
  },
  ...{
    13: ['UINT64', 64],
    14: ['COMPLEX64', 64],
    15: ['COMPLEX128', 128],
    16: ['BFLOAT16', 16],
    17: ['FLOAT8E4M3FN', 8],
  },
  ...{ 18: ['FLOAT8E4M3FNUZ', 8], 19: ['FLOAT8E5M2', 8], 20: ['FLOAT8E5M2FNUZ', 8], 21: ['UINT4', 4], 22: ['INT4', 4] },
  ...{ 23: ['FLOAT4E2M1', 4], 24: ['FLOAT8E8M0', 8], 25: ['UINT2', 2], 26: ['INT2', 2] },
}

export interface TensorProto {
  readonly name: string
  readonly type: number
  readonly dims: readonly number[]
  /** undefined: beyond what a file can hold. */
  readonly elements: number | undefined
  /** Bytes of raw_data; null without. */
  readonly raw: number | null
  /** Some of float_data, int32_data … is there. */
  readonly typed: boolean
  readonly external: boolean
  /** external_data. */
  readonly places: ReadonlyMap<string, string>
}

const MAX_NAME = 65_536
const MAX_DIMENSIONS = 64
const TYPED = new Set([4, 5, 6, 7, 10, 11])

async function pair(proto: Protobuf, end: number): Promise<[string, string]> {
  let key = ''
  let value = ''
  await proto.message(end, async (field) => {
    if (field.number === 1) key = await proto.text(field, MAX_NAME)
    else if (field.number === 2) value = await proto.text(field, MAX_NAME)
  })
  return [key, value]
}

/** Reads up to `end`. Throws ProtobufFault where a field that may stand once stands twice. */
export async function tensorProto(proto: Protobuf, end: number): Promise<TensorProto> {
  const dims: number[] = []
  const places = new Map<string, string>()
  const once = new Set<number>()
  let [name, type, location] = ['', 0, 0]
  let raw: number | null = null
  let typed = false
  const single = (field: Field) => {
    if (once.has(field.number)) throw new ProtobufFault(field.at, `field ${field.number} of a tensor stands twice`)
    once.add(field.number)
  }
  await proto.message(end, async (field) => {
    if ([2, 8, 9, 14].includes(field.number)) single(field)
    if (field.number === 1) {
      for (const size of await proto.numbers(field, MAX_DIMENSIONS)) dims.push(size)
      if (dims.length > MAX_DIMENSIONS) throw new ProtobufFault(field.at, `more than ${MAX_DIMENSIONS} dimensions`)
    } else if (field.number === 2) type = field.value
    else if (field.number === 8) name = await proto.text(field, MAX_NAME)
    else if (field.number === 9) raw = field.wire === 2 ? field.value : -1
    else if (field.number === 14) location = field.value
    else if (field.number === 13 && field.wire === 2) {
      const [key, value] = await pair(proto, proto.cursor.at + field.value)
      if (places.has(key))
        throw new ProtobufFault(field.at, `the key ${JSON.stringify(key.slice(0, 80))} of external data stands twice`)
      places.set(key, value)
    } else if (TYPED.has(field.number)) typed = true
  })
  const count = dims.every(Number.isSafeInteger) ? elements(dims) : undefined
  const bits = BITS[type]?.[1] ?? 0
  const held = count !== undefined && Number.isSafeInteger(count * bits) ? count : undefined
  if (location > 1)
    throw new ProtobufFault(
      end,
      `tensor ${JSON.stringify(name.slice(0, 120))} has the unknown data location ${location}`,
    )
  return { name, type, dims, elements: held, raw, typed, external: location === 1 || places.has('location'), places }
}
