/** Values of answers are kept twice as long as labels may take, to 1 GiB; what the cap costs is told. */
import { row } from './start.ts'
import type { Runner } from './turn.ts'

const EVERY_MS = 60_000
const LEAST_ARRIVE_MS = 60_000
const MOST_BYTES = 2 ** 30

export class AnswerPruner {
  #at = 0

  turn(runner: Runner): void {
    const { clock, answers } = runner.deps
    const now = clock.now()
    if (now - this.#at < EVERY_MS) return
    this.#at = now
    const serving = Object.values(runner.state.environments).map((e) => e.serving?.arriveMs ?? 0)
    const released = [...runner.releases.values()].map((d) => d.plan.labels.arriveMs)
    const cost = answers.prune(now - 2 * Math.max(LEAST_ARRIVE_MS, ...serving, ...released), MOST_BYTES)
    const active = [...runner.releases.values()].find((d) => d.active)
    if (cost === 0 || !active) return
    const text = `${cost} answers were dropped for the limit of 1 GiB before their labels came`
    runner.append([row(now, active.environment, active.name, { kind: 'note', data: { what: 'label', text } })], {})
  }
}
