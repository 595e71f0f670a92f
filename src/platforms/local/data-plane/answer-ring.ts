/** Answers' values on their way to the host: kept until pulled, bounded in bytes, the oldest dropped and counted. */

import type { AnswerRecord } from '../../../evidence/types.ts'
import { withinDepth } from '../../../kit/json.ts'

const MOST_VALUE_BYTES = 64 * 2 ** 10
const MOST_RING_BYTES = 64 * 2 ** 20
const MOST_PULL_BYTES = 4 * 2 ** 20

interface Held {
  readonly seq: number
  readonly record: AnswerRecord
  readonly bytes: number
}

export class AnswerRing {
  readonly #mostBytes: number
  #held: Held[] = []
  #head = 0
  #bytes = 0
  #seq = 0
  dropped = 0

  constructor(mostBytes = MOST_RING_BYTES) {
    this.#mostBytes = mostBytes
  }

  /** Keeps a record; one with a value above 64 KiB, or nested beyond reason, is dropped and counted. */
  push(record: AnswerRecord): void {
    let bytes = 200 + (record.whole?.user?.text.length ?? 0) + (record.whole?.candidateCopy?.text.length ?? 0)
    for (const value of [record.user, record.candidateCopy, record.baselineCopy, record.key]) {
      const size = value === undefined ? 0 : sizeOf(value)
      if (size > MOST_VALUE_BYTES) {
        this.dropped++
        return
      }
      bytes += size
    }
    this.#held.push({ seq: ++this.#seq, record, bytes })
    this.#bytes += bytes
    while (this.#bytes > this.#mostBytes && this.#head < this.#held.length) {
      this.#shift()
      this.dropped++
    }
  }

  #shift(): void {
    this.#bytes -= this.#held[this.#head]!.bytes
    this.#head++
    if (this.#head < 1024 || this.#head * 2 < this.#held.length) return
    this.#held = this.#held.slice(this.#head)
    this.#head = 0
  }

  /** Forgets all up to `after` and gives what follows, some megabytes at a time. */
  pull(after: number): { answers: AnswerRecord[]; cursor: number } {
    while (this.#head < this.#held.length && this.#held[this.#head]!.seq <= after) this.#shift()
    const answers: AnswerRecord[] = []
    let bytes = 0
    let cursor = Math.min(after, this.#seq)
    for (let i = this.#head; i < this.#held.length && bytes < MOST_PULL_BYTES; i++) {
      const held = this.#held[i]!
      answers.push(held.record)
      bytes += held.bytes
      cursor = held.seq
    }
    return { answers, cursor }
  }
}

/** Bytes of a value as JSON, near enough for a bound. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  return withinDepth(value) ? JSON.stringify(value).length : Number.POSITIVE_INFINITY
}
