/** Traffic per minute and version: what `plan` forecasts from and `explain` answers the morning after. */
import type { KeyMoments, Reading, VersionCounter } from '../evidence/types.ts'
import type { Journal } from '../io/journal.ts'
import { GRID_MS } from '../kit/grid.ts'
import { type KeptKeys, keysKey, type MinuteCounts } from '../record/runtime.ts'

const WEEK_MINUTES = 7 * 24 * 60
/** How often the running minute is written. */
const WRITE_MS = 1000
/** Requests so far apart have silence between them. */
const SILENCE_MS = 10_000
/** How long a window of keys stands. */
const KEYS_MS = 2 * 3_600_000
/** How often old rows are deleted. */
const FORGET_MINUTES = 60

interface Gathered {
  minute: number
  codes: Record<string, number>
  total: number[]
  firstByte: number[]
  seconds: number
  busy: number
  /** Something was added since it was written. */
  fresh: boolean
}

const difference = (now: readonly number[], before: readonly number[] | undefined): number[] =>
  now.map((n, k) => Math.max(0, n - (before?.[k] ?? 0)))

const sparse = (counts: readonly number[]): Record<string, number> =>
  Object.fromEntries(counts.flatMap((n, k) => (n > 0 ? [[String(k), n] as const] : [])))

/** Gathers readings of one environment and writes a row a minute and version. */
export class MinuteKeeper {
  readonly #journal: Journal
  readonly #environment: string
  #boot: string | null = null
  #last = new Map<string, VersionCounter>()
  #lastAt: number | null = null
  /** When each version was asked last. */
  readonly #asked = new Map<string, number>()
  #gathered = new Map<string, Gathered>()
  #writtenAt = 0
  #forgotten = 0

  constructor(journal: Journal, environment: string) {
    this.#journal = journal
    this.#environment = environment
  }

  /** Takes a reading; counters that began anew count from 0. */
  take(reading: Reading): void {
    if (reading.boot !== this.#boot) this.#last.clear()
    // The first reading after a start may hold days: it is the origin, unless the data plane itself is new.
    const first = this.#boot === null
    this.#boot = reading.boot
    const minute = Math.floor(reading.at / 60_000)
    const seconds = this.#lastAt === null ? 0 : Math.min(5, Math.max(0, (reading.at - this.#lastAt) / 1000))
    this.#lastAt = reading.at
    // A version may have counts in two roles; its time passes once.
    const timed = new Set<string>()
    for (const version of reading.versions) {
      const key = `${version.digest} ${version.role}`
      const before = this.#last.get(key)
      this.#last.set(key, version)
      if (first && before === undefined) continue
      if (this.#add(version, before, minute, timed.has(version.digest) ? 0 : seconds))
        this.#gathered.get(version.digest)!.busy += this.#busy(version.digest, reading.at, seconds)
      timed.add(version.digest)
    }
    if (reading.keys) this.#keep(reading.keys, reading.at)
    if (reading.at - this.#writtenAt >= WRITE_MS) this.#write(minute, reading.at)
  }

  /**
   * How requests of one key hang together, for the next plan. A longer window of the last hours stands against a shorter one:
   * a data plane that was started anew tells of its first seconds.
   */
  #keep(told: readonly KeyMoments[], at: number): void {
    const key = keysKey(this.#environment)
    const known = (this.#journal.snapshot(key) ?? []) as readonly KeptKeys[]
    const kept = new Map(known.filter((one) => at - one.at <= KEYS_MS).map((one) => [one.digest, one]))
    const fresh = told.filter(({ digest, ms }) => ms >= (kept.get(digest)?.ms ?? 0))
    if (fresh.length === 0) return
    for (const moments of fresh) kept.set(moments.digest, { ...moments, at })
    this.#journal.append([], null, { [key]: [...kept.values()] })
  }

  /** Seconds since the request before, or where a stretch of them begins, since the reading before. */
  #busy(digest: string, at: number, seconds: number): number {
    const before = this.#asked.get(digest)
    this.#asked.set(digest, at)
    return before === undefined || at - before > SILENCE_MS ? seconds : (at - before) / 1000
  }

  /** Returns whether requests came. */
  #add(version: VersionCounter, before: VersionCounter | undefined, minute: number, seconds: number): boolean {
    let row = this.#gathered.get(version.digest)
    if (!row || row.minute !== minute) {
      if (row) this.#put(version.digest, row)
      row = this.#stored(version.digest, minute)
      this.#gathered.set(version.digest, row)
    }
    let added = false
    for (const [code, n] of Object.entries(version.codes)) {
      const more = n - (before?.codes[code] ?? 0)
      if (more > 0) row.codes[code] = (row.codes[code] ?? 0) + more
      if (more > 0) added = true
    }
    difference(version.totalBuckets, before?.totalBuckets).forEach((n, k) => {
      row.total[k] = (row.total[k] ?? 0) + n
    })
    difference(version.firstByteBuckets, before?.firstByteBuckets).forEach((n, k) => {
      row.firstByte[k] = (row.firstByte[k] ?? 0) + n
    })
    row.seconds += seconds
    if (added) row.fresh = true
    return added
  }

  #stored(digest: string, minute: number): Gathered {
    const found = this.#journal
      .minutes(this.#environment, minute)
      .find((r) => r.digest === digest && r.minute === minute)
    const data = found?.data as MinuteCounts | undefined
    return {
      minute,
      codes: { ...data?.codes },
      total: dense(data?.total),
      firstByte: dense(data?.firstByte),
      seconds: data?.seconds ?? 0,
      // Of a row of before it is all that was looked.
      busy: data?.busy ?? data?.seconds ?? 0,
      fresh: false,
    }
  }

  #put(digest: string, row: Gathered): void {
    const data: MinuteCounts = {
      codes: row.codes,
      total: sparse(row.total),
      firstByte: sparse(row.firstByte),
      seconds: row.seconds,
      busy: row.busy,
    }
    this.#journal.addMinutes([{ environment: this.#environment, digest, minute: row.minute, data }])
  }

  #write(minute: number, at: number): void {
    this.#writtenAt = at
    for (const [digest, row] of this.#gathered) {
      if (row.fresh || row.minute !== minute) this.#put(digest, row)
      row.fresh = false
      if (row.minute !== minute) this.#gathered.delete(digest)
    }
    if (minute - this.#forgotten < FORGET_MINUTES) return
    this.#forgotten = minute
    this.#journal.forgetMinutes(minute - WEEK_MINUTES)
  }
}

/** Sparse buckets as a full row of the grid. */
function dense(buckets: Readonly<Record<string, number>> | undefined): number[] {
  const row = new Array<number>(GRID_MS.length + 1).fill(0)
  for (const [k, n] of Object.entries(buckets ?? {})) row[Number(k)] = n
  return row
}
