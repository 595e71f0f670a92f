/** A pack under way: what it has put into the store is pinned in a folder of its own until its version is written. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../kit/json.ts'
import type { Files } from './files.ts'
import type { Packing, StoredVersion } from './store-contract.ts'

export const VERSION_SCHEMA = 'slipway.dev/version/v1'

/** Nothing is ever written: for digests alone. */
export const DRY_PACKING: Packing = {
  receive: async () => null,
  copy: async () => null,
  keep: async () => undefined,
  write: async () => false,
  end: async () => undefined,
}

/** Gives a pinned file its name in files/; what stands there already stays, unless it was cut short. */
async function settle(files: Files, pin: string, path: string): Promise<void> {
  const there = await files.facts(path)
  if (there !== null && there.size === (await files.facts(pin))?.size) return
  if (there !== null) await files.remove(path)
  if (await files.link(pin, path)) return
  if ((await files.facts(path)) === null) await files.rename(pin, path)
}

export async function beginPacking(files: Files, folder: string): Promise<Packing> {
  const blobs = join(folder, 'files')
  const own = join(folder, 'packing', `${process.pid}-${randomBytes(6).toString('hex')}`)
  const incoming = join(own, 'incoming')
  for (const path of [blobs, join(folder, 'versions'), own]) await files.folder(path)
  return {
    receive: () => files.create(incoming, 0o444),
    copy: async (file) => {
      await files.remove(incoming)
      await files.copy(file, incoming, 0o444, { durable: true })
      return incoming
    },
    keep: async (hex) => {
      const [pin, stored] = [join(own, hex), join(blobs, hex)]
      const size = (await files.facts(incoming))?.size
      const known = (await files.facts(stored))?.size === size && (await files.link(stored, pin))
      if (known || (await files.facts(pin)) !== null) return files.remove(incoming)
      await files.rename(incoming, pin)
      await settle(files, pin, stored)
    },
    write: async (stored: StoredVersion) => {
      const path = join(folder, 'versions', `${stored.version.digest.slice(7)}.json`)
      // A prune since `keep` may have taken the names in files/ away, but not the pins.
      for (const hex of new Set(stored.layers.flatMap((layer) => layer.entries.map((entry) => entry.blob))))
        if ((await files.facts(join(own, hex))) !== null) await settle(files, join(own, hex), join(blobs, hex))
      return files.write(path, canonicalJson({ schema: VERSION_SCHEMA, ...stored }), { fresh: true })
    },
    end: () => files.remove(own),
  }
}
