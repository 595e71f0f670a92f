/** Removes from the store what nothing needs any more. */
import { join } from 'node:path'
import type { Digest } from '../model/types.ts'
import type { Files } from './files.ts'
import type { Pruned, Store } from './store-contract.ts'
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

/** Versions go first and bytes last, so that whatever dies in between leaves only bytes too many. With `dry` nothing goes. */
export async function pruneStore(
  store: Store,
  files: Files,
  keep: ReadonlySet<string>,
  keepBlobs: ReadonlySet<string>,
  dry: boolean,
): Promise<Pruned> {
  const remove = async (path: string): Promise<void> => {
    if (!dry) await files.remove(path)
  }
  const held = await pinned(files, store.folder, remove)
  const gone: Digest[] = []
  const needed = new Set([...keepBlobs, ...held])
  for (const name of await files.list(join(store.folder, 'versions'))) {
    const hex = /^([0-9a-f]{64})\.json$/.exec(name)?.[1]
    if (hex === undefined) continue
    const digest: Digest = `sha256:${hex}`
    if (keep.has(digest)) {
      const { layers } = await store.read(digest)
      for (const entry of layers.flatMap((layer) => layer.entries)) needed.add(entry.blob)
    } else gone.push(digest)
  }
  for (const entry of await store.tags()) if (gone.includes(entry.digest)) await remove(tagPath(store.folder, entry))
  for (const digest of gone) await remove(join(store.folder, 'versions', `${digest.slice(7)}.json`))
  let removed = 0
  let bytes = 0
  for (const name of await files.list(join(store.folder, 'files'))) {
    if (needed.has(name) || !/^[0-9a-f]{64}$/.test(name)) continue
    bytes += (await files.facts(store.blob(name)))?.size ?? 0
    await remove(store.blob(name))
    removed++
  }
  return { versions: gone, files: removed, bytes }
}
