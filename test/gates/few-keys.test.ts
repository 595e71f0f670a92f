/** phi of few keys, or of a short time, against what a release then meets: simulated. */
import { expect, test } from 'vitest'
import { keysOfScores, overSpan } from '../../src/evidence/bursts.ts'
import type { ArmsBlock } from '../../src/evidence/types.ts'
import { newJudge, peek } from '../../src/gates/judge.ts'
import { judgePlanOf } from '../../src/gates/judge-plan.ts'
import { errorsGate, planWith } from './plans.ts'

// Lehmer's generator: the same runs each time.
let seed = 11
const random = (): number => {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}
const SPAN_MS = 60_000
const phiOf = (scores: readonly { key: string; bad: number }[], ms: number): number =>
  overSpan(keysOfScores(scores), ms, SPAN_MS)?.phi ?? 1

/** Is an identical model taken back? One key of eleven sends half of all requests, and all of them fail. */
function fails(phi: number): boolean {
  const gate = { ...errorsGate(0.02), bursts: { phi, over: 'keys', n: 11, rough: true } as const }
  const steps = [
    { kind: 'canary', weightPpm: 500_000, forMs: 0, gates: ['errors'] },
    { kind: 'full', watchMs: 30_000, keepWarmMs: 0, gates: ['errors'] },
  ] as const
  const judge = judgePlanOf(planWith(steps, [gate], { horizonMs: SPAN_MS, sticky: { header: 'x-user-id' } }))
  let state = newJudge(judge)
  // Keys stay in their arm; the one that fails in the candidate's, which is where it hurts.
  const inCandidate = Array.from({ length: 11 }, (_, k) => k === 0 || random() < 0.5)
  for (let t = 1; t <= 61 && !state.outcome; t++) {
    const block = { kind: 'arms', xc: 0, nc: 0, xb: 0, nb: 0 }
    for (let i = 0; i < 20; i++) {
      const key = random() < 0.5 ? 0 : 1 + Math.floor(random() * 10)
      block[inCandidate[key] ? 'nc' : 'nb']++
      if (key === 0) block.xc++
    }
    state = peek(judge, state, t, [{ gate: 'errors', step: 0, block: block as ArmsBlock }]).state
  }
  return state.outcome === 'rolled-back'
}

test.each([5000, 60_000])('one of eleven keys fails everywhere: no model is taken back for it, %i ms seen', (ms) => {
  const runs = 100
  let failed = 0
  for (let i = 0; i < runs; i++) {
    const seen = Array.from({ length: ms / 50 }, () => {
      const key = random() < 0.5 ? 0 : 1 + Math.floor(random() * 10)
      return { key: `k${key}`, bad: key === 0 ? 1 : 0 }
    })
    if (fails(phiOf(seen, ms))) failed++
  }
  expect(failed / runs).toBeLessThan(0.05)
  // With each request counted for itself nearly all are.
  expect(fails(1)).toBe(true)
})

test.each([30, 100, 1000])('errors that know no keys keep phi near 1: %i keys in 6 s', (keys) => {
  const phis = Array.from({ length: 1000 }, () => {
    const seen = Array.from({ length: keys * 10 }, (_, i) => ({ key: `k${i % keys}`, bad: random() < 0.03 ? 1 : 0 }))
    return phiOf(seen, SPAN_MS / 10)
  }).sort((a, b) => a - b)
  expect(phis[900]).toBe(1)
  expect(phis[970]).toBeLessThan(3)
})
