/** Sends the labels of answered requests after a delay, many at a time. */
import { request as httpRequest } from 'node:http'
import type { Clock } from '../../../io/clock.ts'

export interface LabelTarget {
  /** ms from the answer to its label. */
  readonly delayMs: number
  /** http://host:port of the control address. */
  readonly control: string
  readonly token: string
}

const LOOK_MS = 200
const MOST_A_POST = 2000
/** A post that failed is tried so often in all. */
const TRIES = 3

export class LabelSender {
  readonly #target: LabelTarget
  readonly #clock: Clock
  readonly #waiting: { due: number; line: string; tries: number }[] = []
  sent = 0
  refused = 0
  failed = 0

  constructor(target: LabelTarget, clock: Clock) {
    this.#target = target
    this.#clock = clock
  }

  add(id: string, label: unknown): void {
    const line = JSON.stringify({ id, label })
    this.#waiting.push({ due: this.#clock.mono() + this.#target.delayMs, line, tries: 0 })
  }

  /** Sends what is due until `ended` and nothing waits, or the signal. */
  async run(ended: () => boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#sendDue()
      if (ended() && this.#waiting.length === 0) return
      await this.#clock.sleep(LOOK_MS, signal)
    }
    this.failed += this.#waiting.splice(0).length
  }

  async #sendDue(): Promise<void> {
    const now = this.#clock.mono()
    while (this.#waiting.length > 0 && this.#waiting[0]!.due <= now) {
      let count = 0
      while (count < this.#waiting.length && count < MOST_A_POST && this.#waiting[count]!.due <= now) count++
      const batch = this.#waiting.splice(0, count)
      const answer = await this.#post(batch.map(({ line }) => line).join('\n'))
      if (answer) {
        this.sent += answer.accepted
        this.refused += answer.refused
        continue
      }
      for (const one of batch) {
        one.tries++
        if (one.tries >= TRIES) this.failed++
        else this.#waiting.push({ ...one, due: now + LOOK_MS })
      }
      return
    }
  }

  #post(body: string): Promise<{ accepted: number; refused: number } | null> {
    return new Promise((resolve) => {
      const req = httpRequest(
        new URL('/labels', this.#target.control),
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${this.#target.token}`,
            'content-type': 'application/x-ndjson',
            'content-length': Buffer.byteLength(body),
          },
          timeout: 10_000,
        },
        (res) => {
          const chunks: Buffer[] = []
          res.on('data', (chunk: Buffer) => chunks.push(chunk))
          res.on('error', () => resolve(null))
          res.on('end', () => resolve(receipt(res.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))))
        },
      )
      req.on('timeout', () => req.destroy())
      req.on('error', () => resolve(null))
      req.end(body)
    })
  }
}

/** null: send it again. */
function receipt(status: number, body: string): { accepted: number; refused: number } | null {
  if (status !== 200 && status !== 400) return null
  try {
    const { accepted, refused } = JSON.parse(body) as { accepted: number; refused: number }
    return { accepted, refused }
  } catch {
    return null
  }
}
