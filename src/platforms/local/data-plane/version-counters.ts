/** What users' requests met at each version since boot, for views, forecasts and metrics. */
import type { VersionCounter } from '../../../evidence/types.ts'
import { bucketOf, GRID_MS } from '../../../kit/grid.ts'
import type { Role } from './gate-counters.ts'
import type { Outcome } from './outcome.ts'

/** Beyond the classes of an answer: a caller who hung up, a request that the other version answered, a version that was full. */
export type Code = NonNullable<Outcome['class']> | 'client-gone' | 'moved' | 'full' | 'upgraded'

/** Versions that left long ago are forgotten. */
const MOST_VERSIONS = 32

export class VersionTraffic {
  readonly digest: string
  readonly role: Role
  tag: string | null
  readonly codes: Partial<Record<Code, number>> = {}
  /** The same for requests that are not judged. */
  readonly unjudged: Partial<Record<Code, number>> = {}
  readonly totalBuckets = new Array<number>(GRID_MS.length + 1).fill(0)
  readonly firstByteBuckets = new Array<number>(GRID_MS.length + 1).fill(0)
  durationSumMs = 0
  firstByteSumMs = 0
  inFlight = 0

  constructor(digest: string, role: Role, tag: string | null) {
    this.digest = digest
    this.role = role
    this.tag = tag
  }

  count(code: Code, judged: boolean): void {
    const codes = judged ? this.codes : this.unjudged
    codes[code] = (codes[code] ?? 0) + 1
  }

  /** A judged request's times; requests without an end are in no bucket. */
  time(firstByteMs: number | null, totalMs: number | null): void {
    if (totalMs === null) return
    const first = firstByteMs ?? totalMs
    this.totalBuckets[bucketOf(totalMs)]!++
    this.firstByteBuckets[bucketOf(first)]!++
    this.durationSumMs += totalMs
    this.firstByteSumMs += first
  }

  read(): VersionCounter {
    return {
      digest: this.digest,
      role: this.role,
      codes: { ...this.codes },
      unjudged: { ...this.unjudged },
      totalBuckets: [...this.totalBuckets],
      firstByteBuckets: [...this.firstByteBuckets],
      durationSumMs: this.durationSumMs,
      inFlight: this.inFlight,
    }
  }
}

/** All of them by digest and role. */
export class TrafficBook {
  /** Judged requests that got a 503 of ours before a version was chosen, since boot. */
  refused = 0
  readonly #all = new Map<string, VersionTraffic>()

  of(digest: string, role: Role, tag: string | null): VersionTraffic {
    const key = `${role} ${digest}`
    let traffic = this.#all.get(key)
    if (!traffic) {
      traffic = new VersionTraffic(digest, role, tag)
      if (this.#all.size >= MOST_VERSIONS) this.#forgetOne()
    }
    // Kept in order of last use.
    this.#all.delete(key)
    this.#all.set(key, traffic)
    traffic.tag = tag
    return traffic
  }

  #forgetOne(): void {
    for (const [key, traffic] of this.#all)
      if (traffic.inFlight === 0) {
        this.#all.delete(key)
        return
      }
  }

  all(): VersionTraffic[] {
    return [...this.#all.values()]
  }
}
