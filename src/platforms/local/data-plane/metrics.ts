/** Counters and histograms as Prometheus text (exposition format 0.0.4). */
import { GRID_MS } from '../../../kit/grid.ts'
import type { Role } from './gate-counters.ts'
import type { VersionTraffic } from './version-counters.ts'

export interface MetricsSource {
  readonly environment: string
  readonly model: string
  readonly traffic: readonly VersionTraffic[]
  readonly weights: readonly { readonly version: string; readonly role: Role; readonly ppm: number }[]
  readonly mirrored: Readonly<Record<string, number>>
}

type Labels = readonly (readonly [string, string])[]

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
const labelled = (labels: Labels): string => `{${labels.map(([key, value]) => `${key}="${escaped(value)}"`).join(',')}}`
/** The grid's bounds in seconds, as text. */
const BOUNDS = GRID_MS.map((ms) => String(Number((ms / 1000).toPrecision(6))))

/** The whole text; `version` is the tag, else the digest. */
export function prometheusText(source: MetricsSource): string {
  const base: Labels = [
    ['environment', source.environment],
    ['model', source.model],
  ]
  const of = (traffic: VersionTraffic): Labels => [
    ...base,
    ['version', traffic.tag ?? traffic.digest],
    ['role', traffic.role],
  ]
  const lines: string[] = []
  const family = (name: string, type: string, help: string) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)

  family('slipway_requests_total', 'counter', 'Requests of users by how they ended.')
  for (const traffic of source.traffic)
    for (const [code, count] of summed(traffic))
      lines.push(`slipway_requests_total${labelled([...of(traffic), ['code', code]])} ${count}`)

  family('slipway_request_duration_seconds', 'histogram', 'Time to the end of judged requests.')
  for (const traffic of source.traffic)
    histogram(lines, 'slipway_request_duration_seconds', of(traffic), traffic.totalBuckets, traffic.durationSumMs)

  family('slipway_first_byte_seconds', 'histogram', 'Time to the first byte of the body of judged requests.')
  for (const traffic of source.traffic)
    histogram(lines, 'slipway_first_byte_seconds', of(traffic), traffic.firstByteBuckets, traffic.firstByteSumMs)

  family('slipway_in_flight', 'gauge', 'Requests of users that are open.')
  for (const traffic of source.traffic) lines.push(`slipway_in_flight${labelled(of(traffic))} ${traffic.inFlight}`)

  family('slipway_weight_ppm', 'gauge', 'Share of judged requests, in parts of a million.')
  for (const { version, role, ppm } of source.weights)
    lines.push(`slipway_weight_ppm${labelled([...base, ['version', version], ['role', role]])} ${ppm}`)

  family('slipway_mirrored_total', 'counter', 'Requests chosen for a copy by what became of it.')
  for (const [result, count] of Object.entries(source.mirrored))
    lines.push(`slipway_mirrored_total${labelled([...base, ['result', result]])} ${count}`)
  return `${lines.join('\n')}\n`
}

/** Judged and other requests together. */
function summed(traffic: VersionTraffic): [string, number][] {
  const sums = new Map<string, number>()
  for (const codes of [traffic.codes, traffic.unjudged])
    for (const [code, count] of Object.entries(codes)) sums.set(code, (sums.get(code) ?? 0) + count)
  return [...sums]
}

function histogram(lines: string[], name: string, labels: Labels, buckets: readonly number[], sumMs: number): void {
  let below = 0
  BOUNDS.forEach((bound, k) => {
    below += buckets[k]!
    lines.push(`${name}_bucket${labelled([...labels, ['le', bound]])} ${below}`)
  })
  const all = below + buckets[BOUNDS.length]!
  lines.push(`${name}_bucket${labelled([...labels, ['le', '+Inf']])} ${all}`)
  lines.push(`${name}_sum${labelled(labels)} ${sumMs / 1000}`, `${name}_count${labelled(labels)} ${all}`)
}
