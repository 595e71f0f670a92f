/** Pieces that plans are composed from in tests: an environment with defaults, two versions, traffic. */
import { defaultGates } from '../../src/config/defaults.ts'
import type { EnvironmentConfig, EvaluationConfig } from '../../src/config/types.ts'
import type { EvaluationSet } from '../../src/evidence/sets.ts'
import type { TrafficSeen } from '../../src/evidence/traffic.ts'
import type { ComposeInput } from '../../src/gates/compose-input.ts'
import { bucketOf, GRID_MS } from '../../src/kit/grid.ts'
import type { Digest, ModelVersion } from '../../src/model/types.ts'

export const version = (letter: string, serving: Partial<ModelVersion['serving']> = {}): ModelVersion => ({
  digest: `sha256:${letter.repeat(64)}` as Digest,
  model: 'digits',
  files: [],
  modelPath: '',
  header: null,
  serving: {
    command: ['node', 'app.js'],
    template: 'custom',
    params: {},
    env: {},
    prepare: [],
    readyPath: '/health',
    requests: ['POST /predict'],
    answer: '/label',
    ...serving,
  },
})

export const evaluation = (more: Partial<EvaluationConfig> = {}): EvaluationConfig => ({
  sets: {},
  request: {},
  labels: { arriveMs: 60_000, key: null },
  keepAnswers: false,
  ...more,
})

export function environment(
  release: Partial<EnvironmentConfig['release']> = {},
  serving: Partial<EnvironmentConfig['serving']> = {},
): EnvironmentConfig {
  return {
    name: 'dev',
    platform: 'local',
    listen: { host: '127.0.0.1', port: 0 },
    control: { host: '127.0.0.1', port: 0 },
    limits: { inFlight: 512, queue: 512, bodyBytes: 2 ** 25 },
    timeouts: { connectMs: 2000, firstByteMs: 600_000, idleMs: 300_000 },
    serving: {
      template: 'custom',
      command: ['node', 'app.js'],
      port: null,
      params: {},
      prepare: [],
      env: {},
      envFile: null,
      ready: { path: '/health', timeoutMs: 600_000 },
      drainMs: 300_000,
      replicas: 1,
      resources: { memoryBytes: null, cpu: null, gpu: null },
      requests: ['POST /predict'],
      answer: '/label',
      sticky: null,
      ...serving,
    },
    release: {
      steps: null,
      gates: defaultGates([], false),
      horizonMs: 3_600_000,
      alpha: 0.05,
      holdMs: 86_400_000,
      ...release,
    },
    baseline: null,
    notify: null,
  }
}

/** `slow` of 1,000 answers take 12 ms, the others 3 ms. */
export function traffic(more: Partial<TrafficSeen> = {}, slow = 100): TrafficSeen {
  const buckets = new Array<number>(GRID_MS.length + 1).fill(0)
  buckets[bucketOf(3)] = 1000 - slow
  buckets[bucketOf(12)] = slow
  return {
    seconds: 300,
    requestsPerSecond: 100,
    requests: 1000,
    codes: { '2xx': 1000 },
    totalBuckets: buckets,
    firstByteBuckets: buckets,
    labelledShare: 1,
    judged: {},
    ...more,
  }
}

export const set = (lines: number, path = '/predict'): EvaluationSet => ({
  sha256: 'a'.repeat(64),
  lines: Array.from({ length: lines }, (_, i) => ({
    id: `l${i}`,
    request: { method: 'POST', path, headers: {}, body: {} },
    expect: 1,
    line: i + 1,
  })),
})

export const input = (more: Partial<ComposeInput> = {}): ComposeInput => ({
  model: 'digits',
  environment: environment(),
  evaluation: evaluation(),
  candidate: { version: version('c'), tag: 'v2' },
  baseline: { version: version('b'), tag: 'v1' },
  noBaseline: null,
  sets: {},
  traffic: traffic(),
  shareCard: false,
  waive: null,
  ...more,
})
