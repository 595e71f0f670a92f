import { describe, expect, it } from 'vitest'
import { Drive, effectsOf, over, watching, weightsOf } from './drive.ts'
import { golden, plans } from './plans.ts'

describe('without anything to compare', () => {
  it('first release: sets of the candidate alone, then all users, no shadow, canary or watch', () => {
    const d = new Drive(plans.first).until(over)
    expect(effectsOf(d, 'ask')[0]?.versions).toEqual(['candidate'])
    expect(weightsOf(d)).toEqual([0, 1_000_000])
    expect(effectsOf(d, 'split').some((e) => e.mirror || e.watch)).toBe(false)
    expect(effectsOf(d, 'serve').every((e) => !e.baseline)).toBe(true)
  })

  it('a line that the candidate does not answer breaks it (11)', () => {
    const d = new Drive(plans.first)
    d.world.setBlock = null
    d.world.unanswered = 'line 7 of digits got no answer'
    d.until(over)
    expect(d.state.cause).toEqual({ kind: 'version', code: 'SET_UNANSWERED', why: 'line 7 of digits got no answer' })
    expect(weightsOf(d)).toEqual([0])
  })

  it('below min it fails', () => {
    const d = new Drive({ ...plans.first, gates: [{ ...golden, min: 0.97 }] as typeof plans.first.gates })
    d.world.setBlock = { kind: 'arms', xc: 80, nc: 400, xb: 0, nb: 0 }
    d.until(over)
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'golden', where: 'sets' })
    expect(d.world.candidate.running).toBe(false)
  })

  it('--no-baseline: the former version serves until then, and stays for keepWarm', () => {
    const d = new Drive(plans.noBaseline).until((s) => s.status === 'concluded')
    expect(d.state).toMatchObject({ phase: 'keep-warm', serve: { baseline: true } })
    expect(d.until(over).world.baseline.running).toBe(false)
    const aborted = new Drive(plans.noBaseline).look().person('abort').until(over)
    expect(aborted.world.applied).toMatchObject({ target: 'baseline', weightPpm: 0 })
    expect(aborted.world.baseline.ready).toBe(true)
  })

  it('an outside baseline is never started or stopped', () => {
    for (const bad of [false, true]) {
      const d = new Drive(plans.outside).until(watching)
      if (bad) d.world.rates = { errors: [1, 60] }
      d.until(over)
      expect(d.state.outcome).toBe(bad ? 'rolled-back' : 'promoted')
      expect(effectsOf(d, 'serve').some((e) => e.baseline)).toBe(false)
    }
  })
})
