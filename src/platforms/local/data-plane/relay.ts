/** An answer on its way from a server to the caller: nothing is held up, and a short one leaves in one write. */
import type { ServerResponse } from 'node:http'
import { type AnswerHead, pairsOf } from './headers.ts'

/** A piece up to this size is joined with the head. */
const ONE_WRITE_BYTES = 16 * 2 ** 10

/** A head that has come and not yet left, and the first piece after it. */
interface Pending {
  readonly status: number
  readonly message: string
  readonly head: AnswerHead
  chunk: Buffer | null
}

export class Relay {
  readonly #res: ServerResponse
  readonly #pace: { pause(): void; resume(): void }
  #pending: Pending | null = null
  #waiting = false
  /** The head has left. */
  began = false

  /** `pace`: called when the caller reads slower than the server sends. */
  constructor(res: ServerResponse, pace: { pause(): void; resume(): void }) {
    this.#res = res
    this.#pace = pace
  }

  /** Nothing of an answer has come. */
  get untouched(): boolean {
    return !this.began && this.#pending === null
  }

  head(status: number, message: string, head: AnswerHead): void {
    this.#pending = { status, message, head, chunk: null }
  }

  /** False: the answer cannot be passed on. */
  data(chunk: Buffer): boolean {
    // The first piece waits for the end of this turn.
    if (this.#pending && this.#pending.chunk === null) this.#pending.chunk = chunk
    else {
      if (!this.flush()) return false
      this.#write(chunk)
    }
    return true
  }

  #write(chunk: Buffer): void {
    if (this.#res.write(chunk) || this.#waiting) return
    this.#waiting = true
    this.#pace.pause()
    this.#res.once('drain', () => {
      this.#waiting = false
      this.#pace.resume()
    })
  }

  /** The head leaves, with what of the body has come. False: it could not. */
  flush(): boolean {
    const pending = this.#pending
    if (!pending) return true
    if (!this.#begin(pending)) return false
    if (pending.chunk) this.#write(pending.chunk)
    else this.#res.flushHeaders()
    return true
  }

  #begin({ status, message, head }: Pending): boolean {
    this.#pending = null
    try {
      this.#res.writeHead(status, message, head.fields)
      this.began = true
      return true
    } catch {
      // The parser takes a few statuses and reason phrases that nobody may send on.
      return false
    }
  }

  /** All of it has come. False: it cannot be passed on. `leaves` is called right before the last bytes go. */
  end(trailers: readonly string[], leaves: () => void): boolean {
    const pending = this.#pending
    if (pending && !this.#begin(pending)) return false
    if (trailers.length > 0) this.#res.addTrailers(pairsOf(trailers))
    leaves()
    const last = pending?.chunk ?? null
    // As latin1 text it joins the head in one write.
    if (last === null) this.#res.end()
    else if (last.length <= ONE_WRITE_BYTES) this.#res.end(last.toString('latin1'), 'latin1')
    else this.#res.end(last)
    return true
  }
}
