/** Failed attempts: when the next one comes, and what is said of the last. */
import { SlipwayError } from '../../../errors.ts'
import { visible } from '../../../kit/text.ts'

/** Waiting time before a new attempt, ms: none after the first exit in service, then 1 s, doubling to 30 s. */
export const backoffMs = (failures: number): number =>
  failures === 0 ? 0 : Math.min(30_000, 1000 * 2 ** (failures - 1))

/** Code and sentence of whatever was thrown while something was set up or started. */
export function codeOf(error: unknown): { readonly code: string; readonly why: string } {
  if (error instanceof SlipwayError) return { code: error.code, why: error.message }
  const text = visible(error instanceof Error ? error.message : String(error))
  const system = error instanceof Error && 'code' in error ? error.code : null
  if (system === 'ENOSPC') return { code: 'NO_SPACE', why: `no space left on the disk: ${text}` }
  if (system === 'EACCES' || system === 'EPERM') return { code: 'PERMISSION', why: `not permitted: ${text}` }
  if (system === 'ENOENT')
    return { code: 'COMMAND_NOT_FOUND', why: `the command, its interpreter or its folder does not exist: ${text}` }
  return { code: 'CRASHED', why: `could not be started: ${text}` }
}

/** After so long in service an exit counts as a first one again. */
const STABLE_MS = 60_000
const COLLISIONS = 5

/** When a replica may start next; times are monotonic, ms. */
export class Attempts {
  #failures = 0
  #collisions = 0
  #nextAt = Number.NEGATIVE_INFINITY

  due(now: number): boolean {
    return now >= this.#nextAt
  }

  /** Forgets all that was. */
  reset(): void {
    this.#failures = 0
    this.#collisions = 0
    this.#nextAt = Number.NEGATIVE_INFINITY
  }

  served(): void {
    this.#collisions = 0
  }

  /** Nothing failed: looks again after a pause. */
  pause(now: number, ms: number): void {
    this.#nextAt = now + ms
  }

  failed(now: number): void {
    this.#failures++
    this.#nextAt = now + backoffMs(this.#failures)
  }

  /** An exit that nobody asked for; `servedMs` null: it never got ready. */
  exited(now: number, servedMs: number | null): void {
    if (servedMs === null) return this.failed(now)
    if (servedMs >= STABLE_MS) this.#failures = 0
    this.#nextAt = now + backoffMs(this.#failures)
    this.#failures++
  }

  /** Its port was taken by somebody else: another one at once. False where that happened too often to be chance. */
  collided(now: number): boolean {
    this.#nextAt = now
    return ++this.#collisions <= COLLISIONS
  }
}
