/** What a release would be: versions, evaluation sets and the traffic seen become a plan with its forecast. */
import { join } from 'node:path'
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { type EvaluationSet, parseSet } from '../evidence/sets.ts'
import { type MinuteRow, type TrafficSeen, trafficSeen } from '../evidence/traffic.ts'
import { composePlan } from '../gates/compose.ts'
import type { Waive } from '../gates/compose-input.ts'
import { type Forecast, forecast } from '../gates/forecast.ts'
import type { ModelVersion } from '../model/types.ts'
import { planHash } from '../plan/hash.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { EnvironmentSettings, Served } from '../record/entries.ts'
import { environmentOf, type ProjectState } from '../record/fold.ts'
import { knownOf, sameWeights, togetherOf } from './known.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { type Resolved, resolveVersion } from './resolve.ts'
import { baselineOf, servedOf, settingsOf } from './served.ts'

export interface IntentOptions {
  readonly env?: string | undefined
  readonly ref?: string | undefined
  readonly waive: Waive | null
  readonly noBaseline: string | null
  /** Nothing is kept: no pack, no set. */
  readonly dry: boolean
  /** Called with the version before a plan is composed; may refuse it. */
  readonly before?: (resolved: Resolved, state: ProjectState) => void
}
export interface Intent {
  readonly plan: ReleasePlan
  readonly hash: string
  readonly forecast: Forecast
  readonly warnings: readonly string[]
  readonly candidate: Served
  readonly baseline: Served | null
  readonly settings: EnvironmentSettings
  readonly environment: EnvironmentConfig
  readonly resolved: Resolved
  readonly state: ProjectState
  readonly traffic: TrafficSeen
}
/** Traffic of so many minutes is looked at. */
const MINUTES = 10
/** How long a plan that lacks nothing but traffic waits for some: the host writes down each second what came. */
const TRAFFIC_SHOWS_MS = 4000
const LOOK_MS = 250

/** Reads the evaluation sets and keeps their bytes for the host. */
async function readSets(project: Project, dry: boolean): Promise<Record<string, EvaluationSet>> {
  const sets: Record<string, EvaluationSet> = {}
  for (const [name, { path, evaluator }] of Object.entries(project.config.evaluation.sets)) {
    const bytes = await project.files.read(join(project.folder, path), 256 * 2 ** 20)
    sets[name] = parseSet(bytes, path, evaluator)
    if (!dry) await project.store.keepBytes(bytes)
  }
  return sets
}

/** Where a plan is kept under its hash, so that `release start --plan HASH` finds it. */
export const planFile = (project: Pick<Project, 'stateFolder'>, hash: string): string =>
  join(project.stateFolder, 'plans', `${hash}.json`)

function trafficOf(
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
async function withTraffic<P extends object>(
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

/** Composes the plan. Throws what it is refused for: GATE_UNANSWERABLE, CONFIG_INVALID, SET_INVALID, REF_UNKNOWN, FILE_REFUSED … */
export async function intentOf(project: Project, options: IntentOptions): Promise<Intent> {
  const environment = environmentConfig(project.config, options.env)
  const state = stateOf(project)
  const resolved = await resolveVersion(project, options.ref, options.dry)
  options.before?.(resolved, state)
  const candidate = servedOf(project, environment, resolved.version, resolved.tag)
  const baseline = await baselineOf(project, state, environment, candidate)
  if (options.noBaseline !== null && !baseline)
    throw new SlipwayError(
      'USAGE',
      '--no-baseline: nothing serves in this environment yet, so there is nothing to leave out',
    )
  const planned = !baseline
    ? null
    : baseline.outside
      ? { url: baseline.digest }
      : { version: (await project.store.read(baseline.digest as ModelVersion['digest'])).version, tag: baseline.tag }
  const sets = await readSets(project, options.dry)
  const composed = (traffic: TrafficSeen) =>
    composePlan({
      model: project.config.model,
      environment,
      evaluation: project.config.evaluation,
      candidate: { version: resolved.version, tag: resolved.tag },
      baseline: planned,
      noBaseline: options.noBaseline === null ? null : { reason: options.noBaseline },
      sets,
      traffic,
      shareCard: environment.serving.resources.gpu !== null && 'memoryBytes' in environment.serving.resources.gpu,
      waive: options.waive,
    })
  const seen = () => trafficOf(project, state, environment, baseline)
  const { traffic, plan, warnings } = await withTraffic(project.clock, seen, composed)
  return {
    plan,
    hash: planHash(plan),
    forecast: forecast(plan, traffic),
    warnings: [...sameWeights(state, resolved.version), ...warnings],
    candidate,
    baseline,
    settings: settingsOf(environment),
    environment,
    resolved,
    state,
    traffic,
  }
}
