/** Labels that came over HTTP, until the host has taken them. */
import { withinDepth } from '../../../kit/json.ts'
import type { ReceivedLabel } from './protocol.ts'

const MOST_LABELS = 200_000
const MOST_BYTES = 64 * 2 ** 20
const MOST_HANDED_BYTES = 4 * 2 ** 20
/** An id is one of ours, or a caller's own. */
const MOST_ID = 256
const MOST_LABEL_BYTES = 64 * 2 ** 10

export interface LineError {
  /** From 1. */
  readonly line: number
  readonly message: string
}

export class Labels {
  #held: { seq: number; bytes: number; label: ReceivedLabel }[] = []
  #bytes = 0
  #seq = 0

  get full(): boolean {
    return this.#held.length >= MOST_LABELS || this.#bytes >= MOST_BYTES
  }

  /** Takes JSON lines {"id", "label"}; a bad line is refused by its number and the others are taken. */
  add(text: string, at: number): { accepted: number; errors: LineError[] } {
    const errors: LineError[] = []
    let accepted = 0
    text.split('\n').forEach((raw, index) => {
      const line = raw.trim()
      if (line === '') return
      const label = readLabel(line, at)
      if (typeof label === 'string') errors.push({ line: index + 1, message: label })
      else if (this.full)
        errors.push({ line: index + 1, message: 'too many labels wait for the host; send it again later' })
      else {
        this.#held.push({ seq: ++this.#seq, bytes: line.length, label })
        this.#bytes += line.length
        accepted++
      }
    })
    return { accepted, errors }
  }

  /** Forgets all up to `after` and gives what follows, some megabytes at a time. */
  pull(after: number): { labels: ReceivedLabel[]; cursor: number } {
    let known = 0
    while (known < this.#held.length && this.#held[known]!.seq <= after) this.#bytes -= this.#held[known++]!.bytes
    if (known > 0) this.#held = this.#held.slice(known)
    const labels: ReceivedLabel[] = []
    let cursor = Math.min(after, this.#seq)
    let bytes = 0
    for (const held of this.#held) {
      if (bytes >= MOST_HANDED_BYTES) break
      bytes += held.bytes
      labels.push(held.label)
      cursor = held.seq
    }
    return { labels, cursor }
  }
}

/** A label, or what is wrong with the line. */
function readLabel(line: string, at: number): ReceivedLabel | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'not JSON'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object {"id", "label"}'
  const { id, label, ...more } = value as Record<string, unknown>
  if (typeof id !== 'string' || id === '') return '"id" must be a string that is not empty'
  if (id.length > MOST_ID) return `"id" is longer than ${MOST_ID} characters`
  if (label === undefined) return '"label" is missing'
  if (!withinDepth(label)) return 'the label is nested too deep'
  if (line.length > MOST_LABEL_BYTES) return `longer than ${MOST_LABEL_BYTES} bytes`
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) return `unknown key ${JSON.stringify(unknown.slice(0, 40))}`
  return { id, label, at }
}
