/** What a release would be: versions, evaluation sets and the traffic seen become a plan with its forecast. */
import { join } from 'node:path'
import type { EnvironmentConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { type EvaluationSet, parseSet } from '../evidence/sets.ts'
import type { TrafficSeen } from '../evidence/traffic.ts'
import { composePlan } from '../gates/compose.ts'
import type { Waive } from '../gates/compose-input.ts'
import { type Forecast, forecast } from '../gates/forecast.ts'
import type { ModelVersion } from '../model/types.ts'
import { planHash } from '../plan/hash.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { EnvironmentSettings, Served } from '../record/entries.ts'
import type { ProjectState } from '../record/fold.ts'
import { sameWeights } from './known.ts'
import { environmentConfig, type Project, stateOf } from './project.ts'
import { type Resolved, resolveVersion } from './resolve.ts'
import { baselineOf, servedOf, settingsOf } from './served.ts'
import { trafficOf, withTraffic } from './traffic.ts'

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
