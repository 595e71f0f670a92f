/** From files to a layer: each is read once, and while it is read it is hashed and written into the store. */
import { createHash, type Hash } from 'node:crypto'
import { SlipwayError } from '../errors.ts'
import type { Files, OpenFile, Sink } from '../io/files.ts'
import type { Packing } from '../io/store-contract.ts'
import { visible } from '../kit/text.ts'
import type { Layer, LayerEntry } from './image.ts'
import { padding, TAR_END, tarHeader } from './tar.ts'

/** A file on its way into a layer. */
export interface LayerSource {
  /** Place in the image, without a leading slash. */
  readonly path: string
  readonly mode: number
  /** Where its bytes are now. */
  readonly file: string
  /** What it held when it was judged. */
  readonly size: number
  /** Where in the file its bytes begin; absent: the file is nothing but them. */
  readonly offset?: number
}

/** Small enough to stay in the processor's cache between reading, hashing and writing. */
const CHUNK = 256 * 1024

/** A part of an open file as a file of its own. */
export const partOf = (file: OpenFile, offset: number, size: number): OpenFile => ({
  size,
  read: (into, position) =>
    file.read(into.subarray(0, Math.max(0, Math.min(into.length, size - position))), offset + position),
  close: () => file.close(),
})

const changed = (file: string): SlipwayError =>
  new SlipwayError('FILE_UNREADABLE', `${visible(file)} changed while it was packed; pack again when it is complete`, {
    where: [{ file }],
  })

/** Reads the whole file through the hashes, and into the sink where there is one. */
async function pour(source: OpenFile, name: string, hashes: readonly Hash[], sink: Sink | null): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, source.size))
  let at = 0
  while (at < source.size) {
    const piece = buffer.subarray(0, await source.read(buffer, at))
    if (piece.length === 0) break
    for (const hash of hashes) hash.update(piece)
    await sink?.write(piece)
    at += piece.length
  }
  if (at !== source.size) throw changed(name)
}

interface Taking {
  readonly files: Pick<Files, 'open'>
  readonly packing: Packing
  readonly layer: Hash
  readonly alone: boolean
}

async function takeOne({ files, packing, layer, alone }: Taking, source: LayerSource): Promise<LayerEntry> {
  const { file, size, offset } = source
  // A copy is made by the system, cheaper than by us, and hashed where it now lies: nobody changes it there.
  const copied = offset === undefined ? await packing.copy(file) : null
  const open = await files.open(copied ?? file)
  const input = offset === undefined ? open : partOf(open, offset, size)
  let sink: Sink | null = null
  try {
    if (input.size !== size) throw changed(file)
    const entry = { path: source.path, size, mode: source.mode }
    layer.update(tarHeader(entry))
    const own = alone ? null : createHash('sha256')
    if (copied === null) sink = await packing.receive()
    await pour(input, source.file, own === null ? [layer] : [layer, own], sink)
    layer.update(new Uint8Array(padding(size)))
    if (alone) layer.update(TAR_END)
    const blob = (own ?? layer).digest('hex')
    await sink?.finish()
    await packing.keep(blob)
    return { ...entry, blob }
  } finally {
    await sink?.abandon()
    await input.close()
  }
}

const sizeOf = (entries: readonly LayerEntry[]): number =>
  entries.reduce((sum, entry) => sum + tarHeader(entry).length + entry.size + padding(entry.size), TAR_END.length)

/** A layer of one weight. It is named in the store by the layer's digest: one hash over its bytes, not two. */
export async function takeWeight(files: Pick<Files, 'open'>, packing: Packing, source: LayerSource): Promise<Layer> {
  const entry = await takeOne({ files, packing, layer: createHash('sha256'), alone: true }, source)
  return { digest: `sha256:${entry.blob}`, size: sizeOf([entry]), entries: [entry] }
}

/** One layer of small files, each named by the SHA-256 of its own bytes. Throws NO_SPACE, FILE_UNREADABLE, PERMISSION. */
export async function takeTogether(
  files: Pick<Files, 'open'>,
  packing: Packing,
  sources: readonly LayerSource[],
): Promise<Layer> {
  const layer = createHash('sha256')
  const entries: LayerEntry[] = []
  for (const source of sources) entries.push(await takeOne({ files, packing, layer, alone: false }, source))
  return { digest: `sha256:${layer.update(TAR_END).digest('hex')}`, size: sizeOf(entries), entries }
}
