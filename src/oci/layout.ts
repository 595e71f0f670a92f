/** Writes an OCI image layout: the tar of a layer exists only while it is streamed. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import type { Store, StoredVersion } from '../io/store-contract.ts'
import { visible } from '../kit/text.ts'
import type { Lineage } from '../model/types.ts'
import { imageOf, indexOf, LAYOUT_FILE, type Layer } from './image.ts'
import { padding, TAR_END, tarHeader } from './tar.ts'

const CHUNK = 2 ** 20

/** The bytes of a layer, made from its recipe and the store's files. */
async function* layerBytes(files: Files, store: Store, layer: Layer): AsyncGenerator<Uint8Array> {
  for (const entry of layer.entries) {
    yield tarHeader(entry)
    const file = await files.open(store.blob(entry.blob))
    try {
      for (let at = 0; at < entry.size; ) {
        const piece = new Uint8Array(Math.min(CHUNK, entry.size - at))
        const got = await file.read(piece, at)
        if (got === 0) break
        yield piece.subarray(0, got)
        at += got
      }
    } finally {
      await file.close()
    }
    yield new Uint8Array(padding(entry.size))
  }
  yield TAR_END
}

async function writeLayer(files: Files, store: Store, layer: Layer, path: string): Promise<void> {
  if ((await files.facts(path)) !== null) return
  const temporary = `${path}.part`
  await files.remove(temporary)
  const sink = await files.create(temporary, 0o644)
  try {
    const hash = createHash('sha256')
    for await (const piece of layerBytes(files, store, layer)) {
      hash.update(piece)
      await sink.write(piece)
    }
    if (`sha256:${hash.digest('hex')}` !== layer.digest)
      throw new SlipwayError(
        'STORE_DAMAGED',
        `the store's bytes of ${visible(layer.entries[0]?.path ?? layer.digest)} have changed`,
        {
          next: ['slipway pack'],
        },
      )
    await sink.finish()
    await files.rename(temporary, path)
  } finally {
    await sink.abandon()
  }
}

/** Writes one version as a layout into a new or empty folder, or over a layout. Throws NOT_EMPTY, NO_SPACE, STORE_DAMAGED. */
export async function writeLayout(
  files: Files,
  store: Store,
  stored: StoredVersion,
  folder: string,
  named: { readonly tag: string | null; readonly lineage: Lineage },
): Promise<void> {
  const there = await files.list(folder)
  if (there.length > 0 && !there.includes('oci-layout'))
    throw new SlipwayError('NOT_EMPTY', `${visible(folder)} holds other files and is no OCI layout`, {
      where: [{ file: folder }],
    })
  const blobs = join(folder, 'blobs', 'sha256')
  await files.folder(blobs, 0o755)
  const image = imageOf(stored.layers, stored.version.serving, stored.version.modelPath)
  for (const layer of stored.layers) await writeLayer(files, store, layer, join(blobs, layer.digest.slice(7)))
  for (const { bytes, descriptor } of [image.config, image.manifest])
    await files.write(join(blobs, descriptor.digest.slice(7)), bytes, { mode: 0o644, fresh: true })
  await files.write(join(folder, 'index.json'), indexOf(image, named.tag, named.lineage), { mode: 0o644 })
  await files.write(join(folder, 'oci-layout'), LAYOUT_FILE, { mode: 0o644 })
}
