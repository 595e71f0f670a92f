/** Labels that came over HTTP, until the host has taken them. */
import { withinDepth } from '../../../kit/json.ts'
import { keyText } from './asked.ts'
import type { ReceivedLabel } from './protocol.ts'

const MOST_LABELS = 200_000
const MOST_BYTES = 64 * 2 ** 20
/** A body with more than so many labels is large: it leaves room for small ones. */
const LARGE = 1000
const ROOM_FOR_SMALL = 50_000
/** What the host takes at once: it joins them to answers within one of its turns. */
const MOST_HANDED = 2000
const MOST_HANDED_BYTES = 2 ** 20
/** Lines read without letting anything else happen. */
const LINES_AT_ONCE = 500
/** An id is one of ours, or a caller's own. */
const MOST_ID = 256
const MOST_LABEL_BYTES = 64 * 2 ** 10

export interface LineError {
  /** From 1. */
  readonly line: number
  readonly message: string
}
export interface Taken {
  readonly accepted: number
  /** Lines of an id that had a line before in the same body: the first counts. */
  readonly repeated: number
  readonly errors: readonly LineError[]
}
interface Waiting {
  readonly bytes: number
  readonly label: ReceivedLabel
}

export class Labels {
  /** What waits, by body; who sends few does not wait for who sends many. */
  #bodies: { waiting: Waiting[]; next: number; whole: boolean }[] = []
  #handed: { seq: number; label: ReceivedLabel }[] = []
  #count = 0
  #bytes = 0
  #seq = 0

  get full(): boolean {
    return this.#count >= MOST_LABELS || this.#bytes >= MOST_BYTES
  }

  /**
   * Takes JSON lines {"id", "label"}; a bad line is refused by its number and the others are taken. Some lines at a time: requests
   * of users pass in between.
   */
  async add(text: string, at: number): Promise<Taken> {
    const errors: LineError[] = []
    const waiting: Waiting[] = []
    const seen = new Set<string>()
    let [from, line, repeated] = [0, 0, 0]
    const body = { waiting, next: 0, whole: false }
    this.#bodies.push(body)
    while (from < text.length) {
      const end = text.indexOf('\n', from)
      const raw = text.slice(from, end < 0 ? text.length : end).trim()
      from = end < 0 ? text.length : end + 1
      line++
      if (line % LINES_AT_ONCE === 0) await new Promise<void>((resolve) => setImmediate(resolve))
      if (raw === '') continue
      const label = readLabel(raw, at)
      if (typeof label === 'string') errors.push({ line, message: label })
      else if (seen.has(label.id)) repeated++
      else if (!this.#room(waiting.length)) errors.push({ line, message: 'too many labels wait; send it again later' })
      else {
        seen.add(label.id)
        waiting.push({ bytes: raw.length, label })
        this.#count++
        this.#bytes += raw.length
      }
    }
    body.whole = true
    return { accepted: seen.size, repeated, errors }
  }

  #room(taken: number): boolean {
    return !this.full && (taken < LARGE || this.#count < MOST_LABELS - ROOM_FOR_SMALL)
  }

  /** Forgets all up to `after` of those handed out, and gives the rest of them and what waits: some, of each body in turn. */
  pull(after: number): { labels: ReceivedLabel[]; cursor: number } {
    this.#handed = this.#handed.filter(({ seq }) => seq > after)
    let bytes = 0
    let idle = 0
    while (this.#handed.length < MOST_HANDED && bytes < MOST_HANDED_BYTES && idle < this.#bodies.length) {
      const body = this.#bodies.shift()!
      const one = body.waiting[body.next]
      if (one) {
        body.next++
        this.#handed.push({ seq: ++this.#seq, label: one.label })
        this.#count--
        this.#bytes -= one.bytes
        bytes += one.bytes
      }
      const stays = !body.whole || body.next < body.waiting.length
      if (stays) this.#bodies.push(body)
      if (one) idle = 0
      else if (stays) idle++
    }
    return {
      labels: this.#handed.map(({ label }) => label),
      cursor: this.#handed.at(-1)?.seq ?? Math.min(after, this.#seq),
    }
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
  const { id: given, label, ...more } = value as Record<string, unknown>
  // Callers' own keys may be numbers in their bodies; as text they are read as there.
  const id = typeof given === 'number' || typeof given === 'boolean' ? keyText(given) : given
  if (typeof id !== 'string' || id === '') return '"id" must be a string that is not empty, or a number'
  if (id.length > MOST_ID) return `"id" is longer than ${MOST_ID} characters`
  if (label === undefined) return '"label" is missing'
  if (!withinDepth(label)) return 'the label is nested too deep'
  if (line.length > MOST_LABEL_BYTES) return `longer than ${MOST_LABEL_BYTES} bytes`
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) return `unknown key ${JSON.stringify(unknown.slice(0, 40))}`
  return { id, label, at }
}
