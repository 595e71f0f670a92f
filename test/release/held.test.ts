import { describe, expect, it } from 'vitest'
import { Drive, effectsOf, heldDrive, over } from './drive.ts'
import { plans } from './plans.ts'

describe('held', () => {
  it('ends after its time as inconclusive, users back, not quarantined', () => {
    const d = heldDrive()
    expect(d.notes.at(-1)).toMatch(/held, quality undecided; users stay as they are for at most 20s/)
    const since = d.state.heldAt!
    d.until((s) => s.outcome !== null)
    expect(d.world.at - since).toBe(20_000)
    d.until(over)
    expect(d.state).toMatchObject({ outcome: 'inconclusive', cause: { kind: 'hold-ended' } })
    expect(effectsOf(d, 'quarantine')).toEqual([])
  })

  it('hold 0s: users back at once', () => {
    const d = new Drive(plans.noHold)
    d.world.rates = { errors: [1, 1], latency: [10, 10], quality: [5, 9] }
    d.until((s) => s.outcome !== null)
    expect(d.state).toMatchObject({ outcome: 'inconclusive', heldAt: null })
    expect(d.notes.some((n) => n.startsWith('held'))).toBe(true)
  })

  it('goes on by itself when every gate has passed', () => {
    const d = heldDrive({ ...plans.standard, horizonMs: 8000, holdMs: 1e9 })
    d.world.rates = { errors: [1, 1], latency: [10, 10], quality: [5, 0] }
    d.until((s) => s.status === 'running')
    expect(d.state.judge.accepted).toEqual([])
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('an inconclusive set holds before any user sees the candidate', () => {
    const d = new Drive(plans.sets)
    d.world.setBlock = { kind: 'pairs', x10: 9, x01: 4, x11: 5, n: 100 }
    d.until((s) => s.status === 'held')
    expect(d.state).toMatchObject({ phase: 'sets', clockMs: 0, split: { weightPpm: 0, mirror: false } })
    expect(d.notes.at(-1)).toMatch(/held, golden undecided; no user sees it/)
    expect(d.person('accept').refused).toBeNull()
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('evidence that must not decide may be accepted: all of traffic follows', () => {
    const d = new Drive({ ...plans.standard, horizonMs: 8000, holdMs: 1e9 })
    d.world.unsure = 'quality'
    d.until((s) => s.status === 'held')
    expect(d.state.judge.gates.quality).toMatchObject({ unsure: true, passed: false })
    expect(d.person('accept').refused).toBeNull()
    expect(d.until(over).state).toMatchObject({ outcome: 'promoted', judge: { accepted: ['quality'] } })
    // What it stands on names the gate, and who took it for passed.
    expect(d.state.cause).toMatchObject({ kind: 'passed', accepted: [{ gates: ['quality'], by: 'ann' }] })
    expect(d.notes.find((n) => n.includes('is promoted'))).toMatch(
      /every other deciding gate passed; quality stayed inconclusive and was taken for passed by ann/,
    )
  })

  it('a failure takes back while held', () => {
    const d = heldDrive({ ...plans.standard, horizonMs: 8000, holdMs: 1e9 })
    d.world.rates = { errors: [1, 60] }
    expect(d.until(over).state.cause).toMatchObject({ kind: 'gate', gate: 'errors' })
  })
})
