import { describe, expect, it } from 'vitest'
import { memoryClock } from '../../src/io/clock.ts'
import type { Platform } from '../../src/platforms/contract.ts'
import type { EnvironmentRuntime, ReleaseRuntime } from '../../src/record/runtime.ts'
import { begin } from '../../src/release/engine.ts'
import type { RunnerDeps } from '../../src/runner/deps.ts'
import { lookEvent } from '../../src/runner/look.ts'
import type { Driven } from '../../src/runner/orders.ts'
import { SetAsker, type SetProgress, withProgress } from '../../src/runner/sets.ts'
import { golden, plans, V1, V2 } from '../release/plans.ts'

const LINES = [{ id: 'a', line: 1, request: { method: 'POST', path: '/predict', headers: {}, body: [1] }, expect: 7 }]
const served = (digest: string) => ({ digest, outside: false }) as unknown as Driven['candidate']
const driven = (plan: Driven['plan'], runtime: Partial<ReleaseRuntime> = {}): Driven => ({
  name: 'digits-1',
  environment: 'dev',
  plan,
  candidate: served(V2),
  baseline: served(V1),
  active: true,
  runtime: { state: begin(plan, 0), asked: {}, setAnswers: {}, other: null, ...runtime } as unknown as ReleaseRuntime,
})
const answered = (one: Driven) =>
  lookEvent(one, { applied: null } as unknown as EnvironmentRuntime, [], null, 1, [], null, 0, () => false).answered

function place() {
  const clock = memoryClock()
  const asked: string[] = []
  const state = { broken: false }
  const platform = {
    ask: (_: string, digest: string) => {
      asked.push(digest)
      return Promise.resolve({ value: 7, fault: null })
    },
  } as unknown as Platform
  const deps = {
    clock,
    platform,
    readSet: () => Promise.resolve(LINES),
    scoreNow: () => null,
    score: (_: unknown, items: readonly unknown[]) =>
      state.broken ? Promise.reject(new Error('the evaluator is missing')) : Promise.resolve(items.map(() => 1)),
  } as unknown as RunnerDeps
  return { clock, asked, state, asker: new SetAsker(deps) }
}
const settle = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}
const ask = (version: 'baseline' | 'candidate') => ({ kind: 'ask', sets: ['digits'], versions: [version] }) as const

describe('sets of a swap', () => {
  it('a failure keeps what the version that is stopped by now has answered, and the next try ends it', async () => {
    const { asker, state, asked, clock } = place()
    let one = driven(plans.swap)
    const take = (progress: SetProgress) => {
      one = { ...one, runtime: withProgress(one.runtime, progress) }
    }
    asker.ask(one, ask('baseline'), take)
    await settle()
    expect(answered(one)).toEqual({ baseline: true, candidate: false })
    state.broken = true
    asker.ask(one, ask('candidate'), take)
    await settle()
    expect(one.runtime.asked.digits!.counts).toEqual({ error: 'the evaluator is missing' })
    expect(answered(one)).toEqual({ baseline: true, candidate: false })
    state.broken = false
    clock.advance(5000)
    await settle()
    asker.ask(one, ask('candidate'), take)
    await settle()
    expect(one.runtime.asked.digits!.counts).toMatchObject({ kind: 'pairs', n: 1 })
    expect(one.runtime.setAnswers.digits).toEqual({})
    expect(answered(one)).toEqual({ baseline: true, candidate: true })
    expect(asked).toEqual([V1, V2, V2])
  })

  it('what cannot be written down is asked again, later', async () => {
    const { asker, asked, clock } = place()
    const one = driven(plans.swap)
    let writes = 0
    const take = () => {
      if (writes++ === 0) throw new Error('database or disk is full')
    }
    asker.ask(one, ask('baseline'), take)
    await settle()
    asker.ask(one, ask('baseline'), take)
    await settle()
    expect(asked).toEqual([V1])
    clock.advance(5000)
    await settle()
    asker.ask(one, ask('baseline'), take)
    await settle()
    expect([asked, writes]).toEqual([[V1, V1], 2])
  })
})

describe('versions that have answered', () => {
  it('are asked only what decides, and a failure is no answer', () => {
    const waived = { ...plans.swap, gates: [{ ...golden, decides: false, waived: 'known' }] }
    expect(answered(driven(waived))).toEqual({ baseline: true, candidate: true })
    const result = { gate: 'golden', newlyWrong: [], newlyRight: [], unanswered: null }
    const failed = driven(plans.swap, { asked: { digits: { ...result, counts: { error: 'no evaluator' } } } })
    expect(answered(failed)).toEqual({ baseline: false, candidate: false })
  })
})
