/** The store under .slipway/store: plain read-only files by digest, versions with the recipes of their layers, tags. */
import { createHash, randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { Digest } from '../model/types.ts'
import type { Files } from './files.ts'
import { beginPacking, DRY_PACKING, VERSION_SCHEMA } from './packing.ts'
import type { LaidOut, ResolvedRef, Store, StoredVersion } from './store-contract.ts'
import { pruneStore } from './store-prune.ts'
import { claimTag, nextTag, readTags } from './store-tags.ts'

async function read(files: Files, folder: string, digest: Digest): Promise<StoredVersion> {
  const path = join(folder, 'versions', `${digest.slice(7)}.json`)
  if ((await files.facts(path)) === null)
    throw new SlipwayError('REF_UNKNOWN', `the store has no version ${visible(digest)}`)
  const damaged = (cause?: unknown) =>
    new SlipwayError('STORE_DAMAGED', `${visible(path)} does not hold the version ${digest}`, {
      where: [{ file: path }],
      next: ['slipway pack'],
      cause,
    })
  let value: { schema?: unknown } & Partial<StoredVersion>
  try {
    value = JSON.parse(new TextDecoder().decode(await files.read(path, 2 ** 30)))
  } catch (cause) {
    throw damaged(cause)
  }
  if (value.schema !== VERSION_SCHEMA || value.version?.digest !== digest || !value.layers) throw damaged()
  return { version: value.version, layers: value.layers }
}

const unknown = (text: string): SlipwayError =>
  new SlipwayError('REF_UNKNOWN', `no packed version is named ${JSON.stringify(visible(text))}`, {
    next: ['slipway pack'],
  })

async function resolveRef(store: Store, files: Files, text: string): Promise<ResolvedRef> {
  const byDigest = /^(?:(.+)@)?(?:sha256:)?([0-9a-f]{8,64})$/.exec(text)
  const tags = await store.tags()
  if (byDigest) {
    const [, model, hex = ''] = byDigest
    const all = (await files.list(join(store.folder, 'versions'))).map((name) => name.replace(/\.json$/, ''))
    const owned = (digest: string) => tags.filter((tag) => tag.digest === digest && (!model || tag.model === model))
    const found = all.filter((known) => known.startsWith(hex) && (!model || owned(`sha256:${known}`).length > 0))
    if (found.length > 1)
      throw new SlipwayError(
        'REF_AMBIGUOUS',
        `${visible(text)} fits ${found.length} versions: ${found
          .slice(0, 4)
          .map((one) => one.slice(0, 16))
          .join(', ')}`,
      )
    if (found[0] !== undefined) {
      const digest: Digest = `sha256:${found[0]}`
      const first = owned(digest)[0]
      return { digest, model: first?.model ?? (await store.read(digest)).version.model, tag: first?.tag ?? null }
    }
  }
  const cut = text.lastIndexOf(':')
  const named = tags.find((tag) => tag.model === text.slice(0, cut) && tag.tag === text.slice(cut + 1))
  if (cut < 1 || !named) throw unknown(text)
  return { digest: named.digest, model: named.model, tag: named.tag }
}

/** Makes `folder` hold a version, whole or not at all. */
async function materialise(store: Store, files: Files, digest: Digest, folder: string): Promise<LaidOut> {
  const { version, layers } = await store.read(digest)
  const laid = {
    models: join(folder, 'models'),
    app: join(folder, 'app'),
    model: join(folder, 'models', version.modelPath),
  }
  if ((await files.facts(folder)) !== null) return laid
  const draft = join(dirname(folder), `.laying-${randomBytes(6).toString('hex')}`)
  try {
    for (const root of ['models', 'app']) await files.folder(join(draft, root), 0o755)
    for (const entry of layers.flatMap((layer) => layer.entries)) {
      const from = store.blob(entry.blob)
      if ((await files.facts(from))?.size !== entry.size)
        throw new SlipwayError(
          'STORE_DAMAGED',
          `the bytes of ${visible(entry.path)} are missing in the store or cut short`,
          {
            where: [{ file: from }],
            next: ['slipway pack'],
          },
        )
      const to = join(draft, entry.path)
      await files.folder(dirname(to), 0o755)
      // Code gets a copy of its own (`prepare` may write beside it, and a mode belongs to all names of a file).
      if (entry.path.startsWith('app/')) await files.copy(from, to, entry.mode)
      else if (!(await files.link(from, to))) await files.copy(from, to, 0o444)
    }
    await files.rename(draft, folder)
  } catch (error) {
    await files.remove(draft)
    if ((await files.facts(folder)) === null) throw error
  }
  return laid
}

export function openStore(files: Files, folder: string): Store {
  const blob = (hex: string) => join(folder, 'files', hex)
  const store: Store = {
    folder,
    blob,
    begin: async (how) => (how?.dry ? DRY_PACKING : beginPacking(files, folder)),
    read: (digest) => read(files, folder, digest),
    has: async (digest) => (await files.facts(join(folder, 'versions', `${digest.slice(7)}.json`))) !== null,
    tags: (model) => readTags(files, folder, model),
    nextTag: async (model, digest) => nextTag(await readTags(files, folder, model), digest),
    tag: (entry, tag) => claimTag(files, folder, entry, tag),
    resolveRef: (text) => resolveRef(store, files, text),
    materialise: (digest, target) => materialise(store, files, digest, target),
    keepBytes: async (bytes) => {
      const hex = createHash('sha256').update(bytes).digest('hex')
      await files.folder(join(folder, 'files'))
      await files.write(blob(hex), bytes, { mode: 0o444, fresh: true })
      return hex
    },
    prune: (keep, how) => pruneStore(store, files, keep, how ?? { dry: false }),
  }
  return store
}
