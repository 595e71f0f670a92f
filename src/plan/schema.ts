/** The shape of a plan file (slipway.dev/plan/v1), strict: an unknown key is an error. */
import * as z from 'zod'
import { FULL_PPM, PLAN_SCHEMA } from './types.ts'

const share = z.number().min(0).max(1)
const ms = z.int().min(0)
const name = z.string().min(1).max(200)
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits')
const count = z.number().min(0)
const pointer = z.string().regex(/^(\/.*)?$/su, 'expected a JSON pointer')

const evaluator = z.union([
  z.strictObject({ kind: z.enum(['exact-match', 'contains', 'regex', 'json-subset']) }),
  z.strictObject({ kind: z.literal('numeric'), tolerance: count }),
  z.strictObject({ kind: z.literal('command'), command: z.array(z.string()).min(1), timeoutMs: ms }),
])

const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('shadow'),
    fraction: share,
    noise: share,
    forMs: ms,
    pairs: z.record(name, z.int().min(0)),
  }),
  z.strictObject({
    kind: z.literal('canary'),
    weightPpm: z
      .int()
      .min(1)
      .max(FULL_PPM - 1),
    forMs: ms,
    gates: z.array(name),
  }),
  z.strictObject({ kind: z.literal('swap'), waitMs: ms, watchMs: ms, gates: z.array(name) }),
  z.strictObject({ kind: z.literal('full'), watchMs: ms, keepWarmMs: ms, gates: z.array(name) }),
])

const common = {
  name,
  decides: z.boolean(),
  waived: z.string().nullable(),
  margin: share,
  ratio: z.union([z.literal(0), z.literal(1)]),
}
const gate = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('errors'),
    bad: z.array(z.enum(['2xx', '3xx', '4xx', '5xx', 'timeout', 'reset', 'no-answer'])),
    except: z.array(z.int().min(400).max(499)),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('latency'),
    of: z.enum(['total', 'first-byte']),
    above: name,
    boundMs: z.number().positive(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('quality'),
    source: z.union([z.strictObject({ set: name }), z.strictObject({ labels: z.literal(true) })]),
    evaluator,
    min: share.nullable(),
  }),
  z.strictObject({ ...common, kind: z.literal('labels-min'), of: name, evaluator, min: share }),
  z.strictObject({ ...common, kind: z.literal('agreement'), evaluator }),
])

export const planSchema = z.strictObject({
  schema: z.literal(PLAN_SCHEMA),
  model: name,
  environment: name,
  candidate: z.strictObject({ digest, tag: name.nullable() }),
  baseline: z.union([z.strictObject({ digest, tag: name.nullable() }), z.strictObject({ url: z.url() })]).nullable(),
  noBaseline: z.strictObject({ reason: z.string(), former: digest.nullable() }).nullable(),
  salt: z.string().regex(/^[0-9a-f]{16}$/),
  sticky: z
    .union([z.strictObject({ header: name }), z.strictObject({ cookie: name }), z.strictObject({ body: pointer })])
    .nullable(),
  requests: z.array(name),
  answer: pointer.nullable(),
  run: z.strictObject({
    replicas: z.int().min(1),
    memoryBytes: count.nullable(),
    cpu: count.nullable(),
    gpu: z.union([z.strictObject({ cards: z.int().min(1) }), z.strictObject({ memoryBytes: count })]).nullable(),
    readyTimeoutMs: ms,
    drainMs: ms,
    port: z.int().min(1).max(65_535).nullable(),
  }),
  steps: z.array(step).min(1).max(100),
  gates: z.array(gate).max(100),
  sets: z.array(z.strictObject({ name, sha256: z.string().regex(/^[0-9a-f]{64}$/), lines: z.int().min(1) })),
  overlay: z.record(pointer, z.json()),
  labels: z.strictObject({ arriveMs: ms, key: z.strictObject({ body: pointer }).nullable() }),
  keepAnswers: z.boolean(),
  horizonMs: z.int().min(1),
  alpha: z.number().gt(0).lt(1),
  holdMs: ms,
  history: z.record(name, z.strictObject({ bad: count, total: count })),
})
