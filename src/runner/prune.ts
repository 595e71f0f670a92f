/** Values of answers are kept twice as long as labels may take, to 1 GiB; what the cap costs is told. */
import { row } from './start.ts'
import type { Runner } from './turn.ts'

const EVERY_MS = 60_000
const LEAST_ARRIVE_MS = 60_000
const MOST_BYTES = 2 ** 30
/** Rows deleted in one turn: about 20 ms, so that a takeback need not wait for a night's answers. */
const MOST_ROWS = 2000

export class AnswerPruner {
  #at = 0
  #more = false
  /** Dropped and not told yet. */
  #cost = 0

  turn(runner: Runner): void {
    const now = runner.deps.clock.now()
    if (this.#more || now - this.#at >= EVERY_MS) this.#prune(runner, now)
    if (this.#cost > 0 && !this.#more) this.#tell(runner, now)
  }

  #prune(runner: Runner, now: number): void {
    this.#at = now
    const serving = Object.values(runner.state.environments).map((e) => e.serving?.arriveMs ?? 0)
    const released = [...runner.releases.values()].map((d) => d.plan.labels.arriveMs)
    const before = now - 2 * Math.max(LEAST_ARRIVE_MS, ...serving, ...released)
    const { cost, more } = runner.deps.answers.prune(before, MOST_BYTES, MOST_ROWS)
    this.#more = more
    this.#cost += cost
  }

  /** Where somebody else wrote meanwhile, in the next turn. */
  #tell(runner: Runner, now: number): void {
    const active = [...runner.releases.values()].find((d) => d.active)
    const text = `${this.#cost} answers were dropped for the limit of 1 GiB before their labels came`
    const rows = active
      ? [row(now, active.environment, active.name, { kind: 'note', data: { what: 'label', text } })]
      : []
    if (rows.length === 0 || runner.append(rows, {})) this.#cost = 0
  }
}
