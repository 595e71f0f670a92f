/** The traffic that a plan is composed from. */
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { type MinuteRow, type TrafficSeen, trafficSeen } from '../evidence/traffic.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf, type ProjectState } from '../record/fold.ts'
import { knownOf, togetherOf } from './known.ts'
import type { Project } from './project.ts'

/** Traffic of so many minutes is looked at. */
const MINUTES = 10
/** How long a plan that lacks nothing but traffic waits for some: the host writes down each second what came. */
const TRAFFIC_SHOWS_MS = 4000
const LOOK_MS = 250

/** What is known of the traffic of an environment, and of `baseline` in it. */
export function trafficOf(
  project: Project,
  state: ProjectState,
  environment: EnvironmentConfig,
  baseline: Served | null,
): TrafficSeen {
  const here = environmentOf(state, environment.name)
  const digest = baseline?.digest ?? ''
  const since = Math.floor(project.clock.now() / 60_000) - MINUTES
  const rows = project.journal.minutes(environment.name, since) as MinuteRow[]
  const together = togetherOf(project, environment, here, digest)
  return trafficSeen(rows, digest, { ...knownOf(project, here), together })
}

/** Composes by the traffic seen; what is refused where none is seen is tried again for as long as the first may take to show. */
export async function withTraffic<P extends object>(
  clock: Project['clock'],
  seen: () => TrafficSeen,
  compose: (traffic: TrafficSeen) => P,
): Promise<P & { readonly traffic: TrafficSeen }> {
  const until = clock.mono() + TRAFFIC_SHOWS_MS
  for (;;) {
    const traffic = seen()
    try {
      return { ...compose(traffic), traffic }
    } catch (error) {
      const silent =
        error instanceof SlipwayError && error.code === 'GATE_UNANSWERABLE' && traffic.requestsPerSecond === 0
      if (!silent || clock.mono() >= until) throw error
      await clock.sleep(LOOK_MS)
    }
  }
}
