import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import type { PlanStep, ReleasePlan } from '../../src/plan/types.ts'
import { begin, engine, fold, step } from '../../src/release/engine.ts'
import { check } from '../../src/release/invariants.ts'
import { RULES } from '../../src/release/rules.ts'
import type { Event } from '../../src/release/types.ts'
import { Drive, over } from './drive.ts'
import { canary, full, plans, shadow, swap } from './plans.ts'

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}

describe('step', () => {
  it('is a function of its arguments: the same journal folds to the same state, and nothing given is changed', () => {
    const d = new Drive(plans.sets)
    const began = d.world.at
    const events: Event[] = []
    const states = [d.state]
    while (!over(d.state)) {
      const event = freeze(d.world.look())
      freeze(d.state)
      events.push(event)
      d.send(event)
      states.push(d.state)
    }
    expect(fold(plans.sets, began, events)).toEqual(d.state)
    for (const at of [3, 20, Math.floor(events.length / 2)]) {
      let state = JSON.parse(JSON.stringify(states[at]))
      for (const event of events.slice(at)) state = step(plans.sets, state, event).state
      expect(state).toEqual(d.state)
    }
  })

  it('a broken invariant is a bug that names itself', () => {
    const wrong = engine({ ...RULES, splitOf: (plan, index) => ({ ...RULES.splitOf(plan, index), weightPpm: -1 }) })
    const d = new Drive(plans.canaries, wrong)
    expect(() => d.until(over)).toThrow(
      expect.objectContaining({ code: 'BUG', message: expect.stringContaining('weights sum to 1,000,000 ppm') }),
    )
  })

  it('the check itself passes a right step', () => {
    const d = new Drive(plans.standard)
    const event = d.world.look()
    const { state, effects } = step(d.plan, d.state, event)
    expect(() => check({ plan: d.plan, before: d.state, event, after: state, effects })).not.toThrow()
  })
})

describe('begin', () => {
  const shape = (steps: readonly PlanStep[], more: Partial<ReleasePlan> = {}): ReleasePlan => ({
    ...plans.standard,
    steps,
    ...more,
  })
  const wrong: Record<string, ReleasePlan> = {
    'no step': shape([]),
    'no end': shape([shadow, canary(1000)]),
    'shadow second': shape([canary(1000), shadow, full]),
    'weights that do not rise': shape([canary(5000), canary(5000), full]),
    'a canary of all': shape([canary(1_000_000), full]),
    'a canary of nothing': shape([canary(0), full]),
    'full before a canary': shape([full, canary(1000)]),
    'swap beside others': shape([shadow, swap]),
    'full alone with a baseline': shape([full]),
    'a canary without a baseline': shape([canary(1000), full], { baseline: null }),
    'a swap without a baseline': shape([swap], { baseline: null }),
    'a swap from an outside server': shape([swap], { baseline: { url: 'http://127.0.0.1:1' } }),
  }
  for (const [name, plan] of Object.entries(wrong))
    it(`refuses a sequence that no plan may have: ${name}`, () => expect(() => begin(plan, 0)).toThrow(SlipwayError))

  it('takes every shape of plan', () => {
    for (const plan of Object.values(plans)) expect(begin(plan, 0).phase).toBe('start')
  })
})
