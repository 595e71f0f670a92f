import { describe, expect, it } from 'vitest'
import type { SlipwayError } from '../../src/errors.ts'
import { answers, gateKind } from '../../src/gates/index.ts'
import { formatPoints } from '../../src/gates/kind.ts'
import type { PlanGate, PlanStep } from '../../src/plan/types.ts'
import { examplePlan as plan } from '../plan/example.ts'

const gate = (name: string): PlanGate => plan.gates.find((g) => g.name === name)!
const sides = { candidate: 'v2', baseline: 'v1' }

describe('registry of gates', () => {
  it('refuses an unknown kind and lists the known ones', () => {
    for (const kind of ['vibes', 'constructor', '__proto__', 'toString'])
      try {
        gateKind(kind)
        expect.unreachable(kind)
      } catch (error) {
        expect((error as SlipwayError).code).toBe('CONFIG_INVALID')
        expect((error as SlipwayError).message).toMatch(/known are errors, latency, quality, agreement$/)
      }
  })

  it('says what each kind needs and counts', () => {
    const facts = plan.gates.map((g) => [g.name, gateKind(g.kind).counterSpec(g), gateKind(g.kind).needs(g)])
    const none = { answer: false, labels: false, set: null }
    expect(facts).toEqual([
      [
        'errors',
        {
          gate: 'errors',
          kind: 'errors',
          bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
          except: [401, 404, 429],
        },
        none,
      ],
      ['latency', { gate: 'latency', kind: 'latency', of: 'total', boundMs: 25.6 }, none],
      ['quality', null, { answer: true, labels: true, set: null }],
      ['quality-min', null, { answer: true, labels: true, set: null }],
      ['golden', null, { answer: true, labels: false, set: 'golden' }],
      ['agreement', null, { answer: true, labels: false, set: null }],
    ])
  })

  it('says which steps answer a gate', () => {
    const steps: (Pick<PlanStep, 'kind'> & { noise?: number })[] = [
      { kind: 'shadow', noise: 0.1 },
      { kind: 'shadow', noise: 0 },
      { kind: 'canary' },
      { kind: 'swap' },
      { kind: 'full' },
    ]
    const who = (name: string) => steps.map((step) => (answers(step, gate(name)) ? 'y' : 'n')).join('')
    expect(plan.gates.map((g) => `${g.name} ${who(g.name)}`)).toEqual([
      'errors yyyyy',
      'latency ynyyy',
      'quality yyyyy',
      'quality-min yyyyy',
      'golden nnnnn',
      'agreement ynnnn',
    ])
  })

  it('asks every question in words, with versions and margin', () => {
    for (const g of plan.gates) {
      const question = gateKind(g.kind).question(g, sides)
      expect(question).toMatch(/^[A-Z].*\?$/)
      expect(question).toContain('v2')
    }
    expect(gateKind('errors').question(gate('errors'), sides)).toContain('by more than 1pp')
    expect(gateKind('agreement').question({ ...gate('agreement'), margin: 0.05 }, sides)).toContain('5pp')
    expect(gateKind('latency').words(gate('latency'))).toMatchObject({
      detail: "share above 25.6 ms (the baseline's p95)",
      good: false,
    })
    expect(gateKind('quality').words(gate('golden'))).toMatchObject({ unit: 'lines', good: true })
  })

  it('writes margins as slipway.yaml does', () => {
    expect([0.01, 0.025, 0.1, 0.07].map(formatPoints)).toEqual(['1pp', '2.5pp', '10pp', '7pp'])
  })
})
