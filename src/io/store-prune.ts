/** Removes from the store what nothing needs any more. */
import { randomBytes } from 'node:crypto'
import { join, relative } from 'node:path'
import type { Digest } from '../model/types.ts'
import type { Files } from './files.ts'
import type { Kept, Pruned, Store } from './store-contract.ts'
import { tagPath } from './store-tags.ts'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM'
  }
}

/** Names of files that packs under way hold; folders of packs that died are removed by `remove`. */
async function pinned(files: Files, folder: string, remove: (path: string) => Promise<void>): Promise<Set<string>> {
  const names = new Set<string>()
  for (const one of await files.list(join(folder, 'packing'))) {
    const path = join(folder, 'packing', one)
    if (alive(Number.parseInt(one, 10))) for (const name of await files.list(path)) names.add(name)
    else await remove(path)
  }
  return names
}

/** What is to go is moved aside first, so that it can come back if somebody has come to need it meanwhile. */
function graveyard(files: Files, folder: string) {
  const all = join(folder, 'pruned')
  const own = join(all, `${process.pid}-${randomBytes(6).toString('hex')}`)
  const graveOf = (path: string): string => join(own, encodeURIComponent(relative(folder, path)))
  const restore = async (grave: string, path: string): Promise<void> => {
    if ((await files.facts(grave)) === null) return
    if ((await files.facts(path)) === null) await files.rename(grave, path)
    else await files.remove(grave)
  }
  return {
    /** What a prune that died had moved aside comes back. */
    async reopen(): Promise<void> {
      for (const one of await files.list(all)) {
        if (alive(Number.parseInt(one, 10))) continue
        for (const name of await files.list(join(all, one)))
          await restore(join(all, one, name), join(folder, decodeURIComponent(name)))
        await files.remove(join(all, one))
      }
    },
    /** False where another prune has taken it. */
    async aside(path: string): Promise<boolean> {
      await files.folder(own)
      if ((await files.facts(path)) === null) return false
      await files.rename(path, graveOf(path))
      return true
    },
    back: (path: string): Promise<void> => restore(graveOf(path), path),
    close: (): Promise<void> => files.remove(own),
  }
}

const hexOf = (name: string): string | null => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? null

async function storedVersions(store: Store, files: Files): Promise<Digest[]> {
  const names = await files.list(join(store.folder, 'versions'))
  return names.flatMap((name): Digest[] => {
    const hex = hexOf(name)
    return hex === null ? [] : [`sha256:${hex}`]
  })
}

/**
 * Versions go first and bytes last, so that whatever dies in between leaves only bytes too many. What is packed after it began is not
 * looked at; `keep` is asked after all is listed, and again once it is aside. With `dry` nothing goes.
 */
export async function pruneStore(
  store: Store,
  files: Files,
  keep: () => Promise<Kept>,
  { dry }: { readonly dry: boolean },
): Promise<Pruned> {
  const graves = graveyard(files, store.folder)
  if (!dry) await graves.reopen()
  const versions = await storedVersions(store, files)
  const blobs = (await files.list(join(store.folder, 'files'))).filter((name) => /^[0-9a-f]{64}$/.test(name))
  const gone = new Set<Digest>(await unneeded(versions, keep))
  const pathOf = (digest: Digest): string => join(store.folder, 'versions', `${digest.slice(7)}.json`)
  const tags = (await store.tags()).filter(({ digest }) => gone.has(digest))
  if (!dry) {
    for (const tag of tags) await graves.aside(tagPath(store.folder, tag))
    for (const digest of gone) await graves.aside(pathOf(digest))
    const left = new Set(await unneeded([...gone], keep))
    for (const digest of gone) {
      if (left.has(digest)) continue
      await graves.back(pathOf(digest))
      for (const tag of tags) if (tag.digest === digest) await graves.back(tagPath(store.folder, tag))
      gone.delete(digest)
    }
  }
  /** Names of bytes that somebody needs now: versions that stay or came meanwhile, packs under way, and who asked for them. */
  const needed = async (): Promise<Set<string>> => {
    // In this order: a pack that ends in between has written its version.
    const names = await pinned(files, store.folder, async (path) => (dry ? undefined : files.remove(path)))
    for (const digest of await storedVersions(store, files)) {
      if (dry && gone.has(digest)) continue
      const { layers } = await store.read(digest)
      for (const entry of layers.flatMap((layer) => layer.entries)) names.add(entry.blob)
    }
    for (const hex of (await keep()).blobs) names.add(hex)
    return names
  }
  const before = await needed()
  const loose = new Map<string, number>()
  for (const hex of blobs) {
    if (before.has(hex)) continue
    const size = (await files.facts(store.blob(hex)))?.size ?? 0
    if (dry || (await graves.aside(store.blob(hex)))) loose.set(hex, size)
  }
  if (!dry && loose.size > 0)
    for (const hex of await needed()) if (loose.delete(hex)) await graves.back(store.blob(hex))
  await graves.close()
  return { versions: [...gone], files: loose.size, bytes: [...loose.values()].reduce((sum, size) => sum + size, 0) }
}

async function unneeded(versions: readonly Digest[], keep: () => Promise<Kept>): Promise<Digest[]> {
  const kept = (await keep()).versions
  return versions.filter((digest) => !kept.has(digest))
}
