/**
 * How the requests of one key of `serving.sticky` hang together, by version: counts of each key of the last one to two hours, of
 * a sample of keys that is drawn by their hash, so that every key has the same chance whatever it sends.
 */
import { createHash } from 'node:crypto'
import { FEW_KEYS } from '../../../evidence/bursts.ts'
import type { AnswerClass, KeyMoments, KeyTimes } from '../../../evidence/types.ts'
import { bucketOf, GRID_MS } from '../../../kit/grid.ts'
import type { Outcome } from './outcome.ts'

const MOST_KEYS = 4096
/** A window of counting; the last whole one is told. */
const WINDOW_MS = 3_600_000
const MOST_VERSIONS = 4
/** How often moments are handed out. */
const EVERY_MS = 10_000

/** Name of a key: 64 bits of its SHA-256 as hex digits. Nobody's identity leaves the data plane. */
export const keyName = (key: Uint8Array): string => createHash('sha256').update(key).digest('hex').slice(0, 16)

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

export class KeyBook {
  readonly #versions = new Map<string, { now: Window; before: Window | null }>()
  #toldAt = Number.NEGATIVE_INFINITY

  /** One answered request of a key; `at`: monotonic ms. */
  count(
    digest: string,
    name: string,
    answer: AnswerClass,
    { firstByteMs, totalMs }: Pick<Outcome, 'firstByteMs' | 'totalMs'>,
    at: number,
  ): void {
    let version = this.#versions.get(digest)
    if (!version) {
      version = { now: new Window(at), before: null }
      const [oldest] = this.#versions.keys()
      if (this.#versions.size >= MOST_VERSIONS && oldest !== undefined) this.#versions.delete(oldest)
      this.#versions.set(digest, version)
    }
    if (at - version.now.since >= WINDOW_MS) {
      version.before = version.now
      // Where requests came up to its end it is whole.
      if (at - version.now.last < WINDOW_MS / 60) version.now.last = version.now.since + WINDOW_MS
      version.now = new Window(at)
    }
    version.now.count(name, answer, firstByteMs, totalMs, at)
  }

  /** Moments of each version of which enough is known; null: it is not their time. */
  read(at: number): KeyMoments[] | null {
    if (this.#versions.size === 0 || at - this.#toldAt < EVERY_MS) return null
    this.#toldAt = at
    return [...this.#versions].flatMap(([digest, { now, before }]) => {
      if (before) return [before.read(digest)]
      return now.size < FEW_KEYS ? [] : [now.read(digest)]
    })
  }
}
