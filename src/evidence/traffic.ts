/** What users' judged requests met in the last minutes: what a plan is composed and forecast from. */

import { GRID_MS } from '../kit/grid.ts'
import { UNANSWERED } from './codes.ts'
import type { KeyMoments } from './types.ts'

/** Counts of one version in one minute; sparse buckets of kit/grid by index. */
export interface MinuteRow {
  readonly digest: string
  readonly minute: number
  readonly data: {
    readonly codes: Readonly<Record<string, number>>
    readonly total: Readonly<Record<string, number>>
    readonly firstByte: Readonly<Record<string, number>>
    readonly seconds: number
    /** The part of it in which requests came; absent: all. */
    readonly busy?: number
  }
}

export interface TrafficSeen {
  /** How long was looked. */
  readonly seconds: number
  /** Answered requests of all versions, at their recent rate. */
  readonly requestsPerSecond: number
  /** Of how many seconds of requests the rate is; absent: not known. */
  readonly rateSeconds?: number
  /** Answered requests of the baseline, and by code which of them. */
  readonly requests: number
  readonly codes: Readonly<Record<string, number>>
  /** The baseline's times, GRID_MS.length + 1 buckets. */
  readonly totalBuckets: readonly number[]
  readonly firstByteBuckets: readonly number[]
  /** Share of answers that get a label; null: not known. */
  readonly labelledShare: number | null
  /** By gate: bad answers of the baseline by its labels or against itself, from an earlier release; absent: not known. */
  readonly judged: Readonly<Record<string, { readonly bad: number; readonly total: number }>>
  /** How the baseline's bad answers hang together; absent: not looked at. */
  readonly together?: Together
}

/** What bursts are reckoned from. */
export interface Together {
  /** Where requests have keys: what they met; null: not known yet. */
  readonly keys: KeyMoments | null
  /** Minutes of the last hours. */
  readonly minutes: readonly MinuteRow[]
  /** By gate: what labels say of keys. */
  readonly labelled: Readonly<Record<string, LabelledKeys>>
}
/** Bad shares of labelled answers with their keys, and how long was answered between the first and the last of them. */
export interface LabelledKeys {
  readonly ms: number
  readonly scores: readonly { readonly key: string; readonly bad: number }[]
}

/** Least seconds from which a rate is taken. */
const LEAST_SECONDS = 5

const answered = (codes: Readonly<Record<string, number>>): number =>
  Object.entries(codes).reduce((sum, [code, n]) => (UNANSWERED.has(code) ? sum : sum + n), 0)

/**
 * Sums rows of the last minutes (the caller's choice, about ten). The rate is of the time in which requests came, silence left
 * out: the highest mean over the last 1, 2, 3 … minutes, so that a load which began a moment ago is not thinned by what was before.
 */
export function trafficSeen(
  rows: readonly MinuteRow[],
  baseline: string,
  known: Pick<TrafficSeen, 'labelledShare' | 'judged' | 'together'> = { labelledShare: null, judged: {} },
): TrafficSeen {
  const mine = rows.filter((row) => row.digest === baseline)
  const codes: Record<string, number> = {}
  for (const { data } of mine) for (const [code, n] of Object.entries(data.codes)) codes[code] = (codes[code] ?? 0) + n
  const minutes = [...new Set(rows.map((row) => row.minute))].sort((a, b) => b - a)
  let [seconds, busy, requests] = [0, 0, 0]
  let best = { rate: 0, seconds: 0 }
  for (const minute of minutes) {
    const beside = rows.filter((row) => row.minute === minute)
    seconds += Math.max(...beside.map((row) => row.data.seconds))
    busy += Math.max(...beside.map(({ data }) => data.busy ?? data.seconds))
    requests += beside.reduce((sum, row) => sum + answered(row.data.codes), 0)
    if (busy >= LEAST_SECONDS && requests / busy > best.rate) best = { rate: requests / busy, seconds: busy }
  }
  if (best.rate === 0 && busy > 0) best = { rate: requests / busy, seconds: busy }
  return {
    seconds,
    requestsPerSecond: best.rate,
    rateSeconds: best.seconds,
    requests: answered(codes),
    codes,
    totalBuckets: sumBuckets(mine.map((row) => row.data.total)),
    firstByteBuckets: sumBuckets(mine.map((row) => row.data.firstByte)),
    ...known,
  }
}

function sumBuckets(rows: readonly Readonly<Record<string, number>>[]): number[] {
  const sum = new Array<number>(GRID_MS.length + 1).fill(0)
  for (const row of rows) for (const [k, n] of Object.entries(row)) sum[Number(k)] = (sum[Number(k)] ?? 0) + n
  return sum
}
