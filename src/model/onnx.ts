/** ONNX (onnx.proto3, IR versions 3 to 13): the graph is walked for its tensors, whose bytes may lie in files beside it. */
import type { Bytes, ModelFile } from './bytes.ts'
import { Cursor, EndOfBytes } from './cursor.ts'
import { type FormatReader, type FormatReading, invalid, MAX_TENSORS, metadataValue, truncated } from './format.ts'
import { checkExternal, type External, externalOf } from './onnx-external.ts'
import { BITS, tensorProto } from './onnx-tensor.ts'
import { type Field, Protobuf, ProtobufFault } from './protobuf.ts'
import type { TensorInfo } from './types.ts'

const MAX_TEXT = 65_536
/** Graphs inside graphs (If, Loop, Scan, functions). */
const MAX_DEPTH = 32
/** Domains whose operators come with the runtimes themselves. */
const USUAL = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.training', 'ai.onnx.preview.training', 'com.microsoft'])

interface Walked {
  readonly tensors: TensorInfo[]
  readonly external: External[]
  readonly metadata: Map<string, string | number | boolean>
  readonly domains: Set<string>
  graphs: number
}

class Walker {
  readonly out: Walked = { tensors: [], external: [], metadata: new Map(), domains: new Set(), graphs: 0 }
  private readonly file: string
  private readonly cursor: Cursor
  private readonly proto: Protobuf

  constructor(file: string, bytes: Bytes) {
    this.file = file
    this.cursor = new Cursor(bytes)
    this.proto = new Protobuf(this.cursor)
  }

  private end(field: Field): number {
    if (field.wire !== 2) throw new ProtobufFault(field.at, 'a message expected')
    return this.cursor.at + field.value
  }

  /** ModelProto. */
  async model(): Promise<Walked> {
    const { proto, out } = this
    await proto.message(this.cursor.end, async (field) => {
      if (field.number === 1 && field.wire === 0) out.metadata.set('ir_version', field.value)
      else if (field.number === 2) out.metadata.set('producer_name', metadataValue(await proto.text(field, MAX_TEXT)))
      else if (field.number === 3)
        out.metadata.set('producer_version', metadataValue(await proto.text(field, MAX_TEXT)))
      else if (field.number === 8) await this.opset(this.end(field))
      else if (field.number === 14) await this.property(this.end(field))
      else if (field.number === 7) {
        if (out.graphs++ > 0) throw new ProtobufFault(field.at, 'a second graph')
        await this.graph(this.end(field), 1)
      } else if (field.number === 20) await this.training(this.end(field))
      else if (field.number === 25) await this.nodes(this.end(field), 7, 1)
    })
    return out
  }

  private async opset(end: number): Promise<void> {
    let domain = ''
    let version = 0
    await this.proto.message(end, async (field) => {
      if (field.number === 1) domain = await this.proto.text(field, MAX_TEXT)
      else if (field.number === 2) version = field.value
    })
    if (this.out.domains.size < 1000) this.out.domains.add(domain)
    if (this.out.metadata.size < 1000) this.out.metadata.set(`opset.${(domain || 'ai.onnx').slice(0, 200)}`, version)
  }

  private async property(end: number): Promise<void> {
    let key = ''
    let value = ''
    await this.proto.message(end, async (field) => {
      if (field.number === 1) key = await this.proto.text(field, MAX_TEXT)
      else if (field.number === 2 && field.value <= MAX_TEXT) value = await this.proto.text(field, MAX_TEXT)
    })
    if (this.out.metadata.size < 1000) this.out.metadata.set(key.slice(0, 200), metadataValue(value))
  }

  /** TrainingInfoProto: two more graphs. */
  private training(end: number): Promise<void> {
    return this.proto.message(end, async (field) => {
      if (field.number === 1 || field.number === 2) await this.graph(this.end(field), 1)
    })
  }

  /** GraphProto. */
  private async graph(end: number, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new ProtobufFault(this.cursor.at, `graphs nested deeper than ${MAX_DEPTH}`)
    const names = new Set<string>()
    await this.proto.message(end, async (field) => {
      if (field.number === 1) await this.node(this.end(field), depth)
      else if (field.number === 5) {
        const name = await this.tensor(this.end(field), true)
        if (names.has(name))
          throw new ProtobufFault(field.at, `tensor ${JSON.stringify(name.slice(0, 120))} stands twice`)
        names.add(name)
      } else if (field.number === 15) await this.sparse(this.end(field))
    })
  }

