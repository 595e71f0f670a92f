/** `release history`: the releases of an environment, newest first. */
import { environmentOf } from '../record/fold.ts'
import type { History } from '../view/history.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'

export function history(
  project: Project,
  options: { readonly env?: string | undefined; readonly limit: number },
): History {
  const { name } = environmentConfig(project.config, options.env)
  const { releases, serving } = environmentOf(stateOf(project), name)
  const newest = [...releases].reverse()
  return {
    environment: name,
    serving: serving ? (serving.tag ?? serving.digest) : null,
    releases: newest.slice(0, options.limit),
    older: Math.max(0, newest.length - options.limit),
  }
}
