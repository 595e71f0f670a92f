/** Waits until an environment answers again: its data plane, and what serves. */
import { ERRORS, type ErrorCode, SlipwayError } from '../errors.ts'
import { formatDuration } from '../kit/units.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { Served } from '../record/entries.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { type EnvironmentRuntime, environmentKey } from '../record/runtime.ts'
import type { UpOptions } from './local.ts'
import { type Project, stateOf } from './project.ts'
import { sayLoading } from './rollback-target.ts'

const LOOK_MS = 100
const PLANE_MS = 20_000
/** Shorter waits are not told. */
const QUIET_MS = 1000
/** A wait that goes on is told so often. */
const TELL_MS = 10_000
/** Beyond what its server may take: preparing, and starting again after a crash. */
const SLACK_MS = 60_000

/** Waits until the data plane listens. DATA_PLANE_UNREACHABLE says why it does not. */
export async function planeRuns(project: Project, name: string, signal: AbortSignal): Promise<void> {
  const env = envFlag(name)
  const until = project.clock.mono() + PLANE_MS
  while (project.clock.mono() < until && !signal.aborted) {
    const plane = (await project.host.servers())?.environments[name]
    if (plane?.failure)
      throw new SlipwayError('DATA_PLANE_UNREACHABLE', plane.failure, { next: [`slipway local logs data-plane${env}`] })
    if (plane?.listening) return
    await project.clock.sleep(LOOK_MS, signal)
  }
  throw new SlipwayError('DATA_PLANE_UNREACHABLE', 'the data plane did not come up', {
    next: [`slipway local logs data-plane${env}`, `slipway local logs host${env}`],
  })
}

/** Whether the orders of the data plane send users there: a server may be ready a moment before. Where users are being moved, that goes its way. */
function ordered({ journal }: Project, environment: string, { digest }: Served): boolean {
  const runtime = journal.snapshot(environmentKey(environment)) as EnvironmentRuntime | undefined
  return !runtime || runtime.move !== null || runtime.users === digest
}

/** Any ready one does while a release runs: it moves users between two. */
function wanted(project: Project, environment: string, serving: Served, all: readonly VersionStatus[]) {
  const mine = all.find(({ digest }) => digest === serving.digest)
  const running = environmentOf(stateOf(project), environment).active !== null
  const ready = (running ? all : mine ? [mine] : []).some(({ readyReplicas }) => readyReplicas > 0)
  return { mine, ready: ready && (running || ordered(project, environment, serving)) }
}

/** Null once it is ready, or nothing has to be. Bounded by the time that its server has to get ready, and told while it lasts. */
export async function notReady(
  project: Project,
  environment: string,
  serving: Served | null,
  { signal, say }: Pick<UpOptions, 'signal' | 'say'>,
): Promise<SlipwayError | null> {
  if (!serving || serving.outside) return null
  const { clock } = project
  const name = serving.tag ?? serving.digest
  const limitMs = serving.run.readyTimeoutMs + SLACK_MS
  const env = envFlag(environment)
  const next = [`slipway rollback${env}`, `slipway local logs ${serving.digest.slice(7, 19)}${env}`]
  const begun = clock.mono()
  let told: number | null = null
  while (!signal.aborted) {
    const all = (await project.host.servers())?.environments[environment]?.versions ?? []
    const { mine, ready } = wanted(project, environment, serving, all)
    if (ready) return null
    if (mine?.state === 'failed') {
      const code = mine.code !== null && Object.hasOwn(ERRORS, mine.code) ? (mine.code as ErrorCode) : 'NEVER_READY'
      return new SlipwayError(code, `${name} does not run: ${mine.why ?? 'it failed'}`, { next })
    }
    const passed = clock.mono() - begun
    if (passed > limitMs)
      return new SlipwayError('NEVER_READY', `${name} is not ready after ${formatDuration(limitMs)}`, { next })
    if (told === null && passed > QUIET_MS) await sayLoading(project, environment, serving, say)
    else if (told !== null && passed - told > TELL_MS)
      say(`${name} is not ready yet, after ${formatDuration(Math.round(passed / 1000) * 1000)}`)
    if (passed > QUIET_MS && (told === null || passed - told > TELL_MS)) told = passed
    await clock.sleep(LOOK_MS, signal)
  }
  return new SlipwayError('INTERRUPTED', `${name} is not ready yet and goes on to load`, {
    next: ['slipway local status'],
  })
}
