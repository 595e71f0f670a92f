/** Servers outside, as they were last seen: asked every second, beside the turns. They are never started, stopped or blamed. */
import type { Served } from '../record/entries.ts'
import type { RunnerDeps } from './deps.ts'

const EVERY_MS = 1000
/** So many misses in a row: not ready. */
const MISSES = 3

interface Seen {
  ready: boolean | null
  misses: number
  askedAt: number
  asking: boolean
}

export class OutsideServers {
  readonly #deps: Pick<RunnerDeps, 'reach' | 'clock'>
  readonly #seen = new Map<string, Seen>()

  constructor(deps: Pick<RunnerDeps, 'reach' | 'clock'>) {
    this.#deps = deps
  }

  /** Does it answer? `before`: what was known of it, until it was asked for the first time. */
  ready(served: Served, before: boolean): boolean {
    let seen = this.#seen.get(served.digest)
    if (!seen) {
      seen = { ready: null, misses: 0, askedAt: Number.NEGATIVE_INFINITY, asking: false }
      this.#seen.set(served.digest, seen)
    }
    const now = this.#deps.clock.mono()
    if (!seen.asking && now - seen.askedAt >= EVERY_MS) void this.#ask(served, seen, now)
    return seen.ready ?? before
  }

  async #ask(served: Served, seen: Seen, now: number): Promise<void> {
    seen.asking = true
    seen.askedAt = now
    const fault = await this.#deps.reach(served.digest, served.readyPath ?? null).catch((error: Error) => error.message)
    seen.asking = false
    seen.misses = fault === null ? 0 : seen.misses + 1
    if (fault === null) seen.ready = true
    else if (seen.ready !== true || seen.misses >= MISSES) seen.ready = false
  }
}
