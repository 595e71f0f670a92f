/** Names that the project knows, for completion: reads, makes nothing, wakes nobody. */
import { join } from 'node:path'
import type { Config } from '../config/types.ts'
import type { Files } from '../io/files.ts'
import { allReleases } from '../record/fold.ts'
import type { NameKind } from '../view/completion.ts'
import { type Project, stateOf } from './project.ts'

export interface NameSources {
  config(): Promise<Config>
  readonly files: Pick<Files, 'facts' | 'list'>
  /** Opens the project; called only where its state folder is there. */
  open(): Promise<Pick<Project, 'store' | 'journal'>>
}

/** All names of a kind, newest first where they have an age. Throws where there is no slipway.yaml, or a broken one. */
export async function liveNames(kind: NameKind, sources: NameSources): Promise<readonly string[]> {
  const { folder, model, environments } = await sources.config()
  if (kind === 'environment') return Object.keys(environments)
  const state = join(folder, '.slipway')
  if (kind === 'run') return [...(await sources.files.list(join(state, 'runs')))].reverse()
  const none = (await sources.files.facts(join(state, 'journal.db'))) === null
  if (kind === 'release')
    return none ? [] : [...new Set(allReleases(stateOf(await sources.open())).map(({ name }) => name))].reverse()
  const packed = (await sources.files.facts(join(state, 'store'))) !== null
  const tags = packed ? await (await sources.open()).store.tags() : []
  if (kind === 'version') return tags.map((entry) => `${entry.model}:${entry.tag}`).reverse()
  return [...new Set([model, ...tags.map((entry) => entry.model)])]
}
