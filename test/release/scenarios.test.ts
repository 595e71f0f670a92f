import { describe, expect, it } from 'vitest'
import { Drive } from './drive.ts'
import { plans } from './plans.ts'

const over = (state: { phase: string }) => state.phase === 'over'

describe('a release from start to end', () => {
  it('promotes an equal candidate through shadow, canary and watch', () => {
    const d = new Drive(plans.standard).until(over)
    expect(d.state.outcome).toBe('promoted')
    expect(d.state.cause).toEqual({ kind: 'passed' })
  })
  for (const [name, plan] of Object.entries(plans)) {
    it(`ends by itself, promoted: ${name}`, () => {
      const d = new Drive(plan).until(over)
      expect(d.state.outcome).toBe('promoted')
      expect(d.state.endedAt).not.toBeNull()
    })
  }
})
