/** The gates of slipway.yaml with everything resolved: bounds, evaluators, waivers, `min` of labels. */
import type { GateConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { boundFor, GRID_MS } from '../kit/grid.ts'
import { visible } from '../kit/text.ts'
import { formatDuration } from '../kit/units.ts'
import type { Evaluator, PlanGate } from '../plan/types.ts'
import type { Shape, Waive } from './compose-input.ts'
import type { Refusal } from './unanswerable.ts'

interface Composed {
  readonly gates: readonly PlanGate[]
  readonly refusals: readonly Refusal[]
  readonly warnings: readonly string[]
}
type LatencyConfig = Extract<GateConfig, { kind: 'latency' }>
type QualityConfig = Extract<GateConfig, { kind: 'quality' }>

/** Gates in the order written. A first release has only those of sets: there is nothing to compare traffic with. */
export function composeGates(written: readonly GateConfig[], shape: Shape): Composed {
  const refusals: Refusal[] = []
  const warnings: string[] = []
  const gates: PlanGate[] = []
  const unjudged: string[] = []
  checkWaivers(written, shape.waive)
  for (const [index, config] of written.entries()) {
    const set = config.kind === 'quality' && 'set' in config.source
    if (shape.compared === null && !set) {
      unjudged.push(config.name)
      continue
    }
    const waived = waivedBy(config.name, shape.waive)
    const say = (message: string) => {
      if (waived === null)
        refusals.push({ pointer: `/release/gates/${index}`, message: `gate ${config.name}: ${message}` })
    }
    gates.push(...gateOf(config, waived, shape, say, warnings))
  }
  if (unjudged.length > 0) warnings.push(`${unjudged.join(', ')} cannot be judged: no version serves to compare with`)
  return { gates, refusals, warnings }
}

const waivedBy = (name: string, waive: Waive | null): string | null =>
  waive !== null && (waive.gates === 'all' || waive.gates.includes(name)) ? waive.reason : null

function checkWaivers(written: readonly GateConfig[], waive: Waive | null): void {
  if (waive === null || waive.gates === 'all') return
  const known = new Set(written.map((gate) => gate.name))
  const unknown = waive.gates.find((name) => !known.has(name))
  if (unknown === undefined) return
  throw new SlipwayError('USAGE', `--waive names no gate: ${visible(unknown)}; there are ${[...known].join(', ')}`, {
    next: ['slipway plan'],
  })
}

function gateOf(
  config: GateConfig,
  waived: string | null,
  shape: Shape,
  say: (message: string) => void,
  warnings: string[],
): PlanGate[] {
  const common = { name: config.name, decides: waived === null, waived, ratio: 1 } as const
  switch (config.kind) {
    case 'errors': {
      const { kind, margin, except } = config
      return [{ ...common, kind, margin, bad: config.bad as Extract<PlanGate, { kind: 'errors' }>['bad'], except }]
    }
    case 'latency': {
      const { kind, margin, of } = config
      return [{ ...common, kind, margin, of, above: aboveText(config), boundMs: boundOf(config, shape, say, warnings) }]
    }
    case 'quality':
      return qualityOf(config, common, evaluatorOf(config, shape, say))
    case 'agreement': {
      const { kind, evaluator, maxDisagreement } = config
      const decides = waived === null && maxDisagreement !== null
      return [{ ...common, kind, decides, margin: maxDisagreement ?? 0, evaluator }]
    }
  }
}

function qualityOf(
  { name, kind, source, margin, min }: QualityConfig,
  common: { readonly name: string; readonly decides: boolean; readonly waived: string | null; readonly ratio: 1 },
  evaluator: Evaluator,
): PlanGate[] {
  if ('set' in source) return [{ ...common, kind, margin, source, evaluator, min }]
  const gate: PlanGate = { ...common, kind, margin, source, evaluator, min: null }
  if (min === null) return [gate]
  // By labels, `min` is asked of the candidate alone: one more gate, fed with the same answers.
  const own = { ...common, kind: 'labels-min', name: `${name}-min`, of: name, ratio: 0, margin: 1 - min } as const
  return [gate, { ...own, evaluator, min }]
}

function evaluatorOf(
  { source, evaluator }: QualityConfig,
  { sets, evaluation }: Shape,
  say: (m: string) => void,
): Evaluator {
  if ('labels' in source) return evaluator ?? { kind: 'exact-match' }
  const written = evaluation.sets[source.set]
  if (!written || !Object.hasOwn(sets, source.set))
    say(
      `names the set ${visible(source.set)}, which is not there; add \`evaluation.sets.${visible(source.set)}: {path: …}\``,
    )
  return evaluator ?? written?.evaluator ?? { kind: 'exact-match' }
}

/** `p95`, `p99.9`, or the duration as written. */
const aboveText = ({ above }: LatencyConfig): string =>
  'ms' in above
    ? Number.isInteger(above.ms)
      ? formatDuration(above.ms)
      : `${above.ms}ms`
    : `p${Number((above.quantile * 100).toPrecision(6))}`

/** The bound of the grid: nearest to the duration, or where the baseline's share above lies nearest to the quantile's. */
function boundOf(config: LatencyConfig, { traffic }: Shape, say: (m: string) => void, warnings: string[]): number {
  const { above, of, name } = config
  if ('ms' in above) {
    const distance = (bound: number) => Math.abs(Math.log(bound / above.ms))
    const bound = GRID_MS.reduce((best, next) => (distance(next) < distance(best) ? next : best))
    if (Math.abs(bound / above.ms - 1) > 0.005)
      warnings.push(`${name} counts above ${bound} ms, the bound of the grid nearest to ${formatDuration(above.ms)}`)
    return bound
  }
  const buckets = (of === 'total' ? traffic?.totalBuckets : traffic?.firstByteBuckets) ?? []
  const k = buckets.some((n) => n > 0) ? boundFor(buckets, 1 - above.quantile) : undefined
  if (k === undefined)
    say(
      `the baseline's ${aboveText(config)} is not known, for no request was seen; send traffic, or write a bound, \`above: 250ms\``,
    )
  return GRID_MS[k ?? GRID_MS.length - 1]!
}
