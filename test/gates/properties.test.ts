import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Block, Counts, Evidence } from '../../src/evidence/types.ts'
import { addCounts, faultOf, feed, type GateRule, NEW_GATE, verdictOf } from '../../src/gates/gate.ts'
import { accept, newJudge, peek } from '../../src/gates/judge.ts'
import { judgePlanOf } from '../../src/gates/judge-plan.ts'
import type { GateState, JudgeState } from '../../src/gates/types.ts'
import { demoSteps, errorsGate, labelsGate, labelsMinGate, latencyGate, planWith, setGate } from './plans.ts'

const small = fc.integer({ min: 0, max: 12 })
const armsBlock: fc.Arbitrary<Counts> = fc
  .tuple(small, small, small, small)
  .map(([xc, gc, xb, gb]) => ({ kind: 'arms', xc, nc: xc + 4 * gc, xb, nb: xb + 4 * gb }))
const pairsBlock: fc.Arbitrary<Counts> = fc
  .tuple(small, small, small, fc.integer({ min: 0, max: 80 }))
  .map(([x10, x01, x11, good]) => ({ kind: 'pairs', x10, x01, x11, n: x10 + x01 + x11 + good }))
const mildPairs: fc.Arbitrary<Counts> = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 40, max: 300 }))
  .map(([x10, x01, good]) => ({ kind: 'pairs', x10, x01, x11: 1, n: x10 + x01 + 1 + good }))
const mildArms: fc.Arbitrary<Counts> = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 40, max: 200 }), fc.integer({ min: 40, max: 200 }))
  .map(([xc, gc, gb]) => ({ kind: 'arms', xc, nc: xc + gc, xb: 1, nb: 1 + gb }))
/** What is no evidence, whatever it claims. */
const faultyBlock: fc.Arbitrary<Block> = fc.oneof(
  fc.constant({ error: 'source down' }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, null, '3', undefined, true).chain((bad) =>
    fc.constantFrom('xc', 'nc', 'xb', 'nb', 'xw').map((field) => {
      const block = { kind: 'arms', xc: 1, nc: 40, xb: 1, nb: 40, [field]: bad }
      return (field === 'xw' && bad === undefined ? { ...block, nc: Number.NaN } : block) as unknown as Block
    }),
  ),
  fc.constant<Block>({ kind: 'arms', xc: 41, nc: 40, xb: 0, nb: 40 }),
  fc.constant<Block>({ kind: 'pairs', x10: 5, x01: 5, x11: 5, n: 10 }),
  fc.constant<Block>({ kind: 'pairs', x10: -1, x01: 5, x11: 5, n: 100 }),
)

const NAMES = ['errors', 'latency', 'quality', 'quality min']
const PLAN = planWith(
  demoSteps(NAMES, 60),
  [errorsGate(0.05), { ...latencyGate(), decides: false }, labelsGate(0.1), labelsMinGate(0.6), setGate()],
  { horizonMs: 40_000 },
)
const JUDGE = judgePlanOf(PLAN)
const golden: Evidence = { gate: 'golden', step: -1, block: { kind: 'pairs', x10: 3, x01: 6, x11: 20, n: 500 } }

interface Look {
  readonly wait: number
  readonly evidence: Evidence[]
  readonly advanced: boolean
  readonly paused: boolean
  readonly accept: boolean
}
const piece: fc.Arbitrary<Evidence> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(golden) },
  {
    weight: 8,
    arbitrary: fc.record({
      gate: fc.constantFrom(...NAMES),
      step: fc.integer({ min: 0, max: 3 }),
      block: fc.oneof(
        { weight: 6, arbitrary: mildPairs },
        { weight: 6, arbitrary: mildArms },
        { weight: 1, arbitrary: armsBlock },
        { weight: 1, arbitrary: faultyBlock },
      ),
    }),
  },
)
const looks = fc.array(
  fc.record<Look>({
    wait: fc.integer({ min: 0, max: 6 }),
    evidence: fc.array(piece, { maxLength: 6 }),
    advanced: fc.boolean(),
    paused: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    accept: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  }),
  { minLength: 4, maxLength: 40 },
)

function frozen<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}
const written = <T>(value: T): T => JSON.parse(JSON.stringify(value))

/** Plays looks; `between` sees every state. Actions and the last state. */
function play(sequence: readonly Look[], between: (state: JudgeState) => JudgeState) {
  let state = between(newJudge(JUDGE))
  let t = 0
  const actions: string[] = []
  for (const look of sequence) {
    t += look.wait
    const { advanced, paused } = look
    const looked = peek(JUDGE, state, t, look.evidence, { advanced, paused })
    state = between(looked.state)
    actions.push(looked.action)
    const taken = look.accept ? accept(JUDGE, state, t) : 'refused'
    if (taken !== 'refused') state = between(taken.state)
  }
  return { state, actions }
}

