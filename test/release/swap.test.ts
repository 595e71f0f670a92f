import { describe, expect, it } from 'vitest'
import type { Effect, ReleaseState, SwapState } from '../../src/release/types.ts'
import { Drive } from './drive.ts'
import { plans, V0 } from './plans.ts'

const over = (s: ReleaseState) => s.phase === 'over'
const at = (swap: SwapState) => (s: ReleaseState) => s.swap === swap
const of = <K extends Effect['kind']>(d: Drive, kind: K) =>
  d.world.effects.filter((e): e is Extract<Effect, { kind: K }> => e.kind === kind)
const swaps = (d: Drive, until: (s: ReleaseState) => boolean = over): string[] => {
  const seen: string[] = []
  d.until((s) => {
    const name = s.swap ?? s.phase
    if (seen.at(-1) !== name) seen.push(name)
    return until(s)
  })
  return seen
}

describe('swap', () => {
  it('asks the old before, holds, stops the old, starts and asks the new, opens', () => {
    const d = new Drive(plans.swap)
    expect(swaps(d)).toEqual(['start', 'sets', 'holding', 'old-stopped', 'new-starting', 'asked', 'open'])
    expect(
      of(d, 'ask')
        .map((e) => e.versions[0])
        .filter((v, i, all) => v !== all[i - 1]),
    ).toEqual(['baseline', 'candidate'])
    expect(of(d, 'serve').every((e) => !(e.candidate && e.baseline))).toBe(true)
    expect(d.state.outcome).toBe('promoted')
    expect(d.world.baseline.running).toBe(false)
  })

  it('waits before the old one has answered the sets', () => {
    const d = new Drive(plans.swap)
    d.world.asked = new Proxy(d.world.asked, { get: () => false })
    for (let i = 0; i < 50; i++) d.look()
    expect(d.state).toMatchObject({ phase: 'sets', swap: null })
    expect(d.world.baseline.ready).toBe(true)
  })

  for (const state of ['holding', 'old-stopped', 'new-starting'] as const)
    it(`another host in ${state}: the old one serves again, then it is tried anew`, () => {
      const d = new Drive(plans.swap)
      if (state === 'new-starting') d.world.setBlock = null
      d.until(at(state)).hostStarted()
      expect(d.state).toMatchObject({ swap: 'back-holding', again: true, outcome: null })
      d.until((s) => s.swap === 'holding')
      expect(d.world.applied).toMatchObject({ target: 'baseline', hold: false })
      expect(d.world.baseline.ready).toBe(true)
      d.world.setBlock = { kind: 'pairs', x10: 4, x01: 6, x11: 20, n: 400 }
      expect(d.until(over).state.outcome).toBe('promoted')
    })

  it('another host in asked: it opens if the new one is ready, else the old one serves again', () => {
    const ready = new Drive(plans.swap).until(at('asked')).hostStarted().look()
    expect(ready.state.swap).toBe('open')
    const gone = new Drive(plans.swap).until(at('asked')).hostStarted()
    gone.world.crash('candidate')
    gone.look()
    expect(gone.state).toMatchObject({ again: true })
    gone.until((s) => s.swap === 'holding')
    expect(gone.until(over).state.outcome).toBe('promoted')
  })

  it('another host in the watch: it goes on', () => {
    const d = new Drive(plans.swap).until((s) => s.phase === 'watch').hostStarted()
    expect(d.state.swap).toBe('open')
    expect(d.until(over).state.outcome).toBe('promoted')
  })

  it('the new one exits before it has answered: the old serves again; the second time it is over (11)', () => {
    const d = new Drive(plans.swap)
    d.world.setBlock = null
    d.until((s) => s.swap === 'new-starting' && s.ready.candidate)
    d.world.crash('candidate')
    d.look()
    expect(d.state).toMatchObject({ again: true, exits: 1 })
    d.until((s) => s.swap === 'new-starting' && s.ready.candidate)
    d.world.crash('candidate')
    d.until(over)
    expect(d.state.cause).toMatchObject({ kind: 'version', code: 'CRASHED' })
    expect(d.state.exits).toBe(2)
    expect(d.world.baseline.ready).toBe(true)
  })

  it('not ready in time: back, 11', () => {
    const d = new Drive(plans.swap).until(at('old-stopped'))
    d.world.candidate.failed = { code: 'NEVER_READY', why: 'not ready for 10m' }
    d.until(over)
    expect(d.state).toMatchObject({ outcome: 'rolled-back', cause: { kind: 'version', code: 'NEVER_READY' } })
    expect(d.world.applied).toMatchObject({ target: 'baseline', hold: false, weightPpm: 0 })
  })

  it('a failed set: the same way back, 3 and quarantine; an undecided one is not held, users wait', () => {
    const failed = new Drive(plans.swap)
    failed.world.setBlock = { kind: 'pairs', x10: 60, x01: 6, x11: 20, n: 400 }
    expect(swaps(failed)).toEqual([
      'start',
      'sets',
      'holding',
      'old-stopped',
      'new-starting',
      'back-holding',
      'back-stopped',
      'back-starting',
    ])
    expect(failed.state.cause).toEqual({ kind: 'gate', gate: 'golden', where: 'sets' })
    expect(of(failed, 'quarantine')).toHaveLength(1)
    const open = new Drive(plans.swap)
    open.world.setBlock = { kind: 'pairs', x10: 9, x01: 4, x11: 5, n: 100 }
    open.until(over)
    expect(open.state).toMatchObject({ outcome: 'inconclusive', cause: { kind: 'undecided', gates: ['golden'] } })
    expect(of(open, 'quarantine')).toHaveLength(0)
    for (const d of [failed, open]) expect(d.world.baseline.ready).toBe(true)
  })

  it('sets that stay unanswered while users wait: back after the wait of the plan, ready or not', () => {
    for (const hangs of [false, true]) {
      const d = new Drive(plans.swap)
      d.world.setBlock = null
      d.until((s) => s.swap === 'new-starting' && s.ready.candidate)
      const since = d.world.at
      if (hangs) {
        d.world.candidate.ready = false
        d.world.candidate.countdown = Number.POSITIVE_INFINITY
      }
      d.until((s) => s.outcome !== null)
      expect(d.world.at - since).toBe(60_000)
      d.until(over)
      expect(d.state).toMatchObject({ outcome: 'inconclusive', cause: { kind: 'undecided', gates: ['golden'] } })
      expect(d.world.baseline.ready).toBe(true)
      expect(d.world.applied).toMatchObject({ target: 'baseline', hold: false })
    }
  })

  it('every try has the whole wait', () => {
    const d = new Drive(plans.swap)
    d.world.setBlock = null
    d.until((s) => s.swap === 'new-starting' && s.ready.candidate)
      .look(50_000)
      .hostStarted()
    d.until((s) => s.swap === 'holding').until((s) => s.swap === 'new-starting' && s.ready.candidate)
    expect(d.look(50_000).state.outcome).toBeNull()
  })

  it('a failure in the watch: requests wait, the new stops, the old starts', () => {
    const d = new Drive(plans.swap).until((s) => s.phase === 'watch' && s.observed)
    d.world.rates = { errors: [1, 60] }
    expect(swaps(d).slice(1)).toEqual(['back-holding', 'back-stopped', 'back-starting'])
    expect(d.state.cause).toEqual({ kind: 'gate', gate: 'errors', where: 'watch' })
    expect(d.world.applied).toMatchObject({ target: 'baseline', hold: false })
    expect(of(d, 'serve').every((e) => !(e.candidate && e.baseline))).toBe(true)
  })

  it('another version asked for on the way back, after the old one serves already: requests wait once more', () => {
    const d = new Drive(plans.swap).until(at('new-starting')).person('abort')
    d.until((s) => s.swap === 'back-starting' && !s.split.hold)
    d.person('rollback', { to: V0 })
    expect(d.state.swap).toBe('back-holding')
    d.until(over)
    expect([d.world.candidate.running, d.world.baseline.running, d.world.other.running]).toEqual([false, false, true])
    expect(d.world.applied).toMatchObject({ target: 'other', hold: false })
  })

  it('that one does not start: the old one serves', () => {
    const d = new Drive(plans.swap).until(at('new-starting'))
    d.world.other.failed = { code: 'NEVER_READY', why: 'never listened' }
    d.person('rollback', { to: V0 }).until(over)
    expect(d.world.applied).toMatchObject({ target: 'baseline', hold: false })
    expect(d.world.baseline.ready).toBe(true)
  })
})
