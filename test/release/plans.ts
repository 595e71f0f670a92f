/** Plans for the engine's tests: small, complete, with times of seconds. */
import type { PlanGate, PlanStep, ReleasePlan } from '../../src/plan/types.ts'

export const V1 = `sha256:${'1'.repeat(64)}` as const
export const V2 = `sha256:${'2'.repeat(64)}` as const
export const V0 = `sha256:${'0'.repeat(64)}` as const

export const errors: PlanGate = {
  name: 'errors',
  kind: 'errors',
  decides: true,
  waived: null,
  margin: 0.02,
  ratio: 1,
  bad: ['5xx'],
  except: [],
}
export const latency: PlanGate = {
  name: 'latency',
  kind: 'latency',
  decides: true,
  waived: null,
  margin: 0.1,
  ratio: 1,
  of: 'total',
  above: 'p90',
  boundMs: 10,
}
export const quality: PlanGate = {
  name: 'quality',
  kind: 'quality',
  decides: true,
  waived: null,
  margin: 0.05,
  ratio: 1,
  source: { labels: true },
  evaluator: { kind: 'exact-match' },
  min: null,
}
export const golden: PlanGate = { ...quality, name: 'golden', source: { set: 'digits' }, min: null }

export const shadow: PlanStep = {
  kind: 'shadow',
  fraction: 1,
  noise: 1,
  forMs: 2000,
  pairs: { errors: 200, latency: 200, quality: 150 },
}
export const canary = (weightPpm: number, forMs = 3000): PlanStep => ({
  kind: 'canary',
  weightPpm,
  forMs,
  gates: ['errors', 'latency', 'quality'],
})
export const full: PlanStep = {
  kind: 'full',
  watchMs: 4000,
  keepWarmMs: 2000,
  gates: ['errors', 'latency', 'quality'],
}
export const swap: PlanStep = {
  kind: 'swap',
  waitMs: 60_000,
  watchMs: 4000,
  gates: ['errors', 'latency', 'quality'],
}

export const standard: ReleasePlan = {
  schema: 'slipway.dev/plan/v1',
  model: 'digits',
  environment: 'dev',
  candidate: { digest: V2, tag: 'v2' },
  baseline: { digest: V1, tag: 'v1' },
  noBaseline: null,
  salt: '0123456789abcdef',
  sticky: null,
  requests: ['POST /predict'],
  answer: '/label',
  run: {
    replicas: 1,
    memoryBytes: null,
    cpu: null,
    gpu: null,
    readyTimeoutMs: 60_000,
    drainMs: 5000,
    port: null,
  },
  steps: [shadow, canary(250_000), canary(500_000), full],
  gates: [errors, latency, quality],
  sets: [{ name: 'digits', sha256: 'a'.repeat(64), lines: 400 }],
  overlay: {},
  labels: { arriveMs: 5000, key: null },
  keepAnswers: false,
  horizonMs: 90_000,
  alpha: 0.05,
  holdMs: 20_000,
  history: {
    errors: { bad: 3, total: 2000 },
    latency: { bad: 200, total: 2000 },
    quality: { bad: 100, total: 2000 },
  },
}
const change = (parts: Partial<ReleasePlan>): ReleasePlan => ({ ...standard, ...parts })

/** One plan of each shape that the engine has to know. */
export const plans = {
  standard,
  sets: change({ gates: [errors, latency, quality, golden] }),
  canaries: change({ steps: [canary(250_000), canary(500_000), full], gates: [errors, latency] }),
  outside: change({ baseline: { url: 'http://127.0.0.1:9000' } }),
  waived: change({ gates: [errors, latency, quality].map((gate) => ({ ...gate, waived: 'known' })) }),
  noHold: change({ holdMs: 0, horizonMs: 6000 }),
  short: change({ horizonMs: 6000, gates: [errors, latency] }),
  first: change({ baseline: null, steps: [full], gates: [golden] }),
  firstBare: change({ baseline: null, steps: [full], gates: [] }),
  noBaseline: change({
    baseline: null,
    noBaseline: { reason: 'v1 is broken', former: V1 },
    steps: [full],
    gates: [golden],
  }),
  swap: change({ steps: [swap], gates: [errors, latency, quality, golden] }),
  swapBare: change({ steps: [swap], gates: [errors, latency] }),
} as const satisfies Record<string, ReleasePlan>

/** Soon in the watch; soon at the horizon. */
export const quick = change({ steps: [canary(500_000, 500), full], gates: [{ ...errors, waived: 'known' }] })
export const hurried = change({ steps: [canary(500_000, 500), full], gates: [errors, quality], horizonMs: 1500 })
