/** The value at `serving.answer` of one answer, found without ever holding up the answer itself. */
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { atPointer } from '../../../kit/json.ts'
import type { Outcome } from './outcome.ts'
import { readStream } from './sse.ts'

/** An answer longer than this is not looked into; it counts as answered. */
const MOST_BYTES = 4 * 2 ** 20
/** Of a longer stream so much of its end is kept, to see whether it ended in an error. */
const TAIL_BYTES = 64 * 2 ** 10

export interface Found {
  /** The value as JSON; undefined where there is none. */
  readonly value: unknown
  /** True where the answer could not be looked into (too long, unknown coding): nobody's fault. */
  readonly unknown: boolean
  /** The answer was a stream that ended in an error. */
  readonly streamError: boolean
  /** The answer itself, where it is kept and is text. */
  readonly kept?: { readonly text: string; readonly cut: boolean }
}
const NOTHING: Found = { value: undefined, unknown: false, streamError: false }
const UNKNOWN: Found = { value: undefined, unknown: true, streamError: false }

/** So much of an answer is kept whole. */
const MOST_KEPT = 64 * 2 ** 10
const isText = (contentType: string): boolean =>
  /^\s*(text\/[^;\s]+|application\/(json|x-ndjson|[^;\s]+\+json))\s*(;|$)/i.test(contentType)

/** Collects the bytes of one 2xx answer by reference, as they pass. */
export class AnswerCapture {
  readonly #pointer: string | null
  readonly #stream: boolean
  readonly #encoding: string
  readonly #keeps: boolean
  #chunks: Uint8Array[] = []
  #bytes = 0
  #overflown = false

  /** `keep`: the answer itself too, where it is text. */
  constructor(pointer: string | null, contentType: string, encoding: string, keep = false) {
    this.#pointer = pointer
    this.#stream = isEventStream(contentType)
    this.#encoding = encoding
    this.#keeps = keep && isText(contentType)
  }

  add(chunk: Uint8Array): void {
    if (this.#overflown && (!this.#stream || this.#encoding !== '')) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes <= MOST_BYTES) return
    this.#overflown = true
    while (this.#chunks.length > 1 && this.#bytes - this.#chunks[0]!.length > TAIL_BYTES)
      this.#bytes -= this.#chunks.shift()!.length
  }

  /** Calls back once, at once where nothing is compressed. */
  finish(done: (found: Found) => void): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#chunks = []
    if (this.#overflown) {
      const error = this.#stream && this.#encoding === '' && readStream(textOf(bytes)).error
      return done({ ...UNKNOWN, streamError: error })
    }
    if (this.#encoding === '' || this.#encoding === 'identity') return done(this.#read(bytes))
    const expand = EXPAND[this.#encoding]
    if (!expand) return done(UNKNOWN)
    expand(bytes, { maxOutputLength: MOST_BYTES }, (error, plain) => {
      if (!error) done(this.#read(plain))
      else done((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? UNKNOWN : NOTHING)
    })
  }

  #read(bytes: Uint8Array): Found {
    const found = this.#valueIn(bytes)
    if (!this.#keeps) return found
    const cut = bytes.length > MOST_KEPT
    return { ...found, kept: { text: textOf(cut ? bytes.subarray(0, MOST_KEPT) : bytes), cut } }
  }

  #valueIn(bytes: Uint8Array): Found {
    if (this.#stream) {
      const { candidates, error } = readStream(textOf(bytes))
      return {
        value: this.#pointer === null ? undefined : firstAt(candidates, this.#pointer),
        unknown: false,
        streamError: error,
      }
    }
    if (this.#pointer === null) return NOTHING
    try {
      return { value: atPointer(JSON.parse(textOf(bytes)), this.#pointer), unknown: false, streamError: false }
    } catch {
      return NOTHING
    }
  }
}

/** What an outcome gains by what was found in its answer. */
export const keptOf = (found: Found, { status }: Pick<Outcome, 'status'>): Pick<Outcome, 'value' | 'whole'> => ({
  value: found.value,
  whole: found.kept && status !== null ? { status, ...found.kept } : undefined,
})

type Expand = (
  bytes: Uint8Array,
  options: { maxOutputLength: number },
  done: (error: Error | null, plain: Buffer) => void,
) => void
const EXPAND: Readonly<Record<string, Expand>> = Object.assign(Object.create(null), {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
  zstd: zstdDecompress,
})

export const isEventStream = (contentType: string): boolean => /^\s*text\/event-stream\s*(;|$)/i.test(contentType)

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

function firstAt(values: readonly unknown[], pointer: string): unknown {
  for (const value of values) {
    const found = atPointer(value, pointer)
    if (found !== undefined) return found
  }
  return undefined
}