  /** Nodes of a function, which stand in the field `number`. */
  private nodes(end: number, number: number, depth: number): Promise<void> {
    return this.proto.message(end, async (field) => {
      if (field.number === number) await this.node(this.end(field), depth)
    })
  }

  /** NodeProto and its attributes: tensors and graphs hide there too. */
  private node(end: number, depth: number): Promise<void> {
    return this.proto.message(end, async (field) => {
      if (field.number === 5)
        await this.proto.message(this.end(field), async (inner) => {
          if (inner.number === 5 || inner.number === 10) await this.tensor(this.end(inner), false)
          else if (inner.number === 6 || inner.number === 11) await this.graph(this.end(inner), depth + 1)
          else if (inner.number === 22 || inner.number === 23) await this.sparse(this.end(inner))
        })
    })
  }

  private sparse(end: number): Promise<void> {
    return this.proto.message(end, async (field) => {
      if (field.number === 1 || field.number === 2) await this.tensor(this.end(field), field.number === 1)
    })
  }

  /** TensorProto; listed where it is a parameter of the model. */
  private async tensor(end: number, listed: boolean): Promise<string> {
    const start = this.cursor.at
    const tensor = await tensorProto(this.proto, end)
    const fault = (what: string): never => {
      throw new ProtobufFault(start, `tensor ${JSON.stringify(tensor.name.slice(0, 120))} ${what}`)
    }
    const type = BITS[tensor.type]
    if (!type)
      return fault(
        `has the unknown type ${tensor.type}; known: ${Object.values(BITS)
          .map(([name]) => name)
          .join(', ')}`,
      )
    const { elements } = tensor
    if (elements === undefined) return fault('has a shape beyond what a file can hold')
    const bytes = Math.ceil((elements * type[1]) / 8)
    const outside = tensor.external ? externalOf(this.file, tensor, bytes, fault) : null
    if (outside) this.out.external.push(outside)
    else if (type[1] > 0 && tensor.raw !== null && tensor.raw !== bytes)
      fault(`holds ${tensor.raw} bytes, but ${type[0]} [${tensor.dims.join(', ')}] needs ${bytes}`)
    else if (elements > 0 && tensor.raw === null && !tensor.typed) fault('has no bytes')
    if (listed || outside) {
      if (this.out.tensors.length >= MAX_TENSORS) fault(`is one of more than ${MAX_TENSORS}`)
      this.out.tensors.push({
        name: tensor.name,
        dtype: type[0],
        shape: tensor.dims,
        bytes,
        file: outside?.file ?? this.file,
      })
    }
    return tensor.name
  }
}

async function readOne(file: ModelFile): Promise<Walked> {
  try {
    const walked = await file.use((bytes) => new Walker(file.path, bytes).model())
    if (walked.graphs === 0) throw invalid(file.path, null, 'it holds no ONNX graph')
    return walked
  } catch (error) {
    if (error instanceof ProtobufFault) throw invalid(file.path, error.offset, `it is no sound ONNX: ${error.message}`)
    if (error instanceof EndOfBytes) throw truncated(file.path, error.offset, 'the file ends inside its graph')
    throw error
  }
}

export const onnx: FormatReader = {
  format: 'onnx',
  endings: ['.onnx'],
  read: async (own, all): Promise<FormatReading> => {
    const tensors: TensorInfo[] = []
    const external: External[] = []
    const metadata: Record<string, string | number | boolean> = {}
    const notes: string[] = []
    for (const file of own) {
      const one = await readOne(file)
      for (const tensor of one.tensors) tensors.push(tensor)
      for (const place of one.external) external.push(place)
      for (const [key, value] of one.metadata)
        Object.defineProperty(metadata, key, { value, enumerable: true, configurable: true })
      const unusual = [...one.domains].filter((domain) => !USUAL.has(domain))
      if (unusual.length > 0)
        notes.push(
          `the ONNX file ${file.path} needs operators of ${unusual.slice(0, 8).join(', ')}, from a library that the server must load`,
        )
    }
    checkExternal(external, all)
    const files = new Set([...own.map((file) => file.path), ...external.map((place) => place.file)])
    return { tensors, metadata, files: [...files].sort(), notes }
  },
}
