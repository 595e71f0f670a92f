/** phi of the rule from what was seen before the start: in the plan, its forecast, the judgement and the views. */
import { describe, expect, it, test } from 'vitest'
import type { GateConfig, StepConfig } from '../../src/config/types.ts'
import type { Together } from '../../src/evidence/traffic.ts'
import type { ArmsBlock, KeyMoments } from '../../src/evidence/types.ts'
import { composePlan } from '../../src/gates/compose.ts'
import { forecast } from '../../src/gates/forecast.ts'
import { newJudge, peek } from '../../src/gates/judge.ts'
import { judgePlanOf } from '../../src/gates/judge-plan.ts'
import { gateNumbers } from '../../src/gates/numbers.ts'
import { planHash } from '../../src/plan/hash.ts'
import { sameIntent } from '../../src/plan/intent.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import type { ReleasePlan } from '../../src/plan/types.ts'
import { burstsWords } from '../../src/view/gate-figures.ts'
import { planText } from '../../src/view/plan.ts'
import { environment, evaluation, input, traffic } from './example.ts'
import { errorsGate, planWith } from './plans.ts'

const errors: GateConfig = {
  kind: 'errors',
  name: 'errors',
  margin: 0.02,
  bad: ['5xx', 'timeout', '4xx'],
  except: [],
}
const latency: GateConfig = { kind: 'latency', name: 'latency', of: 'total', above: { quantile: 0.9 }, margin: 0.1 }
const quality: GateConfig = {
  kind: 'quality',
  name: 'quality',
  source: { labels: true },
  evaluator: null,
  margin: 0.05,
  min: 0.8,
}
const steps: StepConfig[] = [
  { kind: 'shadow', fraction: 1, noise: 1, forMs: 0, pairs: 'auto' },
  { kind: 'canary', weight: 0.2, forMs: 0 },
  { kind: 'full', watchMs: 60_000, keepWarmMs: 0 },
]
const BAD = 10
/** 100 keys, ten of which got all the bad answers: five each. */
const moments: KeyMoments = {
  digest: `sha256:${'b'.repeat(64)}`,
  ms: 3_600_000,
  keys: 100,
  sums: { '2xx': 1000, '5xx': 5 * BAD, '4xx': 900 },
  products: { '5xx 5xx': 25 * BAD, '4xx 4xx': 90_000 },
  total: { sums: new Array(97).fill(40), squares: new Array(97).fill(400) },
  firstByte: { sums: [], squares: [] },
}
const PHI = (25 * BAD - 100 * 0.25) / 99 / 0.5
const scores = Array.from({ length: 200 }, (_, i) => ({ key: `k${i % 50}`, bad: i % 50 < 5 ? 1 : 0 }))
const labelled = { ms: 3_600_000, scores }

function composed(sticky: { header: string } | null, together: Partial<Together> = {}) {
  const seen = traffic({ together: { keys: moments, minutes: [], labelled: { quality: labelled }, ...together } })
  const env = environment({ gates: [errors, latency, quality], steps }, { sticky })
  return { ...composePlan(input({ environment: env, evaluation: evaluation(), traffic: seen })), seen }
}
const bursts = (plan: ReleasePlan) => Object.fromEntries(plan.gates.map((g) => [g.name, g.bursts]))

