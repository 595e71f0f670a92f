import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GateConfig, StepConfig } from '../../src/config/types.ts'
import { SlipwayError } from '../../src/errors.ts'
import { composePlan } from '../../src/gates/compose.ts'
import type { ComposeInput } from '../../src/gates/compose-input.ts'
import { planHash } from '../../src/plan/hash.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import { saltOf } from '../../src/plan/sticky.ts'
import { environment, evaluation, input, set, traffic, version } from './example.ts'

const compose = (more: Partial<ComposeInput> = {}) => composePlan(input(more))
function refusal(more: Partial<ComposeInput>): SlipwayError {
  try {
    compose(more)
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error('taken')
}

const errors: GateConfig = { kind: 'errors', name: 'errors', margin: 0.02, bad: ['5xx', '4xx'], except: [] }
const latency: GateConfig = { kind: 'latency', name: 'latency', of: 'total', above: { quantile: 0.9 }, margin: 0.1 }
const quality = (more: Partial<Extract<GateConfig, { kind: 'quality' }>> = {}): GateConfig => ({
  kind: 'quality',
  name: 'quality',
  source: { labels: true },
  evaluator: null,
  margin: 0.05,
  min: null,
  ...more,
})
const golden = (more = {}) => quality({ name: 'golden', source: { set: 'golden' }, ...more })
const agreement = (maxDisagreement: number | null = null): GateConfig => ({
  kind: 'agreement',
  name: 'agreement',
  evaluator: { kind: 'exact-match' },
  maxDisagreement,
})
const shadow = (more: Partial<Extract<StepConfig, { kind: 'shadow' }>> = {}): StepConfig => ({
  kind: 'shadow',
  fraction: 1,
  noise: null,
  forMs: 0,
  pairs: 'auto',
  ...more,
})
const canary = (weight: number, forMs = 5000): StepConfig => ({ kind: 'canary', weight, forMs })
const full: StepConfig = { kind: 'full', watchMs: 10_000, keepWarmMs: 5000 }
const swap: StepConfig = { kind: 'swap', waitMs: 120_000, watchMs: 60_000 }
const withSet = (lines: number) => ({
  evaluation: evaluation({
    sets: { golden: { path: 'golden.jsonl', evaluator: { kind: 'numeric', tolerance: 0.1 } } },
  }),
  sets: { golden: set(lines) },
})

describe('composePlan', () => {
  it('fills in the steps and gates that nobody wrote', () => {
    const { plan, warnings } = compose({ traffic: traffic({ labelledShare: null }) })
    expect(plan.steps.map((s) => ('weightPpm' in s ? s.weightPpm : s.kind))).toEqual([
      'shadow',
      50_000,
      250_000,
      500_000,
      'full',
    ])
    expect(plan.steps[0]).toMatchObject({ fraction: 1, noise: 0.2, forMs: 0 })
    expect(plan.gates.map((g) => [g.name, g.margin, g.decides])).toEqual([
      ['errors', 0.01, true],
      ['latency', 0.03, true],
    ])
    expect(plan.salt).toBe(saltOf(`sha256:${'b'.repeat(64)}`, `sha256:${'c'.repeat(64)}`))
    expect(warnings).toEqual([])
  })

  it('says where no answers of pairs can be kept', () => {
    const kept = (steps: StepConfig[]) =>
      compose({ environment: environment({ steps }), evaluation: evaluation({ keepAnswers: true }) })
    const said = 'evaluation.keepAnswers keeps answers of pairs, and there is no shadow step: none will be kept'
    expect(kept([canary(0.1), full]).warnings).toContain(said)
    const { plan, warnings } = kept([shadow(), canary(0.1), full])
    expect([plan.keepAnswers, warnings.includes(said)]).toEqual([true, false])
  })

  it('gives a plan that can be read back, with the same hash', () => {
    const { plan } = compose({
      ...withSet(400),
      environment: environment({ gates: [errors, latency, quality({ min: 0.9 }), golden(), agreement()] }),
    })
    expect(planHash(parsePlan(JSON.stringify(plan), 'plan.json'))).toBe(planHash(plan))
  })

  it('asks shadow for the pairs of the demo', () => {
    const { plan } = compose({
      environment: environment({
        gates: [errors, latency, quality()],
        steps: [shadow({ noise: 1 }), canary(0.25), canary(0.5), full],
        horizonMs: 90_000,
      }),
      traffic: traffic({ judged: { quality: { bad: 50, total: 1000 } } }),
    })
    // statistics: the demo's pairs at 100 requests/s, noise 100 %.
    expect(plan.steps[0]).toMatchObject({ pairs: { errors: 1346, latency: 511, quality: 1045 } })
  })

  it('asks for no more pairs than a third of the horizon brings, and for as many as written', () => {
    const at = (steps: StepConfig[], requestsPerSecond: number) => {
      const { plan } = compose({
        environment: environment({ gates: [errors, latency], steps, horizonMs: 90_000 }),
        traffic: traffic({ requestsPerSecond }),
      })
      return plan.steps[0]
    }
    expect(at([shadow(), canary(0.5), full], 10)).toMatchObject({ pairs: { errors: 300, latency: 60 } })
    expect(at([shadow({ pairs: 42 }), canary(0.5), full], 10)).toMatchObject({ pairs: { errors: 42, latency: 42 } })
  })

  it('says which gates each step answers', () => {
    const gates = [errors, latency, quality({ min: 0.9 }), golden(), agreement()]
    const { plan } = compose({
      ...withSet(400),
      environment: environment({ gates, steps: [shadow(), canary(0.5), full] }),
    })
    const traffics = ['errors', 'latency', 'quality', 'quality-min']
    expect(plan.steps.map((s) => (s.kind === 'shadow' ? Object.keys(s.pairs) : s.gates))).toEqual([
      [...traffics, 'agreement'],
      traffics,
      traffics,
    ])
    expect(plan.gates.find((g) => g.name === 'quality-min')).toMatchObject({
      kind: 'labels-min',
      ratio: 0,
      min: 0.9,
      of: 'quality',
    })
    expect(plan.gates.find((g) => g.name === 'quality-min')?.margin).toBeCloseTo(0.1, 12)
    expect(plan.gates.find((g) => g.name === 'golden')).toMatchObject({
      evaluator: { kind: 'numeric', tolerance: 0.1 },
    })
    expect(plan.gates.find((g) => g.name === 'agreement')).toMatchObject({ decides: false })
    expect(plan.sets).toEqual([{ name: 'golden', sha256: 'a'.repeat(64), lines: 400 }])
  })

  it('compares copies in shadow only where some go to the baseline', () => {
    const { plan } = compose({ environment: environment({ steps: [shadow({ noise: 0 }), canary(0.5), full] }) })
    expect(plan.steps[0]).toMatchObject({ pairs: { errors: expect.any(Number) } })
    expect(Object.keys((plan.steps[0] as { pairs: object }).pairs)).toEqual(['errors'])
  })

  it('takes the bound where the share above lies nearest, and a duration on the grid', () => {
    const bound = (above: Extract<GateConfig, { kind: 'latency' }>['above'], slow: number) => {
      const { plan, warnings } = compose({
        environment: environment({ gates: [{ ...latency, above }] }),
        traffic: traffic({ labelledShare: null }, slow),
      })
      const gate = plan.gates[0]!
      return [gate.kind === 'latency' && gate.boundMs, gate.kind === 'latency' && gate.above, warnings.length]
    }
    // 100 of 1,000 lie above 3.2 ms; with 5 of 1,000 the nearest share to 10 % is 0.5 %, at the same bound.
    expect(bound({ quantile: 0.9 }, 100)).toEqual([3.2, 'p90', 0])
    expect(bound({ quantile: 0.95 }, 960)).toEqual([12.8, 'p95', 0])
    expect(bound({ quantile: 0.999 }, 100)).toEqual([12.8, 'p99.9', 1])
    expect(bound({ ms: 25.6 }, 100)).toEqual([25.6, '25.6ms', 0])
    expect(bound({ ms: 250 }, 100)).toEqual([243.5, '250ms', 1])
  })

  it('waives by name or all, with the reason, and min with its gate', () => {
    const env = environment({ gates: [errors, latency, quality({ min: 0.9 })] })
    const decide = (gates: string[] | 'all') =>
      compose({ environment: env, waive: { gates, reason: 'known' } }).plan.gates.map(
        (g) => `${g.name} ${g.decides} ${g.waived}`,
      )
    expect(decide(['quality'])).toEqual([
      'errors true null',
      'latency true null',
      'quality false known',
      'quality-min false known',
    ])
    expect(decide('all').every((line) => line.endsWith('false known'))).toBe(true)
    const error = refusal({ environment: env, waive: { gates: ['qualty'], reason: 'x' } })
    expect([error.code, error.exit]).toEqual(['USAGE', 2])
    expect(error.message).toContain('errors, latency, quality')
  })

  it('judges only sets in a first release and says what is not judged', () => {
    const env = environment({ gates: [errors, latency, golden({ min: 0.5 })], steps: [shadow(), full] })
    const { plan, warnings } = compose({ ...withSet(5), environment: env, baseline: null, traffic: null })
    expect(plan).toMatchObject({
      baseline: null,
      noBaseline: null,
      steps: [{ kind: 'full', watchMs: 0, keepWarmMs: 0, gates: [] }],
    })
    expect(plan.gates.map((g) => g.name)).toEqual(['golden'])
    expect(warnings).toEqual(['errors, latency cannot be judged: no version serves to compare with'])
  })

  it('keeps the former version warm with --no-baseline, and compares with nothing', () => {
    const { plan } = compose({
      environment: environment({ steps: [canary(0.5), full] }),
      noBaseline: { reason: 'it is broken' },
    })
    expect(plan.baseline).toBeNull()
    expect(plan.noBaseline).toEqual({ reason: 'it is broken', former: `sha256:${'b'.repeat(64)}` })
    expect(plan.steps).toEqual([{ kind: 'full', watchMs: 0, keepWarmMs: 5000, gates: [] }])
  })

  it('takes an outside baseline by its URL', () => {
    const { plan } = compose({ baseline: { url: 'http://127.0.0.1:9/' } })
    expect(plan.baseline).toEqual({ url: 'http://127.0.0.1:9/' })
    expect(plan.salt).toBe(saltOf('http://127.0.0.1:9/', plan.candidate.digest))
  })

  it('takes requests from the version, else from the sets, else leaves shadow out', () => {
    const candidate = { version: version('c', { requests: [] }), tag: null }
    const bare = { environment: environment({}, { requests: null }), candidate }
    expect(compose({ ...bare, ...withSet(400) }).plan.requests).toEqual(['POST /predict'])
    const { plan, warnings } = compose({ ...bare, traffic: traffic({ labelledShare: null }) })
    expect(plan.requests).toEqual([])
    expect(plan.steps[0]!.kind).toBe('canary')
    expect(warnings.join()).toContain('serving.requests: ["POST /path"]')
  })

  it('sends fewer copies to the baseline where versions share a card, and says why', () => {
    const { plan, warnings } = compose({ shareCard: true })
    expect(plan.steps[0]).toMatchObject({ noise: 0.1 })
    expect(warnings.join()).toContain('share a card')
  })

  it('freezes in a swap what the baseline showed before', () => {
    const env = environment({ steps: [swap], gates: [errors, latency, golden()] })
    const { plan } = compose({
      ...withSet(400),
      environment: env,
      traffic: traffic({ codes: { '2xx': 980, '5xx': 15, '4xx': 5 } }),
    })
    expect(plan.history).toEqual({ errors: { bad: 15, total: 1000 }, latency: { bad: 100, total: 1000 } })
    expect(plan.steps).toEqual([{ ...swap, gates: ['errors', 'latency'] }])
    expect(compose().plan.history).toEqual({})
    // What a baseline never showed cannot be watched; a share of its own can.
    const labels = { environment: environment({ steps: [swap], gates: [quality({ min: 0.9 })] }) }
    const seen = traffic({ judged: { quality: { bad: 5, total: 100 } } })
    expect(compose({ ...labels, traffic: seen }).plan.steps[0]).toMatchObject({ gates: ['quality', 'quality-min'] })
    const waived = compose({ ...labels, waive: { gates: 'all', reason: 'r' } })
    expect(waived.plan.steps[0]).toMatchObject({ gates: ['quality-min'] })
  })
})

describe('what a plan cannot answer', () => {
  const gates = (...list: GateConfig[]) => ({ environment: environment({ gates: list }) })
  const steps = (list: StepConfig[], ...with_: GateConfig[]) => ({
    environment: environment({ steps: list, ...(with_.length > 0 ? { gates: with_ } : {}) }),
  })
  const noAnswer = { candidate: { version: version('c', { answer: null }), tag: null } }
  const bare = { candidate: { version: version('c', { requests: [] }), tag: null } }
  it.each<[string, Partial<ComposeInput>, string]>([
    ['quality without an answer pointer', { ...gates(quality()), ...noAnswer }, '`serving.answer: /label`'],
    ['agreement without an answer pointer', { ...gates(agreement()), ...noAnswer }, '`serving.answer: /label`'],
    [
      'a set without an answer pointer',
      { ...withSet(400), ...gates(golden()), ...noAnswer },
      '`serving.answer: /label`',
    ],
    ['a set that is not there', gates(golden()), '`evaluation.sets.golden: {path: …}`'],
    ['a set too small ever to pass', { ...withSet(72), ...gates(golden()) }, '`margin: 5.5pp`'],
    ['a set too small for its min', { ...withSet(34), ...gates(golden({ min: 0.9 })), baseline: null }, '`min: 89%`'],
    ['a set with no margin', { ...withSet(400), ...gates(golden({ margin: 0 })) }, '`margin: 2pp`'],
    ['a set asked by two gates', { ...withSet(400), ...gates(golden(), golden({ name: 'again' })) }, 'gate again'],
    ['no traffic at all', { traffic: null }, '`--waive all --reason TEXT`'],
    ['traffic that stands still', { traffic: traffic({ requestsPerSecond: 0 }) }, 'local load'],
    [
      'labels later than the horizon',
      { ...gates(quality()), evaluation: evaluation({ labels: { arriveMs: 7_200_000, key: null } }) },
      '`release.horizon: 4h`',
    ],
    ['agreement without a shadow', steps([canary(0.5), full], agreement()), '`- shadow: {}`'],
    [
      'copies where none go to the baseline',
      steps([shadow({ noise: 0 }), canary(0.5), full], agreement(0.05)),
      '`- shadow: {noise: 20%}`',
    ],
    ['latency that only full could answer', steps([shadow({ noise: 0 }), full]), '`- shadow: {noise: 20%}`'],
    [
      'a shadow with nothing to repeat',
      { ...steps([shadow(), canary(0.5), full]), ...bare },
      '`serving.requests: ["POST /path"]`',
    ],
    ['labels in a swap whose baseline nobody labelled', steps([swap], quality()), '`{set: NAME}`'],
    ['agreement in a swap', steps([swap], agreement()), 'leave the gate out'],
    ['a quantile without traffic', { ...gates(latency), traffic: null }, '`above: 250ms`'],
  ])('refuses %s and names the line that helps', (_, more, line) => {
    const error = refusal(more)
    expect([error.code, error.exit]).toEqual(['GATE_UNANSWERABLE', 2])
    expect(error.message).toContain(line)
    expect(error.message).not.toContain('\n')
    expect(error.where.length).toBeGreaterThan(0)
  })

  it('names every gate at once, where it stands', () => {
    const error = refusal({ ...gates(errors, quality(), agreement()), ...noAnswer })
    expect(error.where.map((w) => w.pointer)).toEqual(['/release/gates/1', '/release/gates/2'])
  })

  it('takes the same gate where it is waived', () => {
    const waive = { gates: 'all', reason: 'r' } as const
    for (const more of [{ ...gates(quality()), ...noAnswer }, { traffic: null }, { ...withSet(3), ...gates(golden()) }])
      expect(compose({ ...more, waive }).plan.gates.every((gate) => !gate.decides)).toBe(true)
  })

  it('takes exactly the sets from the smallest size on', () => {
    // statistics: ceil(3.8415 (1 - delta) / delta) lines; 73 at 5 pp.
    expect(compose({ ...withSet(73), ...gates(golden()) }).plan.sets[0]!.lines).toBe(73)
    expect(compose({ ...withSet(35), ...gates(golden({ min: 0.9 })), baseline: null }).plan.sets[0]!.lines).toBe(35)
  })

  it('refuses full alone beside a version that serves', () => {
    expect(refusal(steps([full])).code).toBe('CONFIG_INVALID')
    expect(compose({ ...steps([full]), baseline: null }).plan.steps).toHaveLength(1)
  })
})

describe('what it warns of', () => {
  const warned = (more: Partial<ComposeInput>) => compose(more).warnings.join('\n')
  it.each<[string, Partial<ComposeInput>, string]>([
    [
      'a moved answer pointer',
      { baseline: { version: version('b', { answer: '/old' }), tag: null } },
      'from /old to /label',
    ],
    [
      'unknown labels',
      { environment: environment({ gates: [quality()] }), traffic: traffic({ labelledShare: null }) },
      'not known yet',
    ],
    [
      'labels that do not come',
      { environment: environment({ gates: [quality()] }), traffic: traffic({ labelledShare: 0 }) },
      'no answer of the last',
    ],
    ['labels that nothing judges', {}, 'nothing judges them'],
    ['a bound from few answers', { traffic: traffic({ totalBuckets: [0, 0, 0, 40, 2] }) }, '42 answers only'],
  ])('%s', (_, more, text) => {
    expect(warned(more)).toContain(text)
  })
})

it('composes the same plan from the same input, whatever traffic says, once bounds and pairs are written', () => {
  const env = environment({
    gates: [errors, { ...latency, above: { ms: 100 } }],
    steps: [shadow({ pairs: 9 }), canary(0.5), full],
  })
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e4, noNaN: true }), fc.integer({ min: 0, max: 1000 }), (rate, slow) => {
      const a = compose({ environment: env, traffic: traffic({ requestsPerSecond: rate }, slow) })
      expect(planHash(a.plan)).toBe(planHash(compose({ environment: env }).plan))
    }),
  )
})
