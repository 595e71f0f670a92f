/** `release history`: the releases of an environment, newest first, or from one of them back. */
import { environmentOf } from '../record/fold.ts'
import type { History } from '../view/history.ts'
import { environmentName, type Project, stateOf } from './project.ts'
import { releaseOf } from './release-of.ts'

export function history(
  project: Project,
  options: { readonly env?: string | undefined; readonly release?: string | undefined; readonly limit: number },
): History {
  const name = environmentName(project, options.env)
  const state = stateOf(project)
  const { releases, serving } = environmentOf(state, name)
  const from = options.release === undefined ? undefined : releaseOf(state, name, options.release)
  const newest = releases.filter((r) => from === undefined || r.startedAt <= from.startedAt).reverse()
  return {
    environment: name,
    serving: serving ? (serving.tag ?? serving.digest) : null,
    releases: newest.slice(0, options.limit),
    older: Math.max(0, newest.length - options.limit),
  }
}
