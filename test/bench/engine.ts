/** Steps a second of the engine with three gates, invariants included: looks of a release under traffic. Run with node; prints the number. */
import { begin, step } from '../../src/release/engine.ts'
import type { LookEvent, ReleaseState } from '../../src/release/types.ts'
import { plans } from '../release/plans.ts'
import { World } from '../release/world.ts'

/** A release as the engine saw it, without the world's own work: the same looks are stepped again and again. */
const plan = {
  ...plans.standard,
  horizonMs: 3_600_000,
  steps: plans.standard.steps.map((one) => ('forMs' in one ? { ...one, forMs: 60_000 } : one)),
}
const world = new World(plan)
const looks: { state: ReleaseState; look: LookEvent }[] = []
let state = begin(plan, world.at)
while (state.phase !== 'over') {
  const look = world.look()
  looks.push({ state, look })
  const result = step(plan, state, look)
  world.perform(result.effects)
  state = result.state
}

const seconds = Number(process.argv[2] ?? 3)
/** Steps a second of wall time, and of processor time where others share the machine. */
function rate(): { wall: number; cpu: number } {
  const start = performance.now()
  const used = process.cpuUsage()
  let steps = 0
  while (performance.now() - start < seconds * 1000) {
    for (const one of looks) step(plan, one.state, one.look)
    steps += looks.length
  }
  const { user, system } = process.cpuUsage(used)
  return { wall: (steps * 1000) / (performance.now() - start), cpu: (steps * 1e6) / (user + system) }
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const text = (value: number): string => Math.round(value).toLocaleString('en')

rate()
const rates = [rate(), rate(), rate()]
const wall = median(rates.map((one) => one.wall))
const cpu = median(rates.map((one) => one.cpu))
console.log(
  `engine: ${text(wall)} steps/s, ${text(cpu)} per second of processor time (median of 3; ${looks.length} looks, 3 gates, ${state.outcome})`,
)
