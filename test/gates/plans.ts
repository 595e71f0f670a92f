/** Release plans for tests of the judge: the same shape with other steps and gates. */
import { PLAN_SCHEMA, type PlanGate, type PlanStep, type ReleasePlan } from '../../src/plan/types.ts'

const HEX = 'a'.repeat(64)

export function planWith(steps: readonly PlanStep[], gates: readonly PlanGate[], more: Partial<ReleasePlan> = {}) {
  const plan: ReleasePlan = {
    schema: PLAN_SCHEMA,
    model: 'digits',
    environment: 'dev',
    candidate: { digest: `sha256:${HEX}`, tag: 'v2' },
    baseline: { digest: `sha256:${HEX.replaceAll('a', 'b')}`, tag: 'v1' },
    noBaseline: null,
    salt: '0'.repeat(16),
    sticky: null,
    requests: ['POST /predict'],
    answer: '/label',
    run: {
      replicas: 1,
      memoryBytes: null,
      cpu: null,
      gpu: null,
      readyTimeoutMs: 60_000,
      drainMs: 5_000,
      port: null,
    },
    steps,
    gates,
    sets: [],
    overlay: {},
    labels: { arriveMs: 60_000, key: null },
    keepAnswers: false,
    horizonMs: 90_000,
    alpha: 0.05,
    holdMs: 86_400_000,
    history: {},
    ...more,
  }
  return plan
}

const base = { decides: true, waived: null, ratio: 1 } as const
export const errorsGate = (margin = 0.02): PlanGate => ({
  ...base,
  name: 'errors',
  kind: 'errors',
  margin,
  bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
  except: [],
})
export const latencyGate = (margin = 0.1): PlanGate => ({
  ...base,
  name: 'latency',
  kind: 'latency',
  margin,
  of: 'total',
  above: 'p90',
  boundMs: 4,
})
export const labelsGate = (margin = 0.05, min: number | null = null): PlanGate => ({
  ...base,
  name: 'quality',
  kind: 'quality',
  margin,
  source: { labels: true },
  evaluator: { kind: 'exact-match' },
  min,
})
export const setGate = (margin = 0.03, min: number | null = null): PlanGate => ({
  ...base,
  name: 'golden',
  kind: 'quality',
  margin,
  source: { set: 'golden' },
  evaluator: { kind: 'exact-match' },
  min,
})
export const labelsMinGate = (min: number): PlanGate => ({
  ...base,
  name: 'quality min',
  kind: 'labels-min',
  margin: 1 - min,
  ratio: 0,
  of: 'quality',
  evaluator: { kind: 'exact-match' },
  min,
})

/** The four steps of the demo, in the plan's units. */
export function demoSteps(names: readonly string[], pairs: number, watchMs = 10_000): PlanStep[] {
  const each = Object.fromEntries(names.map((name) => [name, pairs]))
  return [
    { kind: 'shadow', fraction: 1, noise: 1, forMs: 0, pairs: each },
    { kind: 'canary', weightPpm: 250_000, forMs: 5_000, gates: names },
    { kind: 'canary', weightPpm: 500_000, forMs: 5_000, gates: names },
    { kind: 'full', watchMs, keepWarmMs: 5_000, gates: names },
  ]
}
