/** What a start or a person is refused for, in the words of the command and of the host alike. */
import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import type { PersonVerb } from '../release/types.ts'
import type { Quarantined, ReleaseSummary } from './fold.ts'
import { envFlag } from './release-id.ts'

/** Another release runs. */
export function releaseRunning({ name, environment, startedAt, by }: ReleaseSummary): SlipwayError {
  const env = envFlag(environment)
  return new SlipwayError('RELEASE_RUNNING', `${name} runs since ${isoTime(startedAt)}, started by ${by}`, {
    next: [
      `slipway release watch ${name}${env}`,
      `slipway release abort ${name}${env}`,
      `slipway release start --replace${env}`,
    ],
  })
}

/** The version `name` is quarantined. */
export function quarantined(name: string, { digest, release, environment, reason }: Quarantined): SlipwayError {
  const since = release ? ` since ${release}` : ''
  return new SlipwayError('QUARANTINED', `${name} is quarantined${since}: ${reason}`, {
    next: [
      ...(release ? [`slipway release report ${release}${envFlag(environment ?? '')}`] : []),
      `slipway quarantine lift ${digest} --reason TEXT`,
    ],
  })
}

/** What a release that is over answers to a person; null: it is aborted already. */
export function overRefusal(verb: PersonVerb, { name, environment, outcome }: ReleaseSummary): SlipwayError | null {
  if (verb === 'abort' && outcome === 'aborted') return null
  const env = envFlag(environment)
  const next =
    verb === 'abort' && outcome === 'promoted' ? `slipway rollback${env}` : `slipway release explain ${name}${env}`
  return new SlipwayError('RELEASE_STATE', `${name} is over: ${outcome}`, { next: [next] })
}

/** What a release that runs refuses a person, in the engine's words. */
export const stateRefusal = (refused: string, environment: string): SlipwayError =>
  new SlipwayError('RELEASE_STATE', refused, { next: [`slipway release status${envFlag(environment)}`] })