describe('a plan with sticky', () => {
  const { plan, warnings, seen } = composed({ header: 'x-user-id' })
  it('holds variance over mean of the bad counts over keys, 4xx left out', () => {
    expect(bursts(plan).errors).toEqual({ phi: Number(PHI.toPrecision(6)), over: 'keys', n: 100 })
    expect(bursts(plan).latency).toMatchObject({ over: 'keys', n: 100 })
    expect(bursts(plan).quality).toMatchObject({ over: 'keys', n: 50 })
    // `min` is asked of the same answers.
    expect(bursts(plan)['quality-min']).toEqual(bursts(plan).quality)
    expect(warnings.join()).not.toContain('hang together')
  })
  it('scales a window that is shorter than the horizon, and says that one of less than half of it is rough', () => {
    const of = (ms: number) =>
      bursts(composed({ header: 'x' }, { keys: { ...moments, ms }, labelled: { quality: { ms, scores } } }).plan)
    const [whole, half, short] = [of(3_600_000), of(1_800_000), of(1_799_999)]
    for (const gate of ['errors', 'latency', 'quality', 'quality-min']) {
      expect(half[gate]!.phi - 1).toBeCloseTo(2 * (whole[gate]!.phi - 1), 3)
      expect(short[gate]).toMatchObject({ n: half[gate]!.n, rough: true })
      expect(short[gate]!.phi).toBeLessThan(half[gate]!.phi)
      expect(of(7_200_000)[gate]).toEqual(whole[gate])
    }
  })
  it('can be read back, and is the same intent as one without', () => {
    expect(planHash(parsePlan(JSON.stringify(plan), 'plan.json'))).toBe(planHash(plan))
    const later = composed({ header: 'x-user-id' }, { keys: { ...moments, keys: 1000 } }).plan
    expect(planHash(later)).not.toBe(planHash(plan))
    expect(sameIntent(later, plan)).toBe(true)
  })
  it('asks for phi times the evidence', () => {
    const without = { ...plan, gates: plan.gates.map(({ bursts: _, ...gate }) => gate) } as ReleasePlan
    const need = (of: ReleasePlan) => forecast(of, seen).gates[0]!.toPass!
    expect(need(plan).count / need(without).count).toBeCloseTo(PHI, 1)
    const pairs = (of: ReleasePlan) => (of.steps[0] as { pairs: Record<string, number> }).pairs.errors!
    expect(pairs(plan) / pairs(composed(null).plan)).toBeCloseTo(PHI, 1)
  })
  it('says so', () => {
    expect(burstsWords(bursts(plan).errors!)).toBe(
      `bad answers came in bursts: phi ${PHI.toFixed(2)}, variance over mean of 100 keys before the start; all evidence counts by 1/phi`,
    )
    const screen = { width: 200, color: false, unicode: true } as never
    const planned = { hash: 'h', forecast: forecast(plan, seen), warnings, unlikely: null, refused: [], changes: [] }
    const loadMs = { candidate: null, baseline: null }
    const kept = { against: null, file: null, kept: true, undo: null, room: null, loadMs, start: 's' }
    expect(planText({ plan, ...planned, ...kept }, screen)).toContain('mean of 100 keys')
  })
  it('says where it is estimated from few keys or a short time', () => {
    const { plan: rough } = composed({ header: 'x' }, { keys: { ...moments, keys: 11 } })
    const read = parsePlan(JSON.stringify(rough), 'plan.json')
    expect(bursts(read).errors).toMatchObject({ n: 11, rough: true })
    expect(burstsWords(bursts(read).errors!)).toContain('estimated from few keys or a short time')
  })
  it('warns where it is not known', () => {
    const { plan: blind, warnings: said } = composed({ header: 'x-user-id' }, { keys: null, labelled: {} })
    expect(Object.values(bursts(blind))).toEqual(new Array(4).fill({ phi: 1, over: 'keys', n: 0 }))
    expect(said.join()).toContain('how far the requests of one key hang together, so errors, latency, quality count')
    expect(said.join()).toContain('30 keys or more, over at least 30m')
    expect(burstsWords(bursts(blind).errors!)).toContain('not known')
    expect(judgePlanOf(parsePlan(JSON.stringify(blind), 'plan.json')).rules.get('errors')!.phi).toBe(1)
  })
})

test('without sticky errors go by the batches of the last hour, and nothing else does', () => {
  const minutes = Array.from({ length: 60 }, (_, minute) => ({
    digest: moments.digest,
    minute,
    data: { codes: { '2xx': 490, '5xx': minute % 10 < 2 ? 10 : 0 }, total: {}, firstByte: {}, seconds: 60 },
  }))
  const { plan, warnings } = composed(null, { minutes })
  expect(bursts(plan)).toEqual({
    errors: { phi: expect.any(Number), over: 'batches', n: 30 },
    latency: undefined,
    quality: undefined,
    'quality-min': undefined,
  })
  expect(bursts(plan).errors!.phi).toBeGreaterThan(10)
  expect(warnings.join()).not.toContain('hang together')
})

