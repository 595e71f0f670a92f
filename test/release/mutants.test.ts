import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { engine } from '../../src/release/engine.ts'
import { INVARIANTS } from '../../src/release/invariants.ts'
import { RULES } from '../../src/release/rules.ts'
import { live, sequences } from './lives.ts'
import { MUTANTS } from './mutants.ts'

const ENOUGH = 2000

/** What the property of random lives says about an engine, until everything looked for has shown up. */
function findings(make: (typeof MUTANTS)[number]['make'], wanted: readonly string[], most = ENOUGH): Set<string> {
  const found = new Set<string>()
  const mutant = make((taken) => {
    for (const [name, holds] of Object.entries(INVARIANTS)) if (!holds(taken)) found.add(name)
  })
  for (const sequence of fc.sample(sequences, { numRuns: most, seed: 7 })) {
    try {
      live(mutant, sequence, () => {})
    } catch (error) {
      found.add((error as Error).message.replace(/:.*/, ''))
    }
    if (wanted.length > 0 && wanted.every((name) => found.has(name))) break
  }
  return found
}

describe('mutants of the engine', () => {
  it('the engine itself is no mutant', () => {
    expect([...findings((verify) => engine(RULES, verify), [], 200)]).toEqual([])
  })

  for (const { name, caughtBy, make } of MUTANTS)
    it(`caught: ${name}`, () => {
      const found = findings(make, caughtBy)
      for (const one of caughtBy) expect([...found]).toContain(one)
    })

  it('every invariant catches one', () => {
    const catching = new Set(MUTANTS.flatMap((mutant) => mutant.caughtBy))
    expect(Object.keys(INVARIANTS).filter((name) => !catching.has(name))).toEqual([])
  })
})
