import { describe, expect, it } from 'vitest'
import { Drive, effectsOf, heldDrive, inStep, over, slowSets, watching, weightsOf } from './drive.ts'
import { plans, V0, V1 } from './plans.ts'

describe('a candidate as good as the baseline', () => {
  for (const [name, plan] of Object.entries(plans))
    it(`ends promoted by itself: ${name}`, () => {
      const d = new Drive(plan).until(over)
      expect(d.state).toMatchObject({ outcome: 'promoted', cause: { kind: 'passed' }, status: 'concluded' })
      expect(d.world.applied).toMatchObject({ target: 'candidate', weightPpm: 1_000_000, hold: false })
      expect(effectsOf(d, 'conclude')).toHaveLength(1)
      expect(effectsOf(d, 'quarantine')).toHaveLength(0)
    })

  it('goes through the weights of the plan and no others', () => {
    expect(weightsOf(new Drive(plans.standard).until(over))).toEqual([0, 250_000, 500_000, 1_000_000])
  })

  it('all gates waived: steps go by their minimum times', () => {
    const d = new Drive(plans.waived)
    d.world.rates = { errors: [1, 50], latency: [10, 90], quality: [5, 80] }
    d.until((s) => s.phase === 'watch')
    expect(d.state.clockMs).toBe(2000 + 3000 + 3000)
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('keeps the former version warm after the conclusion, then stops it', () => {
    const d = new Drive(plans.standard).until((s) => s.status === 'concluded')
    expect(d.state).toMatchObject({ phase: 'keep-warm', serve: { candidate: true, baseline: true } })
    expect(d.world.baseline.ready).toBe(true)
    d.until((s) => s.phase === 'drain')
    expect(d.world.at - d.state.endedAt!).toBe(2000)
    expect(d.until(over).world.baseline.running).toBe(false)
  })

  it('a newer release ends what is left of it, and once', () => {
    const warm = new Drive(plans.standard).until((s) => s.status === 'concluded')
    const draining = new Drive(plans.standard).until((s) => s.phase === 'drain')
    for (const d of [warm, draining]) {
      d.send({ kind: 'make-room', at: d.world.at, by: 'digits-8' })
      expect(d.state).toMatchObject({ phase: 'over', serve: { candidate: true, baseline: false } })
      d.send({ kind: 'make-room', at: d.world.at, by: 'digits-8' })
      expect(d.last).toEqual([])
    }
    expect(effectsOf(warm, 'serve').at(-1)).toMatchObject({ candidate: true, baseline: false })
    expect(warm.notes.at(-1)).toContain('makes room for digits-8')
  })

  for (const phase of ['start', 'steps'] as const)
    it(`is aborted in ${phase} without a data plane where no user ever saw the candidate`, () => {
      const d = new Drive(plans.standard)
      d.until((s) => s.phase === phase)
      d.world.reachable = false
      d.look().person('abort').look()
      expect(d.state).toMatchObject({ status: 'concluded', outcome: 'aborted', usersOffAt: d.world.at })
      expect(d.until(over).world.candidate.running).toBe(false)
    })

  it('is not concluded without a data plane once users may be on the candidate, or on a third version', () => {
    const split = new Drive(plans.standard).until(inStep(1))
    const third = new Drive(plans.standard).until(inStep(0)).person('rollback', { to: V0 })
    third.until((s) => s.split.target === 'other').person('rollback', { to: V1 })
    for (const d of [split, third]) {
      d.world.reachable = false
      if (d === split) d.person('abort')
      for (let i = 0; i < 50; i++) d.look()
      expect(d.state).toMatchObject({ phase: 'end', status: 'running' })
      expect(d.world.candidate.running).toBe(true)
      d.world.reachable = true
      d.until(over)
    }
  })

  for (const promoted of [true, false])
    it(`does not wait for ever where somebody else runs what it left, ${promoted ? 'promoted' : 'taken back'}`, () => {
      const d = new Drive(plans.standard).until((s) => s.phase === 'watch')
      if (!promoted) d.person('abort')
      d.until((s) => s.phase === 'drain')
      const since = d.world.at
      const left = d.world[promoted ? 'baseline' : 'candidate']
      left.countdown = Number.POSITIVE_INFINITY
      d.until(over)
      expect(left.running).toBe(true)
      expect(d.world.at - since).toBe(plans.standard.run.drainMs)
    })

  it('tells people in sentences with names and numbers', () => {
    const d = new Drive(plans.sets).until(over)
    expect(d.notes).toContain('step: canary 25 % (step 2 of 4), at least 3s')
    expect(d.notes).toContain('weight: canary 25 %: the split is observed, evidence counts from now')
    expect(d.notes.at(-1)).toBe('promoted: v2 is promoted: every deciding gate passed; v1 stays warm for 2s')
  })
})

describe('a worse candidate', () => {
  for (const [gate, where, rates] of [
    ['quality', 'shadow', { errors: [1, 1], latency: [10, 10], quality: [5, 40] }],
    ['latency', 'shadow', { errors: [1, 1], latency: [10, 70], quality: [5, 5] }],
  ] as const)
    it(`${gate}: is taken back in ${where}, quarantined, and no user was on it`, () => {
      const d = new Drive(plans.standard)
      d.world.rates = rates
      d.until(over)
      expect(d.state).toMatchObject({ outcome: 'rolled-back', cause: { kind: 'gate', gate, where } })
      expect(effectsOf(d, 'quarantine')).toEqual([{ kind: 'quarantine', gate }])
      expect(weightsOf(d)).toEqual([0])
      expect(d.notes.join('\n')).toMatch(new RegExp(`verdict: ${gate} failed: evidence [0-9,]+ against 40`))
    })

  it('in a canary: weight first, observed, then its servers go; the verdict moves users in the same step', () => {
    const d = new Drive(plans.standard).until(inStep(2))
    d.world.rates = { errors: [1, 60] }
    d.until((s) => s.outcome !== null)
    const moved = d.last.findIndex((e) => e.kind === 'split' && e.weightPpm === 0)
    expect(moved).toBeGreaterThanOrEqual(0)
    expect(d.state).toMatchObject({ phase: 'end', serve: { candidate: true }, usersOffAt: null })
    d.until((s) => s.status === 'concluded')
    expect(d.state.usersOffAt).toBe(d.world.at)
    expect(d.state.serve).toMatchObject({ candidate: false, baseline: true })
    expect(d.world.candidate.running).toBe(true)
    expect(d.until(over).world.candidate.running).toBe(false)
  })

  it('in the watch: users go to the former version, which is warm', () => {
    const d = new Drive(plans.standard).until(watching)
    d.world.rates = { latency: [10, 60] }
    d.until(over)
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'latency', where: 'watch' })
    expect(d.world.applied).toMatchObject({ target: 'baseline', weightPpm: 0 })
    expect(d.notes.join('\n')).toMatch(/latency failed in the watch: evidence [0-9,]+ against 50/)
  })

  it('late labels of a canary fail it in the watch', () => {
    const d = new Drive(plans.standard).until(watching)
    const look = d.world.look()
    const late = { gate: 'quality', step: 1, block: { kind: 'arms', xc: 90, nc: 100, xb: 5, nb: 100 } } as const
    d.send({ ...look, evidence: [...look.evidence, late] })
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'quality', where: 'watch' })
  })

  it('a failed set ends it before any user, with quarantine', () => {
    const d = new Drive(plans.sets)
    d.world.setBlock = { kind: 'pairs', x10: 60, x01: 6, x11: 20, n: 400 }
    d.until(over)
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'golden', where: 'sets' })
    expect(weightsOf(d)).toEqual([0])
    expect(effectsOf(d, 'quarantine')).toEqual([{ kind: 'quarantine', gate: 'golden' }])
  })

  it('the baseline gone at the takeback: it starts first, users follow', () => {
    const d = new Drive(plans.standard).until(inStep(2))
    d.world.crash('baseline')
    d.world.baseline.countdown = 30
    d.look().person('abort')
    expect(d.notes.at(-1)).toMatch(/users go to v1, which has to start first/)
    for (let i = 0; i < 20; i++) d.look()
    expect(d.state).toMatchObject({
      phase: 'end',
      split: { weightPpm: 500_000 },
      serve: { candidate: true, baseline: true },
    })
    d.until(over)
    expect(d.world.applied).toMatchObject({ weightPpm: 0, target: 'baseline' })
  })
})

