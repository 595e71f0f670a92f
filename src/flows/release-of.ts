/** Which release a command is about. */
import { SlipwayError } from '../errors.ts'
import { nearest, visible } from '../kit/text.ts'
import { allReleases, environmentOf, type ProjectState, type ReleaseSummary } from '../record/fold.ts'

/** The release that is meant: named, else the one that runs, else the last. */
export function releaseOf(state: ProjectState, environment: string, name: string | undefined): ReleaseSummary {
  const here = environmentOf(state, environment)
  const wanted = name ?? here.active
  const all = allReleases(state)
  const found = wanted
    ? all.find((r) => r.name === wanted && (name !== undefined || r.environment === environment))
    : here.releases.at(-1)
  if (found) return found
  if (!wanted)
    throw new SlipwayError('RELEASE_UNKNOWN', `there is no release in ${environment} yet`, {
      next: ['slipway release start'],
    })
  const near = nearest(
    wanted,
    all.map((r) => r.name),
  )
  throw new SlipwayError('RELEASE_UNKNOWN', `there is no release ${JSON.stringify(visible(wanted))}`, {
    next: near ? [`slipway release status ${near}`] : ['slipway release history'],
  })
}
