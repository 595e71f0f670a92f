/** The shape of a plan file (slipway.dev/plan/v1), strict: an unknown key is an error. */
import * as z from 'zod/mini'
import '../kit/english.ts'
import { FULL_PPM, PLAN_SCHEMA } from './types.ts'

const share = z.number().check(z.gte(0), z.lte(1))
const whole = (from: number, to = Number.MAX_SAFE_INTEGER) => z.int().check(z.gte(from), z.lte(to))
const ms = whole(0)
const name = z.string().check(z.minLength(1), z.maxLength(200))
const digest = z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'))
const count = z.number().check(z.gte(0))
const pointer = z.string().check(z.regex(/^(\/.*)?$/su, 'expected a JSON pointer'))

const evaluator = z.union([
  z.strictObject({ kind: z.enum(['exact-match', 'contains', 'regex', 'json-subset']) }),
  z.strictObject({ kind: z.literal('numeric'), tolerance: count }),
  z.strictObject({ kind: z.literal('command'), command: z.array(z.string()).check(z.minLength(1)), timeoutMs: ms }),
])

const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('shadow'),
    fraction: share,
    noise: share,
    forMs: ms,
    pairs: z.record(name, ms),
  }),
  z.strictObject({
    kind: z.literal('canary'),
    weightPpm: whole(1, FULL_PPM - 1),
    forMs: ms,
    gates: z.array(name),
  }),
  z.strictObject({ kind: z.literal('swap'), waitMs: ms, watchMs: ms, gates: z.array(name) }),
  z.strictObject({ kind: z.literal('full'), watchMs: ms, keepWarmMs: ms, gates: z.array(name) }),
])

const common = {
  name,
  decides: z.boolean(),
  waived: z.nullable(z.string()),
  margin: share,
  ratio: z.union([z.literal(0), z.literal(1)]),
  bursts: z.optional(
    z.strictObject({
      phi: z.number().check(z.gte(1)),
      over: z.enum(['keys', 'batches']),
      n: whole(0),
      rough: z.optional(z.literal(true)),
    }),
  ),
}
const gate = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('errors'),
    bad: z.array(z.enum(['2xx', '3xx', '4xx', '5xx', 'timeout', 'reset', 'no-answer'])),
    except: z.array(whole(400, 499)),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('latency'),
    of: z.enum(['total', 'first-byte']),
    above: name,
    boundMs: z.number().check(z.positive()),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('quality'),
    source: z.union([z.strictObject({ set: name }), z.strictObject({ labels: z.literal(true) })]),
    evaluator,
    min: z.nullable(share),
  }),
  z.strictObject({ ...common, kind: z.literal('labels-min'), of: name, evaluator, min: share }),
  z.strictObject({ ...common, kind: z.literal('agreement'), evaluator }),
])

export const planSchema = z.strictObject({
  schema: z.literal(PLAN_SCHEMA),
  model: name,
  environment: name,
  candidate: z.strictObject({ digest, tag: z.nullable(name) }),
  baseline: z.nullable(z.union([z.strictObject({ digest, tag: z.nullable(name) }), z.strictObject({ url: z.url() })])),
  noBaseline: z.nullable(z.strictObject({ reason: z.string(), former: z.nullable(digest) })),
  salt: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
  sticky: z.nullable(
    z.union([z.strictObject({ header: name }), z.strictObject({ cookie: name }), z.strictObject({ body: pointer })]),
  ),
  requests: z.array(name),
  answer: z.nullable(pointer),
  run: z.strictObject({
    replicas: whole(1),
    memoryBytes: z.nullable(count),
    cpu: z.nullable(count),
    gpu: z.nullable(z.union([z.strictObject({ cards: whole(1) }), z.strictObject({ memoryBytes: count })])),
    readyTimeoutMs: ms,
    drainMs: ms,
    port: z.nullable(whole(1, 65_535)),
  }),
  steps: z.array(step).check(z.minLength(1), z.maxLength(100)),
  gates: z.array(gate).check(z.maxLength(100)),
  sets: z.array(z.strictObject({ name, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)), lines: whole(1) })),
  overlay: z.record(pointer, z.json()),
  labels: z.strictObject({ arriveMs: ms, key: z.nullable(z.strictObject({ body: pointer })) }),
  keepAnswers: z.boolean(),
  horizonMs: whole(1),
  alpha: z.number().check(z.gt(0), z.lt(1)),
  holdMs: ms,
  history: z.record(name, z.strictObject({ bad: count, total: count })),
})
