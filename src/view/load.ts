import { formatCount } from '../kit/units.ts'
import { askedText } from './asked.ts'

interface Shown {
  readonly detached: { readonly pid: number } | null
  readonly summary: {
    readonly elapsedMs: number
    readonly scheduled: number
    readonly answered: number
    readonly failed: number
    readonly failures: Readonly<Record<string, number>>
    readonly versions: Readonly<Record<string, number>>
    readonly latencyMs: {
      readonly p50: number | null
      readonly p90: number | null
      readonly p95: number | null
      readonly p99: number | null
      readonly max: number | null
    }
    readonly labels: { readonly sent: number; readonly refused: number; readonly failed: number } | null
  } | null
  readonly would: string | null
  readonly undo: string | null
}

const ms = (value: number | null): string =>
  value === null ? '-' : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([name, n]) => `${name} ${formatCount(n)}`)
    .join(', ')

/** What a load came to. */
export function loadText({ detached, summary, would, undo }: Shown): string {
  if (!summary) return askedText({ text: would ?? `the load goes on (pid ${detached?.pid})`, undo })
  const lines = [
    `${formatCount(summary.scheduled)} requests in ${(summary.elapsedMs / 1000).toFixed(1)} s: ${formatCount(summary.answered)} answered, ${formatCount(summary.failed)} failed${summary.failed > 0 ? ` (${counts(summary.failures)})` : ''}`,
    `latency from the scheduled moment: p50 ${ms(summary.latencyMs.p50)}, p90 ${ms(summary.latencyMs.p90)}, p95 ${ms(summary.latencyMs.p95)}, p99 ${ms(summary.latencyMs.p99)}, longest ${ms(summary.latencyMs.max)}`,
  ]
  if (Object.keys(summary.versions).length > 0) lines.push(`answered by ${counts(summary.versions)}`)
  if (summary.labels)
    lines.push(
      `labels: ${formatCount(summary.labels.sent)} sent, ${formatCount(summary.labels.refused)} refused, ${formatCount(summary.labels.failed)} failed`,
    )
  return `${lines.join('\n')}\n`
}
