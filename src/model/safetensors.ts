/** safetensors: u64 header length, JSON header, tensor bytes without holes; shards by model.safetensors.index.json. */
import { type Bytes, type ModelFile, slice } from './bytes.ts'
import {
  elements,
  type FormatReader,
  type FormatReading,
  invalid,
  MAX_TENSORS,
  metadataValue,
  truncated,
} from './format.ts'
import { JsonFault, type JsonLimits, type JsonObject, type JsonValue, parseStrictJson } from './strict-json.ts'
import type { TensorInfo } from './types.ts'

/** The reference implementation takes 100 MB; no published model has a tenth of this. */
const MAX_HEADER = 32 * 2 ** 20
const LIMITS: JsonLimits = { depth: 8, values: 8 * MAX_TENSORS, key: 4096 }
const MAX_DIMENSIONS = 32

/** Bits of an element. */
const BITS: Readonly<Record<string, number>> = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8 },
  ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32 },
  ...{ U64: 64, I64: 64, F64: 64, C64: 64 },
}

interface Placed extends TensorInfo {
  readonly begin: number
  readonly end: number
}

/** A whole number that JSON can carry exactly; undefined for anything else. */
const natural = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined

function json(file: string, bytes: Uint8Array, base: number): JsonObject {
  try {
    const value = parseStrictJson(bytes, LIMITS)
    if (!(value instanceof Map)) throw new JsonFault(0, 'an object expected')
    return value
  } catch (error) {
    if (error instanceof JsonFault)
      throw invalid(file, base + error.offset, `its header is no sound JSON: ${error.message}`)
    throw error
  }
}

function tensorOf(file: string, name: string, value: JsonValue): Placed {
  const bad = (what: string) => invalid(file, null, `tensor ${JSON.stringify(name.slice(0, 120))} ${what}`)
  if (!(value instanceof Map)) throw bad('is no object')
  for (const key of value.keys())
    if (!['dtype', 'shape', 'data_offsets'].includes(key))
      throw bad(`has the unknown key ${JSON.stringify(key.slice(0, 80))}`)
  const dtype = value.get('dtype')
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS, dtype))
    throw bad(
      `has the unknown dtype ${JSON.stringify(metadataValue(dtype ?? null))}; known: ${Object.keys(BITS).join(', ')}`,
    )
  const list = value.get('shape')
  const shape = Array.isArray(list) ? list.map(natural) : [undefined]
  if (shape.length > MAX_DIMENSIONS || !shape.every((size) => size !== undefined)) throw bad('has no sound shape')
  const offsets = value.get('data_offsets')
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets.map(natural) : []
  if (begin === undefined || end === undefined || end < begin) throw bad('has no sound data_offsets')
  const count = elements(shape)
  const bits = count === undefined ? undefined : count * BITS[dtype]!
  if (bits === undefined || !Number.isSafeInteger(bits) || bits % 8 !== 0)
    throw bad('has a shape beyond what a file can hold')
  if (end - begin !== bits / 8)
    throw bad(`takes ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] needs ${bits / 8}`)
  return { name, dtype, shape, bytes: end - begin, file, begin, end }
}

/** Every byte behind the header belongs to exactly one tensor. */
function covered(file: string, base: number, size: number, tensors: readonly Placed[]): void {
  let at = 0
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const named = JSON.stringify(tensor.name.slice(0, 120))
    if (tensor.begin < at) throw invalid(file, base + tensor.begin, `tensor ${named} overlaps the one before it`)
    if (tensor.begin > at)
      throw invalid(file, base + at, `${tensor.begin - at} bytes before tensor ${named} belong to none`)
    if (base + tensor.end > size)
      throw truncated(file, size, `the file ends here, but tensor ${named} goes to byte ${base + tensor.end}`)
    at = tensor.end
  }
  if (base + at < size) throw invalid(file, base + at, `${size - base - at} bytes at the end belong to no tensor`)
}

