import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { planDiff } from '../../src/plan/diff.ts'
import { planHash } from '../../src/plan/hash.ts'
import { sameIntent } from '../../src/plan/intent.ts'
import { parsePlan } from '../../src/plan/parse.ts'
import { sequenceFault } from '../../src/plan/steps.ts'
import { examplePlan as plan } from './example.ts'

function refusal(text: string): SlipwayError {
  try {
    parsePlan(text, 'p.json')
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error('taken')
}
const pointers = (change: object) => refusal(JSON.stringify({ ...plan, ...change })).where.map((w) => w.pointer)

describe('planHash', () => {
  it('is SHA-256 of the text with sorted keys, whatever order they are written in', () => {
    expect(planHash(plan)).toMatch(/^[0-9a-f]{64}$/)
    const turned = Object.fromEntries(Object.entries(plan).reverse()) as unknown as typeof plan
    expect(planHash(turned)).toBe(planHash(plan))
    const least = { b: 1, a: 'x' } as unknown as typeof plan
    expect(planHash(least)).toBe(createHash('sha256').update('{"a":"x","b":1}').digest('hex'))
  })
  it('survives a file and changes with every change', () => {
    expect(planHash(parsePlan(JSON.stringify(plan, null, 2), 'p.json'))).toBe(planHash(plan))
    expect(planHash({ ...plan, horizonMs: plan.horizonMs + 1 })).not.toBe(planHash(plan))
  })
})

describe('parsePlan', () => {
  it('refuses what is no JSON or too long', () => {
    expect(refusal('{').code).toBe('PLAN_INVALID')
    expect(refusal('{').exit).toBe(2)
    expect(refusal(`"${'x'.repeat(1_000_001)}"`).message).toContain('longer than 1 MB')
  })
  it.each([
    ['an unknown key', { extra: 1 }, ''],
    ['another schema', { schema: 'slipway.dev/plan/v2' }, '/schema'],
    ['a foreign salt', { salt: '0'.repeat(16) }, '/salt'],
    ['a short digest', { candidate: { digest: 'sha256:1', tag: null } }, '/candidate/digest'],
    ['an unknown gate kind', { gates: [{ ...plan.gates[0], kind: 'vibes' }] }, '/gates/0/kind'],
    ['two gates of one name', { gates: [...plan.gates, plan.gates[0]] }, '/gates/6/name'],
    ['a set that is not there', { sets: [] }, '/gates/4/source'],
    ['steps in a wrong order', { steps: [...plan.steps].reverse() }, '/steps/0'],
    ['a step with an unknown gate', { steps: [{ ...plan.steps[1], gates: ['x'] }, plan.steps[3]] }, '/steps/0'],
    ['full alone beside a baseline', { steps: [plan.steps[3]] }, '/steps'],
    ['a share above 1', { alpha: 1.5 }, '/alpha'],
  ])('refuses %s and says where', (_, change, pointer) => {
    expect(pointers(change)).toEqual([pointer])
  })
  it('names all places at once in the error and shows no control character', () => {
    const error = refusal(JSON.stringify({ ...plan, alpha: 7, horizonMs: -1, '\u001b[2J': 1 }))
    expect(error.where).toHaveLength(3)
    expect(error.message).toContain('(and 2 more)')
    expect(error.message).not.toContain('\u001b')
  })
})

describe('sequenceFault', () => {
  const c = (weight: number) => ({ kind: 'canary', weight }) as const
  const [shadow, swap, full] = [{ kind: 'shadow' }, { kind: 'swap' }, { kind: 'full' }] as const
  it.each([
    [[full]],
    [[swap]],
    [[shadow, full]],
    [[c(0.05), full]],
    [[shadow, c(0.05), c(0.25), c(0.999), full]],
    [[{ kind: 'canary', weightPpm: 1 }, { kind: 'canary', weightPpm: 2 }, full] as const],
  ])('takes %j', (steps) => {
    expect(sequenceFault(steps)).toBeNull()
  })
  it.each([
    [[], 0],
    [[swap, full], 0],
    [[shadow, swap], 1],
    [[swap, swap], 0],
    [[c(0.05), shadow, full], 1],
    [[shadow, shadow, full], 1],
    [[c(0.25), c(0.05), full], 1],
    [[c(0.05), c(0.05), full], 1],
    [[c(0), full], 0],
    [[c(1), full], 0],
    [[c(Number.NaN), full], 0],
    [[full, c(0.5)], 0],
    [[full, full], 0],
    [[shadow], 0],
    [[shadow, c(0.5)], 1],
  ])('refuses %j at %i', (steps, index) => {
    expect(sequenceFault(steps)?.index).toBe(index)
  })
  it('takes exactly the sequences of the rule', () => {
    const any = fc.array(
      fc.oneof(
        fc.constantFrom(shadow, swap, full),
        fc.integer({ min: 0, max: 4 }).map((k) => c(k / 4)),
      ),
      {
        maxLength: 5,
      },
    )
    fc.assert(
      fc.property(any, (steps) => {
        const text = steps.map((s) => (s.kind === 'canary' ? String(s.weight * 4) : s.kind[0])).join('')
        // s = shadow or swap is told apart below; weights 1 to 3 rising are the only ones between 0 % and 100 %.
        const rule = /^(s?1?2?3?f)$/.test(text) && steps.every((s) => s.kind !== 'swap')
        const alone = steps.length === 1 && steps[0]!.kind === 'swap'
        expect(sequenceFault(steps) === null).toBe(rule || alone)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('planDiff', () => {
  it('is empty for equal plans and names places by what people call them', () => {
    expect(planDiff(plan, structuredClone(plan))).toEqual([])
    const gates = plan.gates.map((gate) => (gate.name === 'errors' ? { ...gate, margin: 0.02 } : gate))
    const steps = plan.steps.map((step, i) => (i === 2 ? { ...step, weightPpm: 500_000 } : step)) as typeof plan.steps
    expect(planDiff(plan, { ...plan, gates, steps })).toEqual([
      { what: 'steps.canary 2.weightPpm', before: '250000', after: '500000' },
      { what: 'gates.errors.margin', before: '0.01', after: '0.02' },
    ])
  })
  it('shows an added gate as such and not as a change of all after it', () => {
    const changes = planDiff({ ...plan, gates: plan.gates.slice(1) }, plan)
    const places = new Set(changes.map((change) => change.what.split('.').slice(0, 2).join('.')))
    expect([...places]).toEqual(['order.gates', 'gates.errors'])
    expect(changes.find((change) => change.what === 'gates.errors.margin')).toMatchObject({
      before: '-',
      after: '0.01',
    })
  })
  it('finds exactly what the hash finds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (a, b) => {
        const [p, q] = [
          { ...plan, horizonMs: a },
          { ...plan, horizonMs: b },
        ]
        expect(planDiff(p, q).length === 0).toBe(planHash(p) === planHash(q))
      }),
    )
  })
})

describe('sameIntent', () => {
  const gate = (name: string, change: object) => ({
    ...plan,
    gates: plan.gates.map((g) => (g.name === name ? { ...g, ...change } : g)) as typeof plan.gates,
  })
  const shadow = (change: object) => ({
    ...plan,
    steps: [{ ...plan.steps[0]!, ...change }, ...plan.steps.slice(1)] as typeof plan.steps,
  })
  it('looks past what the traffic of the day made of it', () => {
    const pairs = { errors: 1, latency: 2, quality: 3, agreement: 4 }
    for (const other of [
      gate('latency', { boundMs: 12.8 }),
      shadow({ pairs }),
      { ...plan, history: { errors: { bad: 1, total: 9 } } },
    ]) {
      expect(planHash(other)).not.toBe(planHash(plan))
      expect(sameIntent(plan, other)).toBe(true)
    }
  })
  it('sees what a person changed', () => {
    const others = [
      gate('latency', { above: 'p90' }),
      gate('errors', { margin: 0.02 }),
      shadow({ noise: 0.5 }),
      shadow({ pairs: { errors: 500 } }),
      { ...plan, horizonMs: 1 },
    ]
    for (const other of others) expect(sameIntent(plan, other)).toBe(false)
    // A bound that a person wrote as a duration is intent.
    expect(sameIntent(gate('latency', { above: '25.6ms' }), gate('latency', { above: '25.6ms', boundMs: 12.8 }))).toBe(
      false,
    )
  })
})
