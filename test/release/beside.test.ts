import { describe, expect, it } from 'vitest'
import type { Phase, ReleaseState } from '../../src/release/types.ts'
import { columns } from './columns.ts'
import { Drive, inStep } from './drive.ts'
import { canary, plans, V0, V1, V2 } from './plans.ts'

describe('what the table says beside its words', () => {
  it('paused: weights stay, time stands still, evidence goes on, a failure takes back', () => {
    const d = columns.paused()
    const { clockMs, split } = d.state
    const n = (state: ReleaseState) =>
      Object.values(state.judge.gates.errors!.strata).reduce((sum, c) => sum + ('nc' in c ? c.nc : c.n), 0)
    const seen = n(d.state)
    for (let i = 0; i < 40; i++) d.look()
    expect(d.state).toMatchObject({ status: 'paused', clockMs, split })
    expect(n(d.state)).toBeGreaterThan(seen)
    d.world.rates = { errors: [1, 60] }
    d.until((s) => s.phase === 'over')
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'errors', where: 'canary' })
  })

  it('paused in the watch: no promotion, alarms stay armed', () => {
    const d = columns.watch().person('pause')
    for (let i = 0; i < 100; i++) d.look()
    expect(d.state).toMatchObject({ phase: 'watch', status: 'paused' })
    d.world.rates = { errors: [1, 60] }
    d.until((s) => s.phase === 'over')
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'errors', where: 'watch' })
  })

  it('resume goes on where it stood', () => {
    const d = columns.paused()
    const { clockMs } = d.state
    d.look().look(10_000).person('resume').look()
    expect(d.state.clockMs).toBe(clockMs)
    expect(d.until((s) => s.phase === 'over').state.outcome).toBe('promoted')
  })

  it('advance ends the minimum time, not the pairs of a shadow', () => {
    const d = new Drive({
      ...plans.standard,
      steps: plans.standard.steps.map((s) => ('forMs' in s ? { ...s, forMs: 1e6 } : s)),
    })
    d.until(inStep(0)).person('advance').look()
    expect(d.state.judge.step).toBe(0)
    d.until((s) => s.judge.step === 1)
    expect(d.state.clockMs).toBeGreaterThanOrEqual(1500)
    expect(d.state.clockMs).toBeLessThan(3000)
    d.until(inStep(1))
    for (let i = 0; i < 20; i++) d.look()
    expect(d.state.judge.step).toBe(1)
    d.person('advance').until((s) => s.judge.step === 2)
    expect(d.state.advanced).toBe(false)
  })

  it('advance before a step with a minimum time ends nothing', () => {
    const d = new Drive(plans.sets).look().person('advance')
    expect(d.refused).toBeNull()
    expect(d.state).toMatchObject({ phase: 'start', advanced: false })
  })

  it('pause holds back the start and the sets too', () => {
    const d = new Drive(plans.sets).look().person('pause')
    for (let i = 0; i < 20; i++) d.look()
    expect(d.state).toMatchObject({ phase: 'start', status: 'paused', ready: { candidate: true } })
    d.person('resume')
      .until((s) => s.phase === 'sets')
      .person('pause')
    for (let i = 0; i < 20; i++) d.look()
    expect(d.state).toMatchObject({ phase: 'sets', status: 'paused' })
    expect(d.state.judge.sets.golden).toBe('pass')
    expect(d.person('resume').until((s) => s.phase === 'over').state.outcome).toBe('promoted')
  })

  it('accept is refused while a gate is in error', () => {
    const d = columns.held()
    const look = d.world.look()
    d.send({ ...look, evidence: [{ gate: 'errors', step: d.state.judge.step, block: { error: 'source down' } }] })
    expect(d.person('accept').refused).toMatch(/errors: source down/)
    expect(d.look().person('accept').refused).toBeNull()
  })

  it('accepted: goes on from the present step with its minimum times, failures still take back', () => {
    const d = columns.held()
    const { step } = d.state.judge
    d.person('accept')
    expect(d.state).toMatchObject({ status: 'running', heldAt: null, judge: { step, accepted: ['quality'] } })
    d.look().look()
    d.world.rates = { errors: [1, 60] }
    d.until((s) => s.phase === 'over')
    expect(d.state.outcome).toBe('rolled-back')
    expect(d.state.cause).toMatchObject({ kind: 'gate', gate: 'errors' })
  })

  it('rollback goes to the version named, by way of the baseline', () => {
    const d = columns.running().person('rollback', { to: V0 })
    expect(d.state.split).toMatchObject({ weightPpm: 0, target: 'baseline' })
    d.until((s) => s.phase === 'over')
    expect(d.state.outcome).toBe('rolled-back')
    expect(d.world.applied).toMatchObject({ target: 'other', weightPpm: 0 })
    expect([d.world.candidate.running, d.world.baseline.running, d.world.other.running]).toEqual([false, false, true])
  })

  it('rollback to a version that does not start ends on the baseline', () => {
    const d = columns.watch()
    d.world.other.failed = { code: 'NEVER_READY', why: 'it never listened' }
    d.person('rollback', { to: V0 }).until((s) => s.phase === 'over')
    expect(d.world.applied).toMatchObject({ target: 'baseline', weightPpm: 0 })
    expect(d.world.baseline.ready).toBe(true)
    expect(d.notes.join('\n')).toMatch(/does not start \(it never listened\); users stay on v1/)
  })

  it('rollback to the baseline by its digest is the plain one; to the candidate it is refused', () => {
    expect(columns.running().person('rollback', { to: V1 }).state.target).toBe('baseline')
    expect(columns.running().person('rollback', { to: V2 }).refused).toMatch(/v2 is the version that is being left/)
  })

  it('a swap too goes to the version named, one version at a time', () => {
    const d = columns['swap before open']()
      .person('rollback', { to: V0 })
      .until((s) => s.phase === 'over')
    expect(d.world.applied).toMatchObject({ target: 'other', weightPpm: 0, hold: false })
    expect([d.world.candidate.running, d.world.baseline.running, d.world.other.running]).toEqual([false, false, true])
  })

  it('on the way back only another goal makes a difference', () => {
    const d = columns.watch()
    d.world.baseline.ready = false
    d.world.baseline.failed = { code: 'CRASHED', why: 'broken disk' }
    d.look().person('abort')
    expect(d.state).toMatchObject({ phase: 'end', outcome: 'aborted' })
    expect(d.state.split.target).toBe('candidate')
    expect(d.person('abort').refused).toBeNull()
    expect(d.person('rollback').refused).toBeNull()
    expect(d.person('pause').refused).toMatch(/being taken to v1/)
    expect(d.person('accept').refused).toMatch(/being taken to v1/)
    expect(d.person('rollback', { to: V0 }).refused).toBeNull()
    d.until((s) => s.phase === 'over')
    expect(d.state.outcome).toBe('aborted')
    expect(d.world.applied).toMatchObject({ target: 'other', weightPpm: 0 })
  })

  it('--replace is an abort that says so', () => {
    const d = columns.running().person('abort', { replace: true, reason: 'newer' })
    expect(d.state.cause).toEqual({ kind: 'person', by: 'ann', reason: 'newer', verb: 'replace' })
    expect(d.state.outcome).toBe('aborted')
  })

  it('a shadow is aborted without anybody having been moved', () => {
    const d = new Drive(plans.standard)
      .until(inStep(0))
      .person('abort')
      .until((s) => s.phase === 'over')
    expect(d.notes.find((n) => n.startsWith('taken-back'))).toMatch(/no user was on it, v1 serves on/)
  })

  it('each phase can be aborted and ends where users were before', () => {
    const phases: Partial<Record<Phase, Drive>> = {
      start: new Drive(plans.sets).look(),
      sets: new Drive(plans.sets).until((s) => s.phase === 'sets'),
      steps: new Drive({ ...plans.canaries, steps: [canary(10_000), plans.standard.steps.at(-1)!] }).until(inStep(0)),
    }
    for (const [phase, d] of Object.entries(phases)) {
      expect(d.state.phase).toBe(phase)
      d.person('abort').until((s) => s.phase === 'over')
      expect(d.state.outcome, phase).toBe('aborted')
      expect(d.world.candidate.running, phase).toBe(false)
    }
  })
})