describe('the judgement', () => {
  const canary = (phi: number | null) => {
    const gate = { ...errorsGate(0), ...(phi === null ? {} : { bursts: { phi, over: 'keys', n: 1500 } as const }) }
    return planWith(
      [
        { kind: 'canary', weightPpm: 200_000, forMs: 0, gates: ['errors'] },
        { kind: 'full', watchMs: 30_000, keepWarmMs: 0, gates: ['errors'] },
      ],
      [gate],
      { horizonMs: 10_000, sticky: { header: 'x-user-id' } },
    )
  }
  /** A generator of the same numbers each time (mulberry32). */
  function seeded(seed: number): () => number {
    let a = seed
    return () => {
      a = (a + 0x6d2b79f5) | 0
      let t = Math.imul(a ^ (a >>> 15), 1 | a)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
  }
  /** Users of whom 3 % get half of their answers bad, some sending ten times as much (statistics, "sticky arms"). */
  function users(random: () => number, count: number): { n: number; x: number }[] {
    return Array.from({ length: count }, () => {
      const one = 2 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / 15))
      const n = random() < 0.03 ? 10 * one : one
      const p = random() < 0.03 ? 0.5 : 0
      let x = 0
      for (let i = 0; i < n; i++) if (random() < p) x++
      return { n, x }
    })
  }
  const ratio = (all: readonly { x: number }[]): number => {
    const mean = all.reduce((sum, { x }) => sum + x, 0) / all.length
    return all.reduce((sum, { x }) => sum + (x - mean) ** 2, 0) / (all.length - 1) / mean
  }
  function failed(plan: ReleasePlan, candidate: readonly { n: number; x: number }[], baseline: typeof candidate) {
    const judge = judgePlanOf(plan)
    let state = newJudge(judge)
    const sum = (of: typeof candidate, j: number, what: 'n' | 'x') =>
      of.reduce((total, user, i) => (i % 10 === j ? total + user[what] : total), 0)
    for (let j = 0; j < 10 && !state.outcome; j++) {
      const [xc, nc] = [sum(candidate, j, 'x'), sum(candidate, j, 'n')]
      const block: ArmsBlock = { kind: 'arms', xc, nc, xb: sum(baseline, j, 'x'), nb: sum(baseline, j, 'n') }
      state = peek(judge, state, j + 1, [{ gate: 'errors', step: 0, block }]).state
    }
    return state.outcome === 'rolled-back'
  }

  test('of equal versions between arms of users fails few with phi, and many without', { timeout: 60_000 }, () => {
    const runs = 300
    let [plain, wide] = [0, 0]
    const random = seeded(28)
    for (let i = 0; i < runs; i++) {
      const [candidate, baseline] = [users(random, 150), users(random, 600)]
      const phi = Math.max(1, ratio(users(random, 1500)))
      if (failed(canary(null), candidate, baseline)) plain++
      if (failed(canary(phi), candidate, baseline)) wide++
    }
    expect(plain / runs).toBeGreaterThan(0.15)
    expect(wide / runs).toBeLessThan(0.05)
  })

  test('counts by 1/phi at every look, at the horizon, in the watch, and in the interval that views show', () => {
    const [plain, wide] = [canary(null), canary(4)]
    const block: ArmsBlock = { kind: 'arms', xc: 40, nc: 1000, xb: 80, nb: 4000 }
    const seenBy = (plan: ReleasePlan) =>
      peek(judgePlanOf(plan), newJudge(judgePlanOf(plan)), 1, [{ gate: 'errors', step: 0, block }]).state
    expect(seenBy(plain).gates.errors!.lnFail).toBeGreaterThan(seenBy(wide).gates.errors!.lnFail)
    expect(judgePlanOf(wide).rules.get('errors')!.phi).toBe(4)
    const width = (plan: ReleasePlan) => {
      const { low, high } = gateNumbers(plan, seenBy(plan), 'errors')
      return high! - low!
    }
    expect(width(wide) / width(plain)).toBeGreaterThan(1.8)
    const watched = (plan: ReleasePlan) => {
      const judge = judgePlanOf(plan)
      const clean: ArmsBlock = { kind: 'arms', xc: 0, nc: 9000, xb: 1800, nb: 9000 }
      const full = peek(judge, newJudge(judge), 1, [{ gate: 'errors', step: 0, block: clean }])
      const bad: ArmsBlock = { kind: 'arms', xc: 300, nc: 1000, xb: 0, nb: 0 }
      expect(full.action).toBe('full')
      return peek(judge, full.state, 2, [{ gate: 'errors', step: 1, block: bad }]).state.watch!.gates.errors!.lnFail
    }
    expect(watched(plain) / watched(wide)).toBeGreaterThan(2)
  })
})
