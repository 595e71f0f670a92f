import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engine } from '../../src/release/engine.ts'
import { RULES } from '../../src/release/rules.ts'
import { live, sequences } from './lives.ts'
import { EVENTS, eventClass, STATES, stateClass, UNREACHABLE } from './random.ts'

const SEQUENCES = 10_000
const EACH_PAIR = 100
/** Of so many steps one is taken again from the state as the journal keeps it. */
const AGAIN = 101

describe('random lives of releases', () => {
  it('keep every invariant, meet every event in every state, and always come to their end', () => {
    const pairs = new Map<string, number>()
    let steps = 0
    const real = engine(RULES)
    const property = fc.property(sequences, (sequence) =>
      live(real, sequence, (plan, before, event, after, effects) => {
        const pair = `${stateClass(plan, before)} x ${eventClass(plan, before, event)}`
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
        if (++steps % AGAIN !== 0) return
        const again = real.step(plan, JSON.parse(JSON.stringify(before)), event)
        expect(again.state).toEqual(after)
        expect(again.effects).toEqual(effects)
      }),
    )
    fc.assert(property, { numRuns: SEQUENCES })
    const rare = STATES.flatMap((state) => EVENTS.map((event) => `${state} x ${event}`))
      .filter((pair) => !UNREACHABLE.has(pair) && (pairs.get(pair) ?? 0) < EACH_PAIR)
      .map((pair) => `${pair}: ${pairs.get(pair) ?? 0}`)
    expect(rare).toEqual([])
    for (const pair of UNREACHABLE) expect(pairs.has(pair), pair).toBe(false)
  }, 300_000)
})
