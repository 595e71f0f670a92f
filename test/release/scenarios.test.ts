import { describe, expect, it } from 'vitest'
import type { Effect, ReleaseState, ServeEffect, SplitEffect } from '../../src/release/types.ts'
import { Drive } from './drive.ts'
import { golden, plans } from './plans.ts'

const over = (s: ReleaseState) => s.phase === 'over'
const inStep = (step: number) => (s: ReleaseState) => s.phase === 'steps' && s.judge.step === step && s.everObserved
const watching = (s: ReleaseState) => s.phase === 'watch' && s.observed
const of = <K extends Effect['kind']>(d: Drive, kind: K) =>
  d.world.effects.filter((e): e is Extract<Effect, { kind: K }> => e.kind === kind)
const weights = (d: Drive) =>
  of(d, 'split')
    .map((e) => e.weightPpm)
    .filter((w, i, all) => w !== all[i - 1])

describe('a candidate as good as the baseline', () => {
  for (const [name, plan] of Object.entries(plans))
    it(`ends promoted by itself: ${name}`, () => {
      const d = new Drive(plan).until(over)
      expect(d.state).toMatchObject({ outcome: 'promoted', cause: { kind: 'passed' }, status: 'concluded' })
      expect(d.world.applied).toMatchObject({ target: 'candidate', weightPpm: 1_000_000, hold: false })
      expect(of(d, 'conclude')).toHaveLength(1)
      expect(of(d, 'quarantine')).toHaveLength(0)
    })

  it('goes through the weights of the plan and no others', () => {
    expect(weights(new Drive(plans.standard).until(over))).toEqual([0, 250_000, 500_000, 1_000_000])
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

  it('a newer release ends keep-warm early, and once', () => {
    const d = new Drive(plans.standard).until((s) => s.status === 'concluded')
    d.send({ kind: 'make-room', at: d.world.at, by: 'digits-8' })
    expect(d.state).toMatchObject({ phase: 'drain', serve: { baseline: false } })
    d.send({ kind: 'make-room', at: d.world.at, by: 'digits-8' })
    expect(d.last).toEqual([])
    expect(d.until(over).world.baseline.running).toBe(false)
    d.send({ kind: 'make-room', at: d.world.at, by: 'digits-8' })
    expect(d.last).toEqual([])
  })

  it('tells people in sentences with names and numbers', () => {
    const d = new Drive(plans.sets).until(over)
    expect(d.notes).toContain('step: canary 25 % (step 2 of 4), at least 3s')
    expect(d.notes).toContain('weight: canary 25 %: the split is observed, evidence counts from now')
    expect(d.notes.at(-1)).toBe('promoted: v2 is promoted: every gate passed; v1 stays warm for 2s')
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
      expect(of(d, 'quarantine')).toEqual([{ kind: 'quarantine', gate }])
      expect(weights(d)).toEqual([0])
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
    expect(weights(d)).toEqual([0])
    expect(of(d, 'quarantine')).toEqual([{ kind: 'quarantine', gate: 'golden' }])
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
    expect(of(d, 'quarantine')).toEqual([])
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
      expect(of(d, 'quarantine')).toEqual([])
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

function slowSets(plan: (typeof plans)['sets' | 'first'] = plans.sets): Drive {
  const d = new Drive(plan)
  d.world.setBlock = null
  return d
}
function heldDrive(plan: (typeof plans)['standard'] = { ...plans.standard, horizonMs: 8000 }): Drive {
  const d = new Drive(plan)
  d.world.rates = { errors: [1, 1], latency: [10, 10], quality: [5, 9] }
  return d.until((s) => s.status === 'held')
}

describe('held', () => {
  it('ends after its time as inconclusive, users back, not quarantined', () => {
    const d = heldDrive()
    expect(d.notes.at(-1)).toMatch(/held, quality undecided; users stay as they are for at most 20s/)
    const since = d.state.heldAt!
    d.until((s) => s.outcome !== null)
    expect(d.world.at - since).toBe(20_000)
    d.until(over)
    expect(d.state).toMatchObject({ outcome: 'inconclusive', cause: { kind: 'hold-ended' } })
    expect(of(d, 'quarantine')).toEqual([])
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

  it('a failure takes back while held', () => {
    const d = heldDrive({ ...plans.standard, horizonMs: 8000, holdMs: 1e9 })
    d.world.rates = { errors: [1, 60] }
    expect(d.until(over).state.cause).toMatchObject({ kind: 'gate', gate: 'errors' })
  })
})

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

describe('without anything to compare', () => {
  it('first release: sets of the candidate alone, then all users, no shadow, canary or watch', () => {
    const d = new Drive(plans.first).until(over)
    expect(of(d, 'ask')[0]?.versions).toEqual(['candidate'])
    expect(weights(d)).toEqual([0, 1_000_000])
    expect(of(d, 'split').some((e) => e.mirror || e.watch)).toBe(false)
    expect(of(d, 'serve').every((e) => !e.baseline)).toBe(true)
  })

  it('a line that the candidate does not answer breaks it (11)', () => {
    const d = new Drive(plans.first)
    d.world.setBlock = null
    d.world.unanswered = 'line 7 of digits got no answer'
    d.until(over)
    expect(d.state.cause).toEqual({ kind: 'version', code: 'SET_UNANSWERED', why: 'line 7 of digits got no answer' })
    expect(weights(d)).toEqual([0])
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
      expect(of(d, 'serve').some((e) => e.baseline)).toBe(false)
    }
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
