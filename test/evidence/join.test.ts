import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { armsOf, pairsOf } from '../../src/evidence/blocks.ts'
import { scoresOf } from '../../src/evidence/evaluators/index.ts'
import { agreementQuestion, type LabelledAnswer, labelQuestion } from '../../src/evidence/join.ts'
import { type LabelShare, sharesFault } from '../../src/evidence/shares.ts'
import type { AnswerRecord } from '../../src/evidence/types.ts'
import type { PlanGate } from '../../src/plan/types.ts'
import { examplePlan as plan } from '../plan/example.ts'

type Quality = Extract<PlanGate, { kind: 'quality' }>
type Agreement = Extract<PlanGate, { kind: 'agreement' }>
const quality = plan.gates.find((g) => g.name === 'quality') as Quality
const agreement = plan.gates.find((g) => g.name === 'agreement') as Agreement
const [SHADOW, CANARY, FULL] = [0, 1, 3]

let next = 0
const answer = (step: number, more: Partial<AnswerRecord> = {}): AnswerRecord => ({
  id: `r${next++}`,
  at: 1000,
  step,
  arm: 'baseline',
  digest: 'sha256:b',
  user: 7,
  ...more,
})
const labelled = (a: AnswerRecord, label: unknown = 7, labelledAt = 2000): LabelledAnswer => ({
  answer: a,
  label,
  labelledAt,
})
const evidence = (rows: LabelledAnswer[], gate: Quality = quality, shares: LabelShare[] = []) => {
  const question = labelQuestion(plan, gate, rows, shares)
  return question.read(scoresOf(question.evaluator, question.items)!).evidence
}
const both = (step: number, block: object) => [
  { gate: 'quality', step, block },
  { gate: 'quality-min', step, block },
]
const pairs = (x10: number, x01: number, x11: number, n: number) => ({ kind: 'pairs', x10, x01, x11, n })
const arms = (xc: number, nc: number, xb: number, nb: number) => ({ kind: 'arms', xc, nc, xb, nb })

describe('labels', () => {
  it('pair the user’s answer with the candidate’s copy in shadow', () => {
    const rows = [
      labelled(answer(SHADOW, { user: 7, candidateCopy: 7 })),
      labelled(answer(SHADOW, { user: 7, candidateCopy: 8 })),
      labelled(answer(SHADOW, { user: 8, candidateCopy: 7 })),
      labelled(answer(SHADOW, { user: 8, candidateCopy: 9 })),
      labelled(answer(SHADOW, { user: 7 })),
      labelled(answer(SHADOW, { user: undefined, candidateCopy: 7 })),
    ]
    expect(evidence(rows)).toEqual(both(SHADOW, pairs(1, 1, 1, 4)))
  })

  it('count for the arm that answered in a canary, and for the candidate alone in the watch', () => {
    const rows = [
      labelled(answer(CANARY, { user: 8 })),
      labelled(answer(CANARY)),
      labelled(answer(CANARY, { arm: 'candidate', user: 8 })),
      labelled(answer(FULL, { arm: 'candidate' })),
      labelled(answer(FULL, { arm: 'candidate', user: 8 })),
      labelled(answer(FULL)),
    ]
    expect(evidence(rows)).toEqual([...both(CANARY, arms(1, 1, 1, 2)), ...both(FULL, arms(1, 2, 0, 0))])
  })

  it('belong to the step that answered', () => {
    const rows = [labelled(answer(CANARY)), labelled(answer(SHADOW, { candidateCopy: 7 })), labelled(answer(2))]
    expect(evidence(rows).map((e) => e.step)).toEqual([1, 1, 0, 0, 2, 2])
  })

  it('do not count in the warm-up, too late, a second time, or where the evaluator cannot use them', () => {
    const once = answer(CANARY, { user: 8 })
    const rows = [
      labelled(answer(CANARY, { arm: 'candidate', warmup: true })),
      labelled(answer(CANARY), 7, 1000 + plan.labels.arriveMs + 1),
      labelled(once, 7),
      labelled(once, 8),
    ]
    expect(evidence(rows)).toEqual(both(CANARY, arms(0, 0, 1, 1)))
    expect(evidence([labelled(answer(CANARY), 7, 1000 + plan.labels.arriveMs)])).toHaveLength(2)
    const numeric: Quality = { ...quality, evaluator: { kind: 'numeric', tolerance: 1 } }
    expect(evidence([labelled(answer(CANARY), 'cat'), labelled(answer(CANARY), 6)], numeric)).toEqual(
      both(CANARY, arms(0, 0, 0, 1)),
    )
    expect(evidence([labelled(answer(99))])).toEqual([])
  })

  it('count by score: shares of bad answers', () => {
    const question = labelQuestion(plan, quality, [labelled(answer(SHADOW, { candidateCopy: 1 }))], [])
    expect(question.items.map((i) => [i.answer, i.expect])).toEqual([
      [1, 7],
      [7, 7],
    ])
    const [{ block }] = question.read([0.25, 0.9]).evidence as unknown as [
      { block: { x10: number; x01: number; x11: number } },
    ]
    expect([block.x10, block.x01, block.x11].map((x) => Number(x.toFixed(6)))).toEqual([0.675, 0.025, 0.075])
  })

  it('bring no block but an unsure fault where the arms are not labelled alike', () => {
    const rows = [labelled(answer(CANARY)), labelled(answer(SHADOW, { candidateCopy: 7 }))]
    const shares = [
      { step: CANARY, arm: 'baseline', answers: 1000, labelled: 900 },
      { step: CANARY, arm: 'candidate', answers: 1000, labelled: 700 },
    ]
    const [first, , third] = evidence(rows, quality, shares)
    const error = expect.stringContaining('70 % of the candidate')
    expect(first!.block).toEqual({ error, unsure: true, counts: arms(0, 0, 0, 1) })
    expect(third!.block).toEqual(pairs(0, 0, 0, 1))
  })

  it('ask nothing twice: ids are unique in a question', () => {
    const rows = Array.from({ length: 20 }, () => labelled(answer(SHADOW, { candidateCopy: 1 })))
    const { items } = labelQuestion(plan, quality, rows, [])
    expect(new Set(items.map((i) => i.id)).size).toBe(40)
  })
})