async function readOne(
  file: string,
  bytes: Bytes,
): Promise<{ tensors: Placed[]; metadata: FormatReading['metadata'] }> {
  const head = await slice(bytes, 0, 8)
  if (head.length < 8) throw truncated(file, head.length, 'the file ends inside the length of its header')
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER))
    throw invalid(file, 0, `a header of ${length} bytes is announced; at most ${MAX_HEADER} are read`)
  const size = Number(length)
  const raw = await slice(bytes, 8, size)
  if (raw.length < size)
    throw truncated(file, bytes.size, `the file ends here, but its header goes to byte ${8 + size}`)
  if (raw[0] !== 0x7b) throw invalid(file, 8, 'its header does not begin with {')
  const header = json(file, raw, 8)
  const metadata: Record<string, string | number | boolean> = {}
  const own = header.get('__metadata__')
  if (own !== undefined && !(own instanceof Map)) throw invalid(file, null, '__metadata__ is no object')
  for (const [key, value] of own ?? []) {
    if (typeof value !== 'string')
      throw invalid(file, null, `__metadata__ ${JSON.stringify(key.slice(0, 80))} is no string`)
    if (Object.keys(metadata).length < 1000)
      Object.defineProperty(metadata, key.slice(0, 200), { value: metadataValue(value), enumerable: true })
  }
  header.delete('__metadata__')
  if (header.size > MAX_TENSORS) throw invalid(file, null, `more than ${MAX_TENSORS} tensors`)
  const tensors = [...header].map(([name, value]) => tensorOf(file, name, value))
  covered(file, 8 + size, bytes.size, tensors)
  return { tensors, metadata }
}

/** The index says which shard holds which tensor; both must agree. */
async function checkIndex(
  index: ModelFile,
  all: ReadonlyMap<string, ModelFile>,
  tensors: readonly TensorInfo[],
): Promise<void> {
  if (index.size > MAX_HEADER) throw invalid(index.path, null, `larger than ${MAX_HEADER} bytes`)
  const map = json(index.path, await index.use((bytes) => slice(bytes, 0, bytes.size)), 0).get('weight_map')
  if (!(map instanceof Map)) throw invalid(index.path, null, 'it has no weight_map')
  const folder = index.path.slice(0, index.path.lastIndexOf('/') + 1)
  const holder = new Map(tensors.map((tensor) => [`${tensor.file}\n${tensor.name}`, tensor]))
  const shards = new Set<string>()
  for (const [name, shard] of map) {
    const named = JSON.stringify(name.slice(0, 120))
    if (typeof shard !== 'string' || /[/\\\0]/.test(shard))
      throw invalid(index.path, null, `tensor ${named} has no sound file name`)
    shards.add(folder + shard)
    if (!all.has(folder + shard))
      throw invalid(index.path, null, `the shard ${JSON.stringify(shard)} is missing; fetch it, or remove the index`)
    if (!holder.has(`${folder}${shard}\n${name}`))
      throw invalid(index.path, null, `tensor ${named} is not in ${JSON.stringify(shard)}`)
  }
  for (const tensor of tensors)
    if (shards.has(tensor.file) && !map.has(tensor.name))
      throw invalid(
        index.path,
        null,
        `tensor ${JSON.stringify(tensor.name.slice(0, 120))} of ${JSON.stringify(tensor.file)} is not in the index`,
      )
}

export const safetensors: FormatReader = {
  format: 'safetensors',
  endings: ['.safetensors'],
  read: async (own, all) => {
    const tensors: TensorInfo[] = []
    const metadata: Record<string, string | number | boolean> = {}
    for (const file of own) {
      const one = await file.use((bytes) => readOne(file.path, bytes))
      for (const { begin: _begin, end: _end, ...tensor } of one.tensors) tensors.push(tensor)
      Object.assign(metadata, one.metadata)
    }
    for (const file of all.values())
      if (file.path.endsWith('.safetensors.index.json')) await checkIndex(file, all, tensors)
    return { tensors, metadata, files: own.map((file) => file.path), notes: [] }
  },
}
