import { describe, expect, it } from 'vitest'
import type { ServeEffect, SplitEffect } from '../../src/release/types.ts'
import { Drive, inStep, over, slowSets } from './drive.ts'
import { plans } from './plans.ts'

describe('time and evidence', () => {
  it('release time starts when the first split is observed', () => {
    const d = new Drive(plans.standard)
    d.until((s) => s.phase === 'steps')
    d.world.reachable = false
    for (let i = 0; i < 20; i++) d.look()
    expect(d.state).toMatchObject({ clockMs: 0, observed: false, everObserved: false })
    d.world.reachable = true
    d.look()
    expect(d.state).toMatchObject({ clockMs: 0, observed: true })
    expect(d.look().state.clockMs).toBe(250)
  })

  it('stands still without a ready baseline, and nothing counts', () => {
    const d = new Drive(plans.standard).until(inStep(1))
    d.world.crash('baseline')
    d.world.baseline.countdown = 20
    const { clockMs, judge } = d.look().state
    for (let i = 0; i < 10; i++) d.look()
    expect(d.state.clockMs).toBe(clockMs)
    expect(d.state.judge.gates.errors).toEqual(judge.gates.errors)
    expect(d.state.judge.gates.latency).toEqual(judge.gates.latency)
    expect(d.notes.at(-1)).toMatch(/v1 is not ready: nothing counts and release time stands still/)
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('a gap between hosts adds nothing', () => {
    const d = new Drive(plans.standard).until(inStep(1)).look()
    const { clockMs } = d.state
    d.world.at += 3_000_000
    d.hostStarted().look()
    expect(d.state.clockMs).toBe(clockMs)
    expect(d.look().state.clockMs).toBe(clockMs + 250)
  })

  it('neither does a gap without looks, nor a clock that is set back', () => {
    const d = new Drive(plans.standard).until(inStep(1)).look()
    const { clockMs } = d.state
    d.look(61_000)
    expect(d.state.clockMs).toBe(clockMs)
    d.look(-5000)
    expect(d.state.clockMs).toBe(clockMs)
    expect(d.look().state.clockMs).toBe(clockMs + 250)
  })

  it('what comes before the split was observed counts for nothing; a give-back neither', () => {
    const d = new Drive(plans.standard).until((s) => s.judge.step === 1)
    const early = { gate: 'errors', step: 1, block: { kind: 'arms', xc: 99, nc: 100, xb: 0, nb: 100 } } as const
    const look = d.world.look()
    d.send({ ...look, applied: { ...look.applied!, step: 0, weightPpm: 0, mirror: true }, evidence: [early] })
    expect(d.state).toMatchObject({ outcome: null, judge: { blocks: { errors: 0 } } })
    d.until(inStep(1))
    const given = d.world.look()
    d.send({ ...given, applied: { ...given.applied!, weightPpm: 0 }, evidence: [early] })
    expect(d.state.outcome).toBeNull()
    expect(d.last).toContainEqual(d.state.split)
    d.send({ ...d.world.look(), evidence: [early] })
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'errors', where: 'canary' })
  })

  it('a data plane that cannot be asked just then does not void what it counted', () => {
    const d = new Drive(plans.standard).until(inStep(1))
    const { clockMs } = d.state
    const block = { kind: 'arms', xc: 90, nc: 100, xb: 0, nb: 100 } as const
    d.send({ ...d.world.look(), applied: null, evidence: [{ gate: 'errors', step: 1, block }] })
    expect(d.state).toMatchObject({ clockMs, cause: { kind: 'gate', gate: 'errors', where: 'canary' } })
  })

  it('a step that was never ordered has no evidence', () => {
    const d = new Drive(plans.standard).until(inStep(0))
    const { judge } = d.state
    const block = { kind: 'arms', xc: 99, nc: 100, xb: 0, nb: 100 } as const
    d.send({ ...d.world.look(), evidence: [{ gate: 'errors', step: 2, block }] })
    expect(d.state.judge.gates).toEqual(judge.gates)
  })

  it('a gate without readings is in error: no pass, no fail, told once', () => {
    const d = new Drive(plans.standard).until(inStep(1))
    for (let i = 0; i < 400; i++) {
      const look = d.world.look()
      const fault = { gate: 'latency', step: d.state.judge.step, block: { error: 'source down' } }
      d.send({ ...look, evidence: [...look.evidence.filter((e) => e.gate !== 'latency'), fault] })
    }
    expect(d.state.outcome).toBeNull()
    expect(d.state.status).toBe('held')
    expect(d.notes.filter((n) => n.includes('source down'))).toHaveLength(1)
  })
})

describe('a look after a crash', () => {
  it('repeats what the world does not follow yet, and nothing else', () => {
    const d = new Drive(plans.standard)
    d.send(d.world.look(), false)
    expect(d.last.map((e) => e.kind)).toEqual(['serve', 'split'])
    d.send(d.world.look(), false)
    expect(d.last.map((e) => e.kind)).toEqual(['serve', 'split'])
    d.until((s) => s.judge.step === 1)
    const split = d.state.split
    d.world.ordered = d.world.applied && { kind: 'split', ...d.world.applied }
    d.send(d.world.look(), false)
    expect(d.last).toContainEqual(split)
    d.until(inStep(1)).look()
    expect(d.look().last.filter((e) => e.kind !== 'note')).toEqual([])
  })

  it('asks the sets again until they are judged', () => {
    const d = slowSets().until((s) => s.phase === 'sets')
    for (let i = 0; i < 3; i++)
      expect(d.look().last).toContainEqual({ kind: 'ask', sets: ['digits'], versions: ['baseline', 'candidate'] })
  })
})

describe('effects', () => {
  it('room before traffic, traffic before less room', () => {
    const d = new Drive(plans.standard).until(inStep(1)).person('abort').until(over)
    const moves = d.world.effects.filter(
      (e): e is ServeEffect | SplitEffect => e.kind === 'serve' || e.kind === 'split',
    )
    const firstWeight = moves.findIndex((e) => e.kind === 'split' && e.weightPpm > 0)
    const firstServe = moves.findIndex((e) => e.kind === 'serve' && e.candidate)
    const lastWeight = moves.findLastIndex((e) => e.kind === 'split' && e.weightPpm > 0)
    const stop = moves.findIndex((e) => e.kind === 'serve' && !e.candidate)
    expect(firstServe).toBeLessThan(firstWeight)
    expect(stop).toBeGreaterThan(lastWeight + 1)
  })
})
