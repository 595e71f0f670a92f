/** The parsed file -> `Config`: templates applied, every key there. */
import type * as z from 'zod/mini'
import { defaultGates } from './defaults.ts'
import type { environmentsSchema } from './schema/environment.ts'
import type { Parsed } from './schema/index.ts'
import type { releaseSchema } from './schema/release.ts'
import type { resourcesSchema, servingSchema } from './schema/serving.ts'
import { SERVING_TEMPLATES, TRAINING_TEMPLATES } from './templates/index.ts'
import type {
  Config,
  DataChecks,
  EnvironmentConfig,
  EvaluationConfig,
  GateConfig,
  ReleaseConfig,
  ResourcesConfig,
  ServingConfig,
  StepConfig,
  TrainingConfig,
} from './types.ts'

const DRAIN_MS = 300_000

type ParsedServing = z.output<typeof servingSchema>
type ParsedRelease = z.output<typeof releaseSchema>
type ParsedEnvironment = z.output<typeof environmentsSchema>[string]

function resources(parsed: z.output<typeof resourcesSchema> | undefined): ResourcesConfig {
  const gpu = parsed?.gpu
  return {
    memoryBytes: parsed?.memory ?? null,
    cpu: parsed?.cpu ?? null,
    gpu: gpu === undefined ? null : typeof gpu === 'number' ? { cards: gpu } : { memoryBytes: gpu.memory },
  }
}

export function resolveServing(parsed: ParsedServing): ServingConfig {
  const template = SERVING_TEMPLATES.get(parsed.template)
  const { header, cookie, body } = parsed.sticky ?? {}
  return {
    template: parsed.template,
    command: parsed.command ?? template?.command ?? [],
    port: parsed.port ?? null,
    params: { ...template?.params, ...parsed.params },
    prepare: parsed.prepare,
    env: parsed.env,
    envFile: parsed.envFile ?? null,
    ready: { path: parsed.ready.path ?? template?.readyPath ?? null, timeoutMs: parsed.ready.timeout },
    drainMs: parsed.drain ?? template?.drainMs ?? DRAIN_MS,
    replicas: parsed.replicas,
    resources: resources(parsed.resources),
    requests: parsed.requests ?? template?.requests ?? null,
    answer: parsed.answer ?? template?.answer ?? null,
    sticky:
      header !== undefined ? { header } : cookie !== undefined ? { cookie } : body !== undefined ? { body } : null,
  }
}

function training(parsed: NonNullable<Parsed['training']>): TrainingConfig {
  const template = parsed.template === undefined ? undefined : TRAINING_TEMPLATES.get(parsed.template)
  return {
    template: parsed.template ?? null,
    command: parsed.command ?? template?.command ?? [],
    data: parsed.data === undefined ? null : { path: parsed.data.path, checks: checks(parsed.data.checks) },
    params: { ...template?.params, ...parsed.params },
    resources: resources(parsed.resources),
  }
}

function checks(parsed: NonNullable<NonNullable<Parsed['training']>['data']>['checks']): DataChecks {
  const { rows, label, duplicates } = parsed
  return {
    rows: rows === undefined ? null : { min: rows.min ?? null, max: rows.max ?? null },
    label: label === undefined ? null : { field: label.field, minShare: label.minShare ?? null },
    fields: Object.fromEntries(
      Object.entries(parsed.fields).map(([name, field]) => [
        name,
        { type: field.type ?? null, length: field.length ?? null, min: field.min ?? null, max: field.max ?? null },
      ]),
    ),
    duplicates: duplicates === undefined ? null : { maxShare: duplicates.max },
  }
}

function evaluation(parsed: Parsed['evaluation']): EvaluationConfig {
  const { labels } = parsed
  const key = labels?.key?.body
  return {
    sets: parsed.sets,
    request: parsed.request,
    labels: { arriveMs: labels?.arrive ?? 60_000, key: key === undefined ? null : { body: key } },
    keepAnswers: parsed.keepAnswers,
    labelled: labels !== undefined,
  }
}

