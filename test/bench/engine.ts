/** Steps a second of the engine with three gates, invariants included: looks of a release under traffic. Run with node; prints the number. */
import { begin, step } from '../../src/release/engine.ts'
import type { LookEvent, ReleaseState } from '../../src/release/types.ts'
import { plans } from '../release/plans.ts'
import { World } from '../release/world.ts'

/** A release as the engine saw it, without the world's own work: the same looks are stepped again and again. */
const plan = { ...plans.standard, horizonMs: 3_600_000, steps: plans.standard.steps.map((one) => ('forMs' in one ? { ...one, forMs: 60_000 } : one)) }
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
function rate(): number {
  const start = performance.now()
  let steps = 0
  while (performance.now() - start < seconds * 1000) {
    for (const one of looks) step(plan, one.state, one.look)
    steps += looks.length
  }
  return (steps * 1000) / (performance.now() - start)
}
rate()
const rates = [rate(), rate(), rate()].sort((a, b) => a - b)
console.log(`engine: ${Math.round(rates[1]!).toLocaleString('en')} steps/s (median of 3, ${looks.length} looks, 3 gates, ${state.outcome})`)