describe('a release', () => {
  test('the written state at any look goes on as the state itself', () => {
    fc.assert(
      fc.property(looks, (sequence) => {
        const straight = play(sequence, (state) => state)
        const again = play(sequence, written)
        expect(again.actions).toEqual(straight.actions)
        expect(again.state).toEqual(written(straight.state))
      }),
      { numRuns: 300 },
    )
  })
  test('no look changes what it was given', () => {
    fc.assert(
      fc.property(looks, (sequence) => void play(frozen(sequence) as readonly Look[], frozen)),
      { numRuns: 200 },
    )
  })
  test('the order of gates within a look does not matter', () => {
    fc.assert(
      fc.property(looks, (sequence) => {
        const byGate = (look: Look): Look => ({
          ...look,
          evidence: look.evidence.toSorted((a, b) => b.gate.localeCompare(a.gate)),
        })
        expect(play(sequence.map(byGate), (state) => state)).toEqual(play(sequence, (state) => state))
      }),
      { numRuns: 200 },
    )
  })
  test('random looks reach every end', () => {
    const ends = new Set<string>()
    const sample = fc.sample(looks, { numRuns: 1500, seed: 7 })
    for (const sequence of sample) for (const action of play(sequence, (state) => state).actions) ends.add(action)
    expect([...ends].sort()).toEqual(['done', 'full', 'hold', 'next', 'rollback', 'stay'])
  })
  test('steps are entered in order, and no further than evidence or a person takes them', () => {
    fc.assert(
      fc.property(looks, (sequence) => {
        let before = newJudge(JUDGE)
        play(sequence, (state) => {
          expect(state.step - before.step).toBeGreaterThanOrEqual(0)
          expect(state.step - before.step).toBeLessThanOrEqual(1)
          const entersFull = before.watch === null && state.watch !== null
          if (entersFull)
            for (const name of JUDGE.deciding)
              expect(state.accepted.includes(name) || verdictOf(state.gates[name]!) === 'pass').toBe(true)
          if (before.outcome) expect(state.outcome).toBe(before.outcome)
          before = state
          return state
        })
      }),
      { numRuns: 300 },
    )
  })
  test('faults and silence never promote and never blame', () => {
    const silent = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 0, max: 3 }), faultyBlock), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(silent, (faults) => {
        let state = peek(JUDGE, newJudge(JUDGE), 0, [golden]).state
        expect(state.step).toBe(0)
        faults.forEach(([gate, step, block], i) => {
          const looked = peek(JUDGE, state, 3 * i, [{ gate, step, block }], { advanced: true })
          expect(['stay', 'hold']).toContain(looked.action)
          state = looked.state
          expect([state.step, state.outcome, state.blame]).toEqual([0, null, null])
          expect(verdictOf(state.gates[gate]!)).toBe('error')
        })
      }),
    )
  })
})

const rule: GateRule = { delta: 0.03, r: 1, phi: 1, horizon: 60 }
const feedAll = (blocks: readonly Block[], t = 5, of: GateRule = rule): GateState =>
  blocks.reduce<GateState>((state, block) => feed(of, state, t, '0', block), NEW_GATE)
const near = (got: readonly number[], expected: readonly number[]): void =>
  got.forEach((value, i) => void expect(value).toBeCloseTo(expected[i]!, 8))

describe('the evidence of one gate', () => {
  test('a fault changes no number and no verdict but `error`, until the next good block', () => {
    fc.assert(
      fc.property(fc.array(pairsBlock, { maxLength: 5 }), faultyBlock, pairsBlock, (blocks, fault, good) => {
        fc.pre(good.kind === 'pairs' && good.n > 0)
        const before = feedAll(blocks)
        const broken = feed(rule, before, 6, '0', fault)
        expect(broken).toEqual({ ...before, error: faultOf(fault) })
        expect(verdictOf(broken)).toBe('error')
        expect(feed(rule, broken, 7, '0', good)).toEqual(feed(rule, before, 7, '0', good))
      }),
    )
  })
  test('rounded sums of scores are no fault', () => {
    const tenth = Array.from({ length: 10 }, () => 0.7).reduce((sum, x) => sum + x, 0)
    expect(faultOf({ kind: 'pairs', x10: tenth, x01: 0, x11: 10 - tenth + 1e-15, n: 10 })).toBeNull()
    expect(faultOf({ kind: 'arms', xc: 10.000000000000002, nc: 10, xb: 0, nb: 1 })).toBeNull()
  })
  test('pairs seen at one time: split, merged or in another order, they say the same', () => {
    fc.assert(
      fc.property(fc.array(pairsBlock, { minLength: 1, maxLength: 6 }), (blocks) => {
        const apart = feedAll(blocks)
        const merged = feedAll([blocks.reduce(addCounts)])
        const turned = feedAll(blocks.toReversed())
        for (const other of [merged, turned]) {
          near(other.M, apart.M)
          near(other.LP, apart.LP)
          expect(other.strata).toEqual(apart.strata)
        }
      }),
    )
  })
  test('arms: counts of a step add up however they come, and wait until both arms have a request', () => {
    fc.assert(
      fc.property(fc.array(armsBlock, { minLength: 1, maxLength: 8 }), (blocks) => {
        const { strata, pending } = feedAll(blocks)
        const parts = [strata['0/arms'], pending['0/arms']].filter((counts) => counts !== undefined)
        expect(parts.reduce(addCounts)).toEqual(blocks.reduce(addCounts))
        const counted = strata['0/arms']
        if (counted?.kind === 'arms') expect(Math.min(counted.nc, counted.nb)).toBeGreaterThan(0)
      }),
    )
  })
  test('a fixed objective needs the candidate only', () => {
    const state = feedAll([{ kind: 'arms', xc: 1, nc: 30, xb: 0, nb: 0 }], 5, { ...rule, r: 0 })
    expect(state.strata).toHaveProperty(['0/arms'])
    expect(feedAll([{ kind: 'arms', xc: 1, nc: 30, xb: 0, nb: 0 }]).strata).toEqual({})
  })
  test('bursts: phi divides the evidence', () => {
    const block: Counts = { kind: 'pairs', x10: 9, x01: 3, x11: 1, n: 100 }
    const [plain, wide] = [feedAll([block]), feedAll([block], 5, { ...rule, phi: 2 })]
    near(
      wide.LP,
      plain.LP.map((sum) => sum / 2),
    )
  })
})
