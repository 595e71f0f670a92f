/** A project whose slipway.yaml is broken or gone is still one: its journal lies beside it. */
import { dirname, join, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Files } from '../io/files.ts'
import { findConfig, loadConfig } from './load.ts'
import type { Config } from './types.ts'

/** A project as far as slipway.yaml tells it; `broken`: why it tells nothing. */
export type Found =
  | { readonly folder: string; readonly config: Config; readonly broken: null }
  | { readonly folder: string; readonly config: null; readonly broken: SlipwayError }

/** The nearest folder with a journal: of the file or folder named, or `cwd` and its parents. */
async function journalFolder(files: Pick<Files, 'facts'>, cwd: string, explicit?: string): Promise<string | null> {
  const named = explicit === undefined ? null : resolve(cwd, explicit)
  for (let folder = named ?? resolve(cwd); ; folder = dirname(folder)) {
    if ((await files.facts(join(folder, '.slipway', 'journal.db'))) !== null) return folder
    if (dirname(folder) === folder || (named !== null && folder !== named)) return null
  }
}

/**
 * The same as `loadConfig` for what must work past a file that is broken or gone: where a journal lies beside it, the
 * error is returned. Throws it where nothing else is known of the project.
 */
export async function loadPast(files: Pick<Files, 'facts' | 'read'>, cwd: string, explicit?: string): Promise<Found> {
  try {
    const config = await loadConfig(files, cwd, explicit)
    return { folder: config.folder, config, broken: null }
  } catch (broken) {
    if (!(broken instanceof SlipwayError)) throw broken
    const file = await findConfig(files, cwd, explicit).catch(() => null)
    const folder = await journalFolder(files, cwd, file ?? explicit)
    if (folder === null) throw broken
    return { folder, config: null, broken }
  }
}
