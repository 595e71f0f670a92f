/** How bad answers of a version hang together: variance over mean of their number over keys, or over batches of minutes. */

import { GRID_MS } from '../kit/grid.ts'
import { UNANSWERED } from './codes.ts'
import type { MinuteRow } from './traffic.ts'
import type { KeyMoments } from './types.ts'

/** What is known of it. `phi` >= 1; `n` keys or batches; `rough`: of few keys or a short time. */
export interface Dispersion {
  readonly phi: number
  readonly n: number
  readonly rough?: true
}
/** What was found over keys: `bad` answers in all. */
export interface OverKeys extends Dispersion {
  readonly bad: number
}
/** Fewer keys give a rough estimate; of one nothing is known. */
export const FEW_KEYS = 30
export const LEAST_KEYS = 2
/** Batches of so many minutes, and so many of them: an hour. */
export const BATCH_MINUTES = 2
const BATCHES = 30
/** Fewer of them, once small ones are merged, tell nothing: of 15, errors that come singly give a phi of 2 in one case of a hundred. */
const FEW_BATCHES = 15

/** Variance (of n - 1) over mean of n counts, from their sum and the sum of their squares; at least 1. */
function phiOf(n: number, sum: number, squares: number): number {
  const mean = sum / n
  return mean > 0 ? Math.max(1, (squares - n * mean * mean) / (n - 1) / mean) : 1
}

/** Longest time that phi over keys is reckoned for. */
const LONGEST_MS = 3_600_000

/** How long a release gathers requests of one key, as far as phi goes: its horizon, an hour at most. */
export const spanOf = (horizonMs: number): number => Math.min(horizonMs, LONGEST_MS)

/** A shorter window counts as one of this length. */
const LEAST_MS = 1000

/**
 * What was found in `ms` of counting, for evidence of `spanMs`: what a key's requests have in common grows with their number
 * (phi - 1 in proportion to the time, where they come at random), so a shorter window is scaled up; a longer one stands as it
 * is. Of few keys, or of less than half of the span, only what two standard errors (sqrt(2 / (n - 1)) at phi 1) leave is
 * scaled, so that chance is not blown up, and the estimate is rough; null: of these where nothing was bad.
 */
export function overSpan(found: OverKeys | null, ms: number, spanMs: number): Dispersion | null {
  if (!found) return null
  const { phi, n, bad } = found
  const scale = Math.max(1, spanMs / Math.max(ms, LEAST_MS))
  if (n >= FEW_KEYS && ms >= spanMs / 2) return { phi: 1 + (phi - 1) * scale, n }
  if (bad === 0) return null
  return { phi: 1 + Math.max(0, phi - 1 - 2 * Math.sqrt(2 / (n - 1))) * scale, n, rough: true }
}

/** Of the answers whose class is one of `bad`; null: fewer than two keys. */
export function keysOfClasses({ keys, sums, products }: KeyMoments, bad: readonly string[]): OverKeys | null {
  if (keys < LEAST_KEYS) return null
  let [sum, squares] = [0, 0]
  for (const a of bad) {
    sum += sums[a] ?? 0
    for (const b of bad) squares += products[[a, b].sort().join(' ')] ?? 0
  }
  return { phi: phiOf(keys, sum, squares), n: keys, bad: sum }
}

/** Of the answers above a bound of the grid, by what is timed; null: fewer than two keys. */
export function keysAbove(moments: KeyMoments, of: 'total' | 'first-byte', boundMs: number): OverKeys | null {
  const { keys } = moments
  if (keys < LEAST_KEYS) return null
  const { sums, squares } = of === 'total' ? moments.total : moments.firstByte
  const k = GRID_MS.indexOf(boundMs)
  return { phi: phiOf(keys, sums[k] ?? 0, squares[k] ?? 0), n: keys, bad: sums[k] ?? 0 }
}

/** Of bad shares (0..1) that belong to keys; null: fewer than two keys. */
export function keysOfScores(scores: readonly { readonly key: string; readonly bad: number }[]): OverKeys | null {
  const counts = new Map<string, number>()
  for (const { key, bad } of scores) counts.set(key, (counts.get(key) ?? 0) + bad)
  if (counts.size < LEAST_KEYS) return null
  let [sum, squares] = [0, 0]
  for (const x of counts.values()) {
    sum += x
    squares += x * x
  }
  return { phi: phiOf(counts.size, sum, squares), n: counts.size, bad: sum }
}

interface Batch {
  x: number
  n: number
}

/** The version's batches of the newest hour, in order; null: there is no such hour. */
function hourOf(rows: readonly MinuteRow[], digest: string, bad: readonly string[]): Batch[] | null {
  const batches = new Map<number, Batch>()
  for (const row of rows) {
    if (row.digest !== digest) continue
    const at = Math.floor(row.minute / BATCH_MINUTES)
    const batch = batches.get(at) ?? { x: 0, n: 0 }
    batches.set(at, batch)
    for (const [code, n] of Object.entries(row.data.codes)) {
      if (bad.includes(code)) batch.x += n
      if (!UNANSWERED.has(code)) batch.n += n
    }
  }
  const held = [...batches].filter(([, { n }]) => n > 0).sort(([a], [b]) => a - b)
  return held.length < BATCHES ? null : held.slice(-BATCHES).map(([, batch]) => batch)
}

/** Neighbours together, until each holds half of the mean number of requests and one bad answer is expected of it. */
function merged(batches: readonly Batch[], all: number, rate: number): Batch[] {
  const least = Math.max(all / batches.length / 2, 1 / rate)
  const whole: Batch[] = []
  let open = { x: 0, n: 0 }
  for (const { x, n } of batches) {
    open = { x: open.x + x, n: open.n + n }
    if (open.n < least) continue
    whole.push(open)
    open = { x: 0, n: 0 }
  }
  const last = whole.at(-1)
  return last ? [...whole.slice(0, -1), { x: last.x + open.x, n: last.n + open.n }] : []
}

/**
 * Of the answers of a version whose code is one of `bad`, over the newest hour of its minutes; null: there is no such hour, or
 * too few were bad to tell. Batches need not hold equally many requests: each is measured against its own share of all, which
 * with equal batches is variance over mean; small ones are merged, since there one bad answer is many times what is expected.
 * Minutes are wall minutes that have passed; those without a row held no request.
 */
export function batchesOf(rows: readonly MinuteRow[], digest: string, bad: readonly string[]): Dispersion | null {
  const hour = hourOf(rows, digest, bad)
  if (!hour) return null
  const all = hour.reduce((sum, { n }) => sum + n, 0)
  const rate = hour.reduce((sum, { x }) => sum + x, 0) / all
  if (rate === 0) return { phi: 1, n: BATCHES }
  const batches = merged(hour, all, rate)
  if (batches.length < FEW_BATCHES) return null
  const pearson = batches.reduce((sum, { x, n }) => sum + (x - n * rate) ** 2 / (n * rate), 0)
  return { phi: Math.max(1, pearson / (batches.length - 1)), n: batches.length }
}
