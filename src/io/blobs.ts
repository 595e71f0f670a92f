/** Bytes by digest: a file is read once, and while it is read it is hashed and written into the store. */
import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { Layer, LayerEntry } from '../oci/image.ts'
import { padding, TAR_END, tarHeader } from '../oci/tar.ts'
import type { Files, OpenFile, Sink } from './files.ts'

/** A file on its way into a layer. */
export interface LayerSource {
  /** Place in the image, without a leading slash. */
  readonly path: string
  readonly mode: number
  /** Where its bytes are now. */
  readonly file: string
}

/** Where bytes go: `taken` names of files/ are pinned in `folder` (of this process alone) until the version is written. */
export interface Intake {
  readonly files: Files
  /** Folder of finished files. */
  readonly blobs: string
  /** Folder of this pack; null: only digests are wanted, nothing is written. */
  readonly folder: string | null
}

const CHUNK = 2 ** 20

/** Reads the whole file through the hashes, and into the sink where there is one. */
async function pour(source: OpenFile, name: string, hashes: readonly Hash[], sink: Sink | null): Promise<void> {
  let now = Buffer.allocUnsafe(Math.min(CHUNK, source.size))
  let next = Buffer.allocUnsafe(now.length)
  let at = 0
  let got = await source.read(now, 0)
  while (got > 0 && at + got <= source.size) {
    const piece = now.subarray(0, got)
    const written = sink?.write(piece)
    const ahead = at + got < source.size ? source.read(next, at + got) : 0
    for (const hash of hashes) hash.update(piece)
    // All settled before anything is thrown: nobody may write or read on behind a failure.
    const [write, read] = await Promise.allSettled([written, ahead])
    if (write.status === 'rejected') throw write.reason
    if (read.status === 'rejected') throw read.reason
    at += got
    got = read.value
    const spare = now
    now = next
    next = spare
  }
  if (at !== source.size)
    throw new SlipwayError(
      'FILE_UNREADABLE',
      `${visible(name)} changed while it was read; pack again when it is complete`,
      {
        where: [{ file: name }],
      },
    )
}

/** Puts a finished temporary file under its name, and pins it for this pack. */
async function keep(intake: Intake, folder: string, temporary: string, blob: string): Promise<void> {
  const { files, blobs } = intake
  const pin = join(folder, blob)
  const stored = join(blobs, blob)
  const size = (await files.facts(temporary))?.size
  const known = (await files.facts(stored))?.size === size && (await files.link(stored, pin))
  if (known || (await files.facts(pin)) !== null) return files.remove(temporary)
  await files.rename(temporary, pin)
  await settle(files, pin, stored)
}

/** Gives a pinned file its name in files/; what stands there already stays, unless it was cut short. */
export async function settle(files: Files, pin: string, path: string): Promise<void> {
  const there = await files.facts(path)
  if (there !== null && there.size === (await files.facts(pin))?.size) return
  if (there !== null) await files.remove(path)
  if (await files.link(pin, path)) return
  if ((await files.facts(path)) === null) await files.rename(pin, path)
}

async function takeOne(intake: Intake, source: LayerSource, layer: Hash, alone: boolean): Promise<LayerEntry> {
  const { files, folder } = intake
  const input = await files.open(source.file)
  let sink: Sink | null = null
  try {
    const entry = { path: source.path, size: input.size, mode: source.mode }
    layer.update(tarHeader(entry))
    const own = alone ? null : createHash('sha256')
    const temporary = folder === null ? '' : join(folder, 'incoming')
    if (folder !== null) sink = await files.create(temporary, 0o444)
    await pour(input, source.file, own === null ? [layer] : [layer, own], sink)
    layer.update(new Uint8Array(padding(input.size)))
    await sink?.finish()
    if (own === null) return { ...entry, blob: '' }
    const blob = own.digest('hex')
    if (folder !== null) await keep(intake, folder, temporary, blob)
    return { ...entry, blob }
  } finally {
    await sink?.abandon()
    await input.close()
  }
}

/**
 * One layer of these files. A weight is alone in its layer and is named by the layer's digest: one hash over its bytes;
 * files that share a layer are named by the SHA-256 of their own bytes.
 * Throws NO_SPACE, FILE_UNREADABLE, PERMISSION.
 */
export async function takeLayer(intake: Intake, sources: readonly LayerSource[], alone: boolean): Promise<Layer> {
  const hash = createHash('sha256')
  const entries: LayerEntry[] = []
  let size = TAR_END.length
  for (const source of sources) {
    const entry = await takeOne(intake, source, hash, alone)
    entries.push(entry)
    size += tarHeader(entry).length + entry.size + padding(entry.size)
  }
  const hex = hash.update(TAR_END).digest('hex')
  if (alone && intake.folder !== null) await keep(intake, intake.folder, join(intake.folder, 'incoming'), hex)
  return { digest: `sha256:${hex}`, size, entries: alone ? entries.map((entry) => ({ ...entry, blob: hex })) : entries }
}