describe('a version that does not work', () => {
  it('never ready: taken back with its code, no quarantine', () => {
    const d = new Drive(plans.standard).look()
    d.world.candidate.failed = { code: 'NEVER_READY', why: 'nothing listened on port 5000 for 10m' }
    d.until(over)
    expect(d.state).toMatchObject({ outcome: 'rolled-back', cause: { kind: 'version', code: 'NEVER_READY' } })
    expect(effectsOf(d, 'quarantine')).toEqual([])
  })

  const phases: [string, Drive][] = [
    ['start', new Drive(plans.standard).look().look()],
    ['sets', slowSets().until((s) => s.phase === 'sets')],
    ['shadow', new Drive(plans.standard).until(inStep(0))],
    ['canary', new Drive(plans.standard).until(inStep(1))],
    ['paused', new Drive(plans.standard).until(inStep(1)).person('pause')],
    ['held', heldDrive()],
    ['watch', new Drive(plans.standard).until(watching)],
    ['watch of a swap', new Drive(plans.swap).until(watching)],
    ['first release, sets', slowSets(plans.first).until((s) => s.phase === 'sets')],
    ['first release, moving', new Drive(plans.firstBare).until((s) => s.phase === 'end')],
  ]
  for (const [name, d] of phases)
    it(`the second unasked exit takes back: ${name}`, () => {
      d.world.reachable = !name.endsWith('moving')
      d.world.crash('candidate')
      d.look()
      expect(d.state.outcome).toBeNull()
      expect(d.state.exits).toBe(1)
      d.world.candidate.ready = true
      d.world.crash('candidate')
      d.look()
      d.world.reachable = true
      d.until(over)
      expect(d.state).toMatchObject({ outcome: 'rolled-back', cause: { kind: 'version', code: 'CRASHED' } })
      expect(effectsOf(d, 'quarantine')).toEqual([])
    })

  it('one exit alone does not end a release', () => {
    const d = new Drive(plans.standard).until(inStep(1))
    d.world.crash('candidate')
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('a candidate that is not ready gets no more weight', () => {
    const d = new Drive(plans.waived).until(inStep(1))
    d.world.candidate.ready = false
    d.world.candidate.countdown = 100
    for (let i = 0; i < 60; i++) d.look()
    expect(d.state.judge.step).toBe(1)
    expect(d.until(over).state.outcome).toBe('promoted')
  })
})
