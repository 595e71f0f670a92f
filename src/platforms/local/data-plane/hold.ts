/** While a `swap` changes the servers, requests wait: so many at most, and each for so long at most. */

/** Why a wait ended. */
export type HoldEnd = 'open' | 'full' | 'too-long'

interface Waiting {
  readonly end: (how: HoldEnd) => void
  readonly timer: NodeJS.Timeout
}

/** What waited is worked off in this time, or it is the version that is slow. */
const BACKLOG_MS = 10_000

export class Hold {
  readonly #mono: () => number
  readonly #waiting = new Set<Waiting>()
  /** Requests that waited and have no answer yet. */
  #backlog = 0
  #openedAt = Number.NEGATIVE_INFINITY

  constructor(mono: () => number) {
    this.#mono = mono
  }

  /** A request that waited goes on; the returned function tells its end. */
  goesOn(): () => void {
    this.#backlog++
    return () => {
      this.#backlog--
    }
  }

  /** While what waited is worked off, how long an answer takes tells nothing of the version. */
  get worksOff(): boolean {
    return this.#backlog > 0 && this.#mono() - this.#openedAt < BACKLOG_MS
  }

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
    if (all.length > 0) this.#openedAt = this.#mono()
    this.#waiting.clear()
    for (const { end, timer } of all) {
      clearTimeout(timer)
      end('open')
    }
  }
}
