/** What users met, from the counts per minute that are kept for 7 days: what is asked the morning after. */

import { GRID_MS } from '../kit/grid.ts'
import { FAILED, NOBODYS } from './codes.ts'
import type { MinuteRow } from './traffic.ts'

/** Judged requests that one version answered, or should have. Times are upper bounds of kit/grid; null: none was timed. */
export interface Met {
  readonly digest: string
  readonly requests: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}
/** From one minute to another, both included (minutes since 1970). */
export interface Minutes {
  readonly from: number
  readonly to: number
}
/** The minute in which most requests failed. */
export interface WorstMinute {
  readonly minute: number
  readonly digest: string
  readonly requests: number
  readonly failed: number
}

function counted(codes: Readonly<Record<string, number>>): { requests: number; failed: number } {
  let [requests, failed] = [0, 0]
  for (const [code, n] of Object.entries(codes)) {
    if (!NOBODYS.has(code)) requests += n
    if (FAILED.has(code)) failed += n
  }
  return { requests, failed }
}

/** The least bound of the grid that a share of all lies at or below; the last bound for what lies beyond it. */
function quantile(buckets: ReadonlyMap<number, number>, share: number): number | null {
  const all = [...buckets.values()].reduce((sum, n) => sum + n, 0)
  if (all === 0) return null
  let below = 0
  for (const [k, n] of [...buckets].sort(([a], [b]) => a - b)) {
    below += n
    if (below >= share * all) return GRID_MS[Math.min(k, GRID_MS.length - 1)]!
  }
  return null
}

const within = ({ from, to }: Minutes, { minute }: MinuteRow): boolean => minute >= from && minute <= to

/** By version, who answered most first; versions without a request are left out. */
export function metIn(rows: readonly MinuteRow[], minutes: Minutes): Met[] {
  const sums = new Map<string, { requests: number; failed: number; total: Map<number, number> }>()
  for (const row of rows) {
    if (!within(minutes, row)) continue
    const sum = sums.get(row.digest) ?? { requests: 0, failed: 0, total: new Map() }
    sums.set(row.digest, sum)
    const { requests, failed } = counted(row.data.codes)
    sum.requests += requests
    sum.failed += failed
    for (const [k, n] of Object.entries(row.data.total)) sum.total.set(Number(k), (sum.total.get(Number(k)) ?? 0) + n)
  }
  return [...sums]
    .filter(([, { requests }]) => requests > 0)
    .map(([digest, { requests, failed, total }]) => ({
      digest,
      requests,
      failed,
      p50Ms: quantile(total, 0.5),
      p95Ms: quantile(total, 0.95),
    }))
    .sort((a, b) => b.requests - a.requests)
}

/** null: none failed. */
export function worstMinute(rows: readonly MinuteRow[], minutes: Minutes): WorstMinute | null {
  let worst: WorstMinute | null = null
  for (const row of rows) {
    if (!within(minutes, row)) continue
    const sum = counted(row.data.codes)
    if (sum.failed > (worst?.failed ?? 0)) worst = { minute: row.minute, digest: row.digest, ...sum }
  }
  return worst
}
