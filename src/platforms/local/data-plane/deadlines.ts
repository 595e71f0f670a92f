/** Tells requests that they passed a latency bound while they still run: a queue and one timer per bound. */

export interface Late {
  /** Called once when the bound has passed, unless `over` says by then that it no longer matters. */
  pass(spec: number): void
  over(spec: number): boolean
}
interface Entry {
  readonly due: number
  readonly late: Late
  readonly spec: number
}

export class Deadlines {
  readonly #queues = new Map<number, { entries: Entry[]; head: number; timer: NodeJS.Timeout | null }>()
  readonly #mono: () => number

  constructor(mono: () => number) {
    this.#mono = mono
  }

  /** `startedAt` (monotonic ms) must not fall from call to call of one bound by more than it takes to be late by that much. */
  watch(boundMs: number, startedAt: number, late: Late, spec: number): void {
    let queue = this.#queues.get(boundMs)
    if (!queue) {
      queue = { entries: [], head: 0, timer: null }
      this.#queues.set(boundMs, queue)
    }
    queue.entries.push({ due: startedAt + boundMs, late, spec })
    if (queue.timer === null) this.#arm(boundMs)
  }

  #arm(boundMs: number): void {
    const queue = this.#queues.get(boundMs)!
    const { entries } = queue
    const now = this.#mono()
    while (queue.head < entries.length) {
      const entry = entries[queue.head]!
      if (!entry.late.over(entry.spec)) {
        if (entry.due > now) break
        entry.late.pass(entry.spec)
      }
      queue.head++
    }
    if (queue.head === entries.length) {
      this.#queues.delete(boundMs)
      return
    }
    if (queue.head > 1024) {
      entries.splice(0, queue.head)
      queue.head = 0
    }
    // A hair later, so that the clock has passed the bound and not just met it.
    queue.timer = setTimeout(() => this.#arm(boundMs), Math.max(1, Math.ceil(entries[queue.head]!.due - now)))
    queue.timer.unref()
  }

  close(): void {
    for (const { timer } of this.#queues.values()) if (timer) clearTimeout(timer)
    this.#queues.clear()
  }
}