describe('sharesFault', () => {
  const step = (step: number, nb: number, lb: number, nc: number, lc: number): LabelShare[] => [
    { step, arm: 'baseline', answers: nb, labelled: lb },
    { step, arm: 'candidate', answers: nc, labelled: lc },
  ]
  it.each([
    ['nothing', [], false],
    ['no labels at all', step(1, 1000, 0, 1000, 0), false],
    ['all labelled', step(1, 1000, 1000, 1000, 1000), false],
    ['equal shares', step(1, 9500, 1900, 500, 100), false],
    ['a difference that chance makes', step(1, 9500, 1900, 500, 120), false],
    ['a candidate labelled less', step(1, 9500, 1900, 500, 40), true],
    ['a candidate labelled more', step(1, 9500, 1900, 500, 180), true],
    ['too few answers to say', step(1, 9500, 1900, 19, 19), false],
    ['one arm alone', step(1, 0, 0, 500, 100), false],
    [
      'shares that differ only between steps',
      [...step(1, 9500, 9500, 500, 500), ...step(2, 500, 50, 9500, 950)],
      false,
    ],
    ['a little in each of two steps', [...step(1, 1000, 900, 1000, 845), ...step(2, 1000, 900, 1000, 845)], true],
    ['the same in one of them', step(1, 1000, 900, 1000, 845), false],
  ])('%s', (_, shares, differ) => {
    expect(sharesFault(shares) !== null).toBe(differ)
  })

  it('is hardly ever crossed by chance, looked at after every answer', () => {
    // Lehmer's generator: the same answers on every run.
    let seed = 7
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    let crossed = 0
    for (let run = 0; run < 60; run++) {
      const count = { baseline: [0, 0], candidate: [0, 0] }
      for (let i = 0; i < 1500; i++) {
        const arm = random() < 0.25 ? count.candidate : count.baseline
        arm[0]!++
        if (random() < 0.4) arm[1]!++
        const { baseline: b, candidate: c } = count
        if (sharesFault(step(1, b[0]!, b[1]!, c[0]!, c[1]!)) === null) continue
        crossed++
        break
      }
    }
    expect(crossed).toBe(0)
  })
})

describe('agreement', () => {
  const ask = (answers: AnswerRecord[], noise = { bad: 0, pairs: 0 }) => {
    const question = agreementQuestion(plan, agreement, answers, noise)
    return question.read(scoresOf(question.evaluator, question.items)!)
  }
  const copies = (user: unknown, baselineCopy: unknown, candidateCopy: unknown) =>
    answer(SHADOW, { user, baselineCopy, candidateCopy })

  it('compares the copies with each other, and the baseline’s with its own answer', () => {
    const answers = [
      copies(1, 1, 1),
      copies(1, 1, 2),
      copies(1, 2, 2),
      copies(1, 2, 3),
      answer(SHADOW, { candidateCopy: 1 }),
      answer(CANARY, { candidateCopy: 1, baselineCopy: 1 }),
    ]
    expect(ask(answers)).toEqual({
      evidence: [{ gate: 'agreement', step: SHADOW, block: pairs(1, 1, 1, 4) }],
      noise: { bad: 2, pairs: 4 },
    })
  })

  it('leaves out the warm-up and brings nothing from nothing', () => {
    expect(ask([{ ...copies(1, 1, 2), warmup: true }], { bad: 1, pairs: 2 })).toEqual({
      evidence: [],
      noise: { bad: 1, pairs: 2 },
    })
  })

  it('is unsure where the baseline differs from itself in more than half of all pairs', () => {
    const block = (bad: number, pairs: number) => ask([copies(1, 2, 2)], { bad, pairs }).evidence[0]!.block
    expect(block(10, 20)).toMatchObject({ unsure: true, error: expect.stringContaining('52 %') })
    expect(block(9, 20)).toMatchObject({ n: 1 })
    expect(block(5, 5)).toMatchObject({ n: 1 })
  })
})

describe('blocks', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  it('of scores keep the marginals of both versions', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(share, share), { maxLength: 50 }), (bad) => {
        const { x10, x01, x11, n } = pairsOf(bad)
        const { xc, nc, xb, nb } = armsOf(
          bad.map(([c]) => c),
          bad.map(([, b]) => b),
        )
        expect(x10 + x11).toBeCloseTo(xc, 9)
        expect(x01 + x11).toBeCloseTo(xb, 9)
        expect([n, n]).toEqual([nc, nb])
        expect(x10 + x01 + x11).toBeLessThanOrEqual(n + 1e-9)
      }),
    )
  })
})
