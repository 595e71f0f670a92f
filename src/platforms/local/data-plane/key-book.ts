/**
 * How the requests of one key of `serving.sticky` hang together, by version: counts of each key of the last one to two hours, of
 * a sample of keys that is drawn by their hash, so that every key has the same chance whatever it sends.
 */
import { createHmac } from 'node:crypto'
import { FEW_KEYS, LEAST_KEYS } from '../../../evidence/bursts.ts'
import type { AnswerClass, KeyMoments, KeyTimes } from '../../../evidence/types.ts'
import { bucketOf, GRID_MS } from '../../../kit/grid.ts'
import type { Outcome } from './outcome.ts'

const MOST_KEYS = 4096
/** A window of counting; the last whole one is told, until there is one the first. */
const WINDOW_MS = 3_600_000
/** Windows that ended so long ago are forgotten. */
const OLD_MS = 2 * WINDOW_MS
const MOST_VERSIONS = 4
/** How often moments are handed out, and in the first minute, when each second makes them another. */
const EVERY_MS = 10_000
const EARLY_EVERY_MS = 1000
const EARLY_MS = 60_000

interface Counts {
  /** From 0 to 2^32: the key is in the sample while it lies below the window's bound. */
  readonly place: number
  readonly classes: Map<AnswerClass, number>
  readonly total: Uint32Array
  readonly firstByte: Uint32Array
}

/** Sums of counts above each bound, and of their squares. */
class Times {
  readonly sums = new Float64Array(GRID_MS.length)
  readonly squares = new Float64Array(GRID_MS.length)

  add(counts: Uint32Array, ms: number): void {
    for (let k = bucketOf(ms) - 1; k >= 0; k--) {
      const x = counts[k]!++
      this.sums[k]!++
      this.squares[k]! += 2 * x + 1
    }
  }

  remove(counts: Uint32Array): void {
    for (let k = 0; k < counts.length && counts[k]! > 0; k++) {
      this.sums[k]! -= counts[k]!
      this.squares[k]! -= counts[k]! ** 2
    }
  }

  read(): KeyTimes {
    const end = this.sums.indexOf(0)
    const upTo = (row: Float64Array) => [...row.subarray(0, end < 0 ? row.length : end)]
    return { sums: upTo(this.sums), squares: upTo(this.squares) }
  }
}

class Window {
  readonly since: number
  /** The last request. */
  last: number
  readonly #keys = new Map<string, Counts>()
  readonly #total = new Times()
  readonly #firstByte = new Times()
  #bound = 2 ** 32

  constructor(since: number) {
    this.since = since
    this.last = since
  }

  get size(): number {
    return this.#keys.size
  }

  count(name: string, answer: AnswerClass, firstByteMs: number | null, totalMs: number | null, at: number): void {
    this.last = at
    const counts = this.#keys.get(name) ?? this.#enter(name)
    if (!counts) return
    counts.classes.set(answer, (counts.classes.get(answer) ?? 0) + 1)
    if (totalMs === null) return
    this.#total.add(counts.total, totalMs)
    this.#firstByte.add(counts.firstByte, firstByteMs ?? totalMs)
  }

  #enter(name: string): Counts | null {
    const place = Number.parseInt(name.slice(0, 8), 16)
    if (place >= this.#bound) return null
    while (this.#keys.size >= MOST_KEYS) this.#halve()
    if (place >= this.#bound) return null
    const row = () => new Uint32Array(GRID_MS.length)
    const counts = { place, classes: new Map(), total: row(), firstByte: row() }
    this.#keys.set(name, counts)
    return counts
  }

  #halve(): void {
    this.#bound /= 2
    for (const [name, counts] of this.#keys) {
      if (counts.place < this.#bound) continue
      this.#keys.delete(name)
      this.#total.remove(counts.total)
      this.#firstByte.remove(counts.firstByte)
    }
  }

  /** `ms` of it is the time in which requests came. */
  read(digest: string): KeyMoments {
    const ms = this.last - this.since
    const sums: Record<string, number> = {}
    const products: Record<string, number> = {}
    for (const { classes } of this.#keys.values())
      for (const [a, x] of classes) {
        sums[a] = (sums[a] ?? 0) + x
        for (const [b, y] of classes) if (a <= b) products[`${a} ${b}`] = (products[`${a} ${b}`] ?? 0) + x * y
      }
    const times = { total: this.#total.read(), firstByte: this.#firstByte.read() }
    return { digest, ms, keys: this.#keys.size, sums, products, ...times }
  }
}

interface Version {
  now: Window
  before: Window | null
  /** The window that was told last, and its last request then. */
  told: Window | null
  toldLast: number
}

export class KeyBook {
  readonly #versions = new Map<string, Version>()
  readonly #secret: Buffer
  #toldAt = Number.NEGATIVE_INFINITY

  /** `token`: a secret that outlives the data plane. */
  constructor(token: string) {
    this.#secret = createHmac('sha256', token).update('names of sticky keys').digest()
  }

  /**
   * Name of a key: 64 bits of its HMAC-SHA-256 as hex digits, the same after a restart. Nobody's identity leaves the data plane,
   * and who reads what is kept cannot try out user numbers without the secret.
   */
  name(key: Uint8Array): string {
    return createHmac('sha256', this.#secret).update(key).digest('hex').slice(0, 16)
  }

  /** One answered request of a key; `at`: monotonic ms. */
  count(
    digest: string,
    name: string,
    answer: AnswerClass,
    { firstByteMs, totalMs }: Pick<Outcome, 'firstByteMs' | 'totalMs'>,
    at: number,
  ): void {
    const version = this.#versions.get(digest) ?? this.#enter(digest, at)
    const { now } = version
    if (at - now.since >= WINDOW_MS) {
      // Where requests came up to its end it is whole.
      if (at - now.last < WINDOW_MS / 60) now.last = now.since + WINDOW_MS
      version.before = now
      version.now = new Window(at)
    }
    version.now.count(name, answer, firstByteMs, totalMs, at)
  }

  #enter(digest: string, at: number): Version {
    const [oldest] = this.#versions.keys()
    if (this.#versions.size >= MOST_VERSIONS && oldest !== undefined) this.#versions.delete(oldest)
    const version = { now: new Window(at), before: null, told: null, toldLast: at }
    this.#versions.set(digest, version)
    return version
  }

  /** Moments of each version of which enough is known, and more than was told; null: of none, or it is not their time. */
  read(at: number): KeyMoments[] | null {
    if (this.#versions.size === 0) return null
    const early = [...this.#versions.values()].some(({ now, before }) => !before && at - now.since < EARLY_MS)
    if (at - this.#toldAt < (early ? EARLY_EVERY_MS : EVERY_MS)) return null
    const fresh: KeyMoments[] = []
    for (const [digest, version] of this.#versions) {
      const { now } = version
      if (at - now.last > OLD_MS) {
        this.#versions.delete(digest)
        continue
      }
      if (version.before && at - version.before.last > OLD_MS) version.before = null
      const { before } = version
      const window = before && (before.size >= FEW_KEYS || now.size < FEW_KEYS) ? before : now
      if (window.size < LEAST_KEYS || (window === version.told && window.last === version.toldLast)) continue
      version.told = window
      version.toldLast = window.last
      fresh.push(window.read(digest))
    }
    if (fresh.length === 0) return null
    this.#toldAt = at
    return fresh
  }
}
