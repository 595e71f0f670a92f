/** `release history`: the releases of an environment and the rollbacks between them, newest first, or from one of them back. */
import type { Entry, Served } from '../record/entries.ts'
import { environmentOf } from '../record/fold.ts'
import { runtimeOf } from '../record/release-id.ts'
import type { History, Move } from '../view/history.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'

const named = (served: Served | null) => ({ digest: served?.digest ?? null, tag: served?.tag ?? null })

/** Persons who took users elsewhere while no release ran, as far back as the journal goes; oldest first. */
function movesOf({ journal }: Project, environment: string): Move[] {
  const moves: Move[] = []
  let asked: { readonly by: string; readonly reason: string | null } | null = null
  for (const { kind, at, data } of journal.readRelease({ environment, name: '' })) {
    const entry = { kind, data } as Entry
    if (entry.kind === 'request' && entry.data.verb === 'rollback') asked = entry.data
    if (entry.kind !== 'serving' || entry.data.why !== 'rollback') continue
    const { serving, former } = entry.data
    moves.push({ at, to: named(serving), from: named(former), by: asked?.by ?? null, reason: asked?.reason ?? null })
  }
  return moves
}

export function history(
  project: Project,
  options: { readonly env?: string | undefined; readonly release?: string | undefined; readonly limit: number },
): History {
  const name = environmentName(project, options.env)
  const state = stateOf(project)
  const { releases, serving } = environmentOf(state, name)
  const from = options.release === undefined ? undefined : releaseOf(state, name, options.release)
  const all = releases.filter((r) => from === undefined || r.startedAt <= from.startedAt).reverse()
  const shown = all.slice(0, options.limit)
  // Those before the oldest shown belong to what is left out.
  const oldest = all.length > shown.length ? (shown.at(-1)?.startedAt ?? 0) : 0
  const moves = movesOf(project, name).filter(({ at }) => at >= oldest && (from === undefined || at <= from.startedAt))
  return {
    environment: name,
    serving: serving ? (serving.tag ?? serving.digest) : null,
    releases: shown.map((release) => ({
      ...release,
      status: runtimeOf(project.journal, release)?.state.status ?? (release.endedAt === null ? 'running' : 'concluded'),
    })),
    moves: moves.reverse(),
    older: all.length - shown.length,
  }
}