function step(parsed: NonNullable<ParsedRelease['steps']>[number]): StepConfig {
  const { shadow, canary, swap, full } = parsed
  if (shadow !== undefined)
    return {
      kind: 'shadow',
      fraction: shadow.fraction,
      noise: shadow.noise ?? null,
      forMs: shadow.for,
      pairs: shadow.pairs,
    }
  if (canary !== undefined) return { kind: 'canary', weight: canary.weight, forMs: canary.for }
  if (swap !== undefined) return { kind: 'swap', waitMs: swap.wait, watchMs: swap.watch }
  if (full !== undefined) return { kind: 'full', watchMs: full.watch, keepWarmMs: full.keepWarm }
  throw new TypeError('a step without a kind passed the schema')
}

function gate(parsed: NonNullable<ParsedRelease['gates']>[number]): GateConfig {
  const { errors, latency, quality, agreement } = parsed
  if (errors !== undefined)
    return {
      kind: 'errors',
      name: errors.name ?? 'errors',
      margin: errors.margin,
      bad: errors.bad,
      except: errors.except,
    }
  if (latency !== undefined)
    return {
      kind: 'latency',
      name: latency.name ?? 'latency',
      of: latency.of,
      above: latency.above,
      margin: latency.margin,
    }
  if (quality !== undefined)
    return {
      kind: 'quality',
      name: quality.name ?? 'quality',
      source: quality.set !== undefined ? { set: quality.set } : { labels: true },
      evaluator: quality.evaluator ?? null,
      margin: quality.margin,
      min: quality.min ?? null,
    }
  if (agreement !== undefined)
    return {
      kind: 'agreement',
      name: agreement.name ?? 'agreement',
      evaluator: agreement.evaluator,
      maxDisagreement: agreement.maxDisagreement ?? null,
    }
  throw new TypeError('a gate without a kind passed the schema')
}

/** `given`: what the default gates follow from. */
export function resolveRelease(
  parsed: ParsedRelease,
  given: { readonly sets: readonly string[]; readonly labels: boolean },
): ReleaseConfig {
  return {
    steps: parsed.steps?.map(step) ?? null,
    gates: parsed.gates?.map(gate) ?? defaultGates(given.sets, given.labels),
    horizonMs: parsed.horizon,
    alpha: parsed.alpha,
    holdMs: parsed.onInconclusive.hold,
  }
}

function environment(
  name: string,
  parsed: ParsedEnvironment,
  merged: { readonly serving: ServingConfig; readonly release: ReleaseConfig },
): EnvironmentConfig {
  const { limits, timeouts, baseline } = parsed
  return {
    name,
    platform: parsed.platform,
    listen: parsed.listen,
    control: parsed.control,
    limits: { inFlight: limits.inFlight, queue: limits.queue, bodyBytes: limits.body },
    timeouts: { connectMs: timeouts.connect, firstByteMs: timeouts.firstByte, idleMs: timeouts.idle },
    ...merged,
    baseline: baseline === undefined ? null : typeof baseline === 'string' ? { ref: baseline } : { url: baseline.url },
    notify: parsed.notify?.command ?? null,
  }
}

/** `merged`: serving and release of each environment with its overrides laid over. */
export function resolve(
  file: string,
  folder: string,
  parsed: Parsed,
  merged: Readonly<Record<string, { readonly serving: ServingConfig; readonly release: ReleaseConfig }>>,
): Config {
  const { artifact } = parsed
  const serving = resolveServing(parsed.serving)
  const release = resolveRelease(parsed.release, {
    sets: Object.keys(parsed.evaluation.sets),
    labels: parsed.evaluation.labels !== undefined,
  })
  return {
    apiVersion: parsed.apiVersion,
    file,
    folder,
    model: parsed.model,
    artifact: {
      ...artifact,
      code: artifact.code ?? null,
      allow: artifact.allow.map((line) => ({ ...line, sha256: line.sha256 ?? null })),
    },
    serving,
    training: parsed.training === undefined ? null : training(parsed.training),
    evaluation: evaluation(parsed.evaluation),
    release,
    environments: Object.fromEntries(
      Object.entries(parsed.environments).map(([name, one]) => [
        name,
        environment(name, one, merged[name] ?? { serving, release }),
      ]),
    ),
  }
}
