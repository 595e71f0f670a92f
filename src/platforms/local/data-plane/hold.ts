/** While a `swap` changes the servers, requests wait: so many at most, and each for so long at most. */

/** Why a wait ended. */
export type HoldEnd = 'open' | 'full' | 'too-long'

interface Waiting {
  readonly end: (how: HoldEnd) => void
  readonly timer: NodeJS.Timeout
}

export class Hold {
  readonly #waiting = new Set<Waiting>()

  get waiting(): number {
    return this.#waiting.size
  }

  /** Calls back once, `full` at once; the returned function ends the wait of a caller who left. */
  wait(most: number, waitMs: number, end: (how: HoldEnd) => void): () => void {
    if (this.#waiting.size >= most) {
      end('full')
      return () => {}
    }
    const entry: Waiting = {
      end,
      timer: setTimeout(() => {
        this.#waiting.delete(entry)
        end('too-long')
      }, waitMs),
    }
    this.#waiting.add(entry)
    return () => {
      this.#waiting.delete(entry)
      clearTimeout(entry.timer)
    }
  }

  /** Lets all go on, in the order in which they came. */
  open(): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const { end, timer } of all) {
      clearTimeout(timer)
      end('open')
    }
  }
}
