/** `local load`: traffic from the lines of an evaluation set, on schedule whatever the server does. */
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { parseSet } from '../evidence/sets.ts'
import { nearest } from '../kit/text.ts'
import { formatCount, formatDuration } from '../kit/units.ts'
import type { LoadSummary } from '../platforms/local/load/run.ts'
import { envFlag } from '../record/release-id.ts'
import { environmentConfig, type Project } from './project.ts'

export interface LoadFlowOptions {
  readonly env?: string | undefined
  readonly set: string
  readonly rate: number
  readonly durationMs: number
  readonly labels: boolean
  readonly labelDelayMs: number
  readonly concurrency: number
  readonly seed: number
  /** Go on in a process of its own. */
  readonly detach: boolean
  /** Send nothing. */
  readonly dryRun: boolean
  readonly signal: AbortSignal
  progress(line: string): void
}

export interface Load {
  readonly detached: { readonly pid: number } | null
  readonly summary: LoadSummary | null
  /** What would be sent. */
  readonly would: string | null
  /** Ends a load that goes on. */
  readonly undo: string | null
}

/** The same load as typed for a process of its own. */
function typedAgain(environment: string, options: LoadFlowOptions): string[] {
  const { set, rate, labels, seed, concurrency } = options
  const flags = {
    env: environment,
    set,
    rate: String(rate),
    for: formatDuration(options.durationMs),
    seed: String(seed),
    concurrency: String(concurrency),
  }
  const late = labels ? ['--labels', '--label-delay', formatDuration(options.labelDelayMs)] : []
  return ['local', 'load', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]), ...late]
}

/** Sends the load and returns what came of it. SET_INVALID, REF_UNKNOWN for an unknown set. */
export async function load(project: Project, options: LoadFlowOptions): Promise<Load> {
  const { sets } = project.config.evaluation
  const set = Object.hasOwn(sets, options.set) ? sets[options.set] : undefined
  if (!set) {
    const near = nearest(options.set, Object.keys(sets))
    throw new SlipwayError('USAGE', `slipway.yaml has no evaluation set ${JSON.stringify(options.set)}`, {
      next: near ? [`--set ${near}`] : ['slipway validate'],
    })
  }
  const environment = environmentConfig(project.config, options.env)
  const bytes = await project.files.read(join(project.folder, set.path), 256 * 2 ** 20)
  const { lines } = parseSet(bytes, set.path, set.evaluator)
  const url = ({ host, port }: { host: string; port: number }) => `http://${host}:${port}`
  if (options.dryRun) {
    const to = `${formatCount(Math.round((options.rate * options.durationMs) / 1000))} requests of ${lines.length} lines`
    const would = `would send ${to} to ${url(environment.listen)}${options.labels ? ', with labels' : ''}`
    return { detached: null, summary: null, would, undo: null }
  }
  if (options.detach) {
    const pid = await project.again(typedAgain(environment.name, options), 'load')
    return { detached: { pid }, summary: null, would: null, undo: `kill ${pid}` }
  }
  const summary = await project.load({
    address: url(environment.listen),
    lines,
    rate: options.rate,
    durationMs: options.durationMs,
    concurrency: options.concurrency,
    seed: options.seed,
    labels: options.labels
      ? { delayMs: options.labelDelayMs, control: url(environment.control), token: project.controlToken() }
      : null,
    clock: project.clock,
    signal: options.signal,
    progress: (p) => options.progress(`${p.scheduled} sent, ${p.answered} answered, ${p.failed} failed`),
  })
  if (summary.answered === 0 && (summary.failures.refused ?? 0) > 0)
    throw new SlipwayError(
      'DATA_PLANE_UNREACHABLE',
      `nothing answers at ${url(environment.listen)}: ${environment.name} is down, and no request was served`,
      { next: [`slipway local up${envFlag(environment.name)}`] },
    )
  return { detached: null, summary, would: null, undo: null }
}
