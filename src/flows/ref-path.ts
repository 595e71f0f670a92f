/** Does a REF name a path, or a packed version? */
import { resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import type { Store } from '../io/store-contract.ts'

interface Place {
  readonly files: Pick<Files, 'facts'>
  readonly store: Pick<Store, 'resolveRef'>
  /** Where the command was typed. */
  readonly cwd: string
}

/** The path, absolute; null where a version is named. A bare word that was packed on purpose wins over a file of that name. */
export async function refPath({ files, store, cwd }: Place, ref: string): Promise<string | null> {
  const path = resolve(cwd, ref)
  if (/^\.{0,2}\/|^\.{1,2}$/.test(ref)) return path
  if ((await files.facts(path)) === null) return null
  const known = await store.resolveRef(ref).catch((error: unknown) => {
    if (error instanceof SlipwayError && error.code === 'REF_UNKNOWN') return null
    throw error
  })
  return known === null ? path : null
}
