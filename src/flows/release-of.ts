/** Which release a command is about. */
import { SlipwayError } from '../errors.ts'
import { nearest, visible } from '../kit/text.ts'
import { allReleases, environmentOf, type ProjectState, type ReleaseSummary } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'

/** The release that is meant: named, else the one that runs, else the last. */
export function releaseOf(state: ProjectState, environment: string, name: string | undefined): ReleaseSummary {
  const here = environmentOf(state, environment)
  const wanted = name ?? here.active
  const found = wanted ? here.releases.find((r) => r.name === wanted) : here.releases.at(-1)
  if (found) return found
  if (!wanted)
    throw new SlipwayError('RELEASE_UNKNOWN', `there is no release in ${environment} yet`, {
      next: [`slipway release start${envFlag(environment)}`],
    })
  const near = nearest(
    wanted,
    here.releases.map((r) => r.name),
  )
  const env = envFlag(environment)
  const elsewhere = allReleases(state).filter((r) => r.name === wanted)
  const next = elsewhere.map((r) => `slipway release status ${wanted}${envFlag(r.environment)}`)
  const known = near ? `slipway release status ${near}${env}` : `slipway release history${env}`
  throw new SlipwayError(
    'RELEASE_UNKNOWN',
    `there is no release ${JSON.stringify(visible(wanted))} in ${environment}`,
    {
      next: next.length > 0 ? next : [known],
    },
  )
}
