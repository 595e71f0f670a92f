/** Tags: one small file each, made exclusively, so that packs at the same moment need no lock. */
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { canonicalJson } from '../kit/json.ts'
import { visible } from '../kit/text.ts'
import type { TagEntry } from '../model/types.ts'
import type { Files } from './files.ts'

const folderOf = (folder: string, model: string): string => join(folder, 'tags', encodeURIComponent(model))

/** A number inside a name sorts as a number: v2 before v10. */
const byAge = (a: TagEntry, b: TagEntry): number =>
  a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.tag.localeCompare(b.tag, 'en', { numeric: true })

/** All tags of one model or of all, oldest first. A file that is none is STORE_DAMAGED. */
export async function readTags(files: Files, folder: string, model?: string): Promise<readonly TagEntry[]> {
  const models = model === undefined ? await files.list(join(folder, 'tags')) : [encodeURIComponent(model)]
  const out: TagEntry[] = []
  for (const one of models)
    for (const name of await files.list(join(folder, 'tags', one))) {
      if (!name.endsWith('.json') || name.startsWith('.')) continue
      const path = join(folder, 'tags', one, name)
      // A prune beside us may take it between the listing and the reading.
      if ((await files.facts(path)) === null) continue
      try {
        out.push(JSON.parse(new TextDecoder().decode(await files.read(path))))
      } catch (cause) {
        throw new SlipwayError('STORE_DAMAGED', `${visible(path)} is no tag`, { where: [{ file: path }], cause })
      }
    }
  return out.sort(byAge)
}

/** The file of a tag. */
export const tagPath = (folder: string, entry: Pick<TagEntry, 'model' | 'tag'>): string =>
  join(folderOf(folder, entry.model), `${encodeURIComponent(entry.tag)}.json`)

const numberOf = (entry: TagEntry): number => Number(/^v([1-9]\d{0,8})$/.exec(entry.tag)?.[1] ?? 0)

/** The tag that a version has or would get next. */
export const nextTag = (tags: readonly TagEntry[], digest: string): string =>
  tags.find((known) => known.digest === digest)?.tag ?? `v${Math.max(0, ...tags.map(numberOf)) + 1}`

/** Throws TAG_TAKEN where the name asked for means another version, USAGE where it is no name. */
export async function claimTag(
  files: Files,
  folder: string,
  entry: Omit<TagEntry, 'tag'>,
  asked: string | null,
): Promise<TagEntry> {
  if (asked !== null && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(asked))
    throw new SlipwayError(
      'USAGE',
      `${JSON.stringify(visible(asked))} is no tag: letters, digits, _ . and -, at most 128`,
    )
  await files.folder(folderOf(folder, entry.model))
  const make = async (tag: string) => {
    const made = { ...entry, tag }
    return (await files.write(tagPath(folder, made), canonicalJson(made), { fresh: true })) ? made : undefined
  }
  const own = async () => (await readTags(files, folder, entry.model)).filter((known) => known.digest === entry.digest)
  if (asked !== null) {
    const made = await make(asked)
    const there = made ?? (await readTags(files, folder, entry.model)).find((known) => known.tag === asked)
    if (there?.digest === entry.digest) return there
    throw new SlipwayError(
      'TAG_TAKEN',
      `the tag ${asked} of ${visible(entry.model)} names another version${there ? ` (${there.digest.slice(0, 19)})` : ''}`,
    )
  }
  for (;;) {
    const before = (await own())[0]
    if (before) return before
    const numbers = (await readTags(files, folder, entry.model)).map(numberOf)
    const made = await make(`v${Math.max(0, ...numbers) + 1}`)
    if (!made) continue
    // Another pack of the same version at this very moment may have made one too: the lower number stays.
    const lower = (await own()).filter((known) => numberOf(known) > 0).sort((a, b) => numberOf(a) - numberOf(b))[0]
    if (lower && lower.tag !== made.tag) await files.remove(tagPath(folder, made))
    return lower ?? made
  }
}
