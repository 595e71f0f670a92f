import { describe, expect, test } from 'vitest'
import type { Block, Counts, Evidence } from '../../src/evidence/types.ts'
import { judgeSet } from '../../src/gates/golden.ts'
import { accept, type Looked, newJudge, peek } from '../../src/gates/judge.ts'
import { judgePlanOf } from '../../src/gates/judge-plan.ts'
import { verdicts } from '../../src/gates/standing.ts'
import { watchBound } from '../../src/gates/stats/intervals.ts'
import { onceFails } from '../../src/gates/stats/once.ts'
import type { JudgeState } from '../../src/gates/types.ts'
import type { PlanStep, ReleasePlan } from '../../src/plan/types.ts'
import { demoSteps, errorsGate, labelsGate, labelsMinGate, latencyGate, planWith, setGate } from './plans.ts'

const pairs = (x10: number, x01: number, x11: number, n: number): Block => ({ kind: 'pairs', x10, x01, x11, n })
const arms = (xc: number, nc: number, xb: number, nb: number): Block => ({ kind: 'arms', xc, nc, xb, nb })
const one = (gate: string, step: number, block: Block): Evidence[] => [{ gate, step, block }]

/** Looks one after the other; each row: time, evidence, options. The last look. */
function play(
  plan: ReleasePlan,
  rows: readonly [t: number, evidence: readonly Evidence[], options?: { advanced?: boolean; paused?: boolean }][],
  from: JudgeState = newJudge(judgePlanOf(plan)),
): Looked {
  let looked: Looked = { state: from, action: 'stay' }
  for (const [t, evidence, options = {}] of rows) looked = peek(judgePlanOf(plan), looked.state, t, evidence, options)
  return looked
}

const canaryOnly: PlanStep[] = [
  { kind: 'canary', weightPpm: 500_000, forMs: 10_000, gates: ['errors'] },
  { kind: 'full', watchMs: 20_000, keepWarmMs: 0, gates: ['errors'] },
]
const clean = arms(0, 1000, 0, 1000)

describe('advance by a person', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  test('ends the minimum time of a canary', () => {
    expect(play(plan, [[1, one('errors', 0, clean)]]).action).toBe('stay')
    expect(play(plan, [[1, one('errors', 0, clean), { advanced: true }]]).action).toBe('full')
  })
  test('does not spare the pass before full', () => {
    const { action, state } = play(plan, [[1, one('errors', 0, arms(0, 50, 0, 50)), { advanced: true }]])
    expect([action, state.step]).toEqual(['stay', 0])
  })
  test('does not spare the pairs of shadow', () => {
    const steps = demoSteps(['errors'], 100)
    const shadow = planWith([{ ...steps[0]!, forMs: 60_000 } as PlanStep, ...steps.slice(1)], [errorsGate()])
    expect(play(shadow, [[1, one('errors', 0, pairs(0, 0, 0, 99)), { advanced: true }]]).action).toBe('stay')
    expect(play(shadow, [[1, one('errors', 0, pairs(0, 0, 0, 100)), { advanced: true }]]).action).toBe('next')
  })
  test('ends the watch, but an alarm comes first', () => {
    const full = play(plan, [[10, one('errors', 0, clean)]])
    expect(full.action).toBe('full')
    expect(play(plan, [[11, one('errors', 1, arms(0, 50, 0, 0))]], full.state).action).toBe('stay')
    expect(play(plan, [[11, [], { advanced: true }]], full.state).action).toBe('done')
    const bad = one('errors', 1, arms(90, 100, 0, 0))
    const alarmed = play(plan, [[11, bad, { advanced: true }]], full.state)
    expect([alarmed.action, alarmed.state.blame]).toEqual(['rollback', 'errors'])
  })
})

describe('paused', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  test('evidence goes on, no step ends', () => {
    const { state, action } = play(plan, [[10, one('errors', 0, clean), { paused: true }]])
    expect([action, state.step, verdicts(judgePlanOf(plan), state)]).toEqual(['stay', 0, { errors: 'pass' }])
    expect(play(plan, [[10, []]], state).action).toBe('full')
  })
  test('a failure takes back', () => {
    expect(play(plan, [[5, one('errors', 0, arms(60, 100, 0, 100)), { paused: true }]]).action).toBe('rollback')
  })
  test('the once-only test waits for the end of the pause', () => {
    const paused = play(plan, [[90, one('errors', 0, arms(8, 200, 0, 200)), { paused: true }]])
    expect([paused.action, paused.state.judged]).toEqual(['stay', false])
    expect(play(plan, [[90, []]], paused.state).state.judged).toBe(true)
  })
  test('the watch does not end, its alarm stays armed', () => {
    const full = play(plan, [[10, one('errors', 0, clean)]]).state
    expect(play(plan, [[40, [], { paused: true }]], full).action).toBe('stay')
    expect(play(plan, [[40, one('errors', 1, arms(90, 100, 0, 0)), { paused: true }]], full).action).toBe('rollback')
  })
})

describe('evidence that must not decide', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  const unsure = one('errors', 0, { error: 'the arms have unlike shares of labels', unsure: true })
  test('is inconclusive, not an error, and holds a pass back', () => {
    const { state, action } = play(plan, [
      [9, one('errors', 0, clean)],
      [10, unsure],
    ])
    expect([action, verdicts(judgePlanOf(plan), state)]).toEqual(['stay', { errors: 'inconclusive' }])
    expect(play(plan, [[11, one('errors', 0, clean)]], state).action).toBe('full')
  })
  test('a person may take it on, an error not', () => {
    const rows = (last: Evidence[]) =>
      play(plan, [
        [9, one('errors', 0, clean)],
        [90, last],
      ])
    const held = rows(unsure)
    expect(held.action).toBe('hold')
    expect(accept(judgePlanOf(plan), held.state, 91)).toMatchObject({ action: 'full' })
    const broken = rows(one('errors', 0, { error: 'source down' }))
    expect(broken.action).toBe('hold')
    expect(accept(judgePlanOf(plan), broken.state, 91)).toBe('refused')
  })
  test('does not fail at the horizon', () => {
    const bad = one('errors', 0, arms(13, 200, 0, 200))
    const rows = (last: readonly Evidence[]) =>
      play(plan, [
        [60, bad],
        [90, last],
      ]).action
    expect(rows([])).toBe('rollback')
    expect(rows(unsure)).toBe('hold')
  })
})

test('what waits is not left out at the horizon because counts of another step came', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  const counts: Counts = { kind: 'arms', xc: 0, nc: 9, xb: 0, nb: 9 }
  const waits = one('errors', 0, { error: 'unlike', unsure: true, counts })
  const down = one('errors', 0, { error: 'down' })
  for (const worse of [0, 13]) {
    const { state, action } = play(plan, [
      [59, waits],
      [90, one('errors', 1, pairs(worse, 0, 0, 200))],
    ])
    expect([action, state.gates.errors!.passed]).toEqual(['hold', false])
  }
  const broken = play(plan, [
    [59, waits],
    [60, one('errors', 1, pairs(13, 0, 0, 200))],
    [90, down],
  ])
  expect(broken.action).toBe('hold')
})

describe('doubt and evidence of the own step', () => {
  const gates = [errorsGate(), labelsGate()]
  const steps: PlanStep[] = [{ kind: 'canary', weightPpm: 250_000, forMs: 5_000, gates: ['errors'] }, ...canaryOnly]
  test('a gate that passed and then came in doubt holds at the horizon', () => {
    const late = planWith(canaryOnly, [errorsGate()])
    const passed = play(late, [[9, one('errors', 0, clean), { paused: true }]])
    expect(verdicts(judgePlanOf(late), passed.state)).toEqual({ errors: 'pass' })
    const { state, action } = play(late, [[90, one('errors', 0, arms(8, 100, 0, 100))]], passed.state)
    expect([action, state.gates.errors?.passed, verdicts(judgePlanOf(late), state)]).toEqual([
      'hold',
      true,
      { errors: 'doubt' },
    ])
  })
  test('each canary needs evidence answered in it', () => {
    const first = play(planWith(steps, gates), [[5, one('errors', 0, clean)]])
    expect(first.action).toBe('next')
    const without = play(planWith(steps, [errorsGate()]), [[5, one('errors', 0, clean)]])
    expect(play(planWith(steps, [errorsGate()]), [[16, one('errors', 0, clean)]], without.state).action).toBe('stay')
    expect(play(planWith(steps, [errorsGate()]), [[16, one('errors', 1, clean)]], without.state).action).toBe('full')
  })
  test('a set taken on in doubt does not hold the steps', () => {
    const plan = planWith(canaryOnly, [errorsGate(), setGate()])
    const held = play(plan, [[0, one('golden', -1, pairs(11, 2, 5, 100))]])
    expect([held.action, verdicts(judgePlanOf(plan), held.state).golden]).toEqual(['hold', 'doubt'])
    const taken = accept(judgePlanOf(plan), held.state, 0)
    if (taken === 'refused') throw new Error(taken)
    expect(play(plan, [[10, one('errors', 0, clean)]], taken.state).action).toBe('full')
  })
})

test('a set fails only where the exact test agrees: scores are rounded against a failure', () => {
  const rule = { delta: 0, r: 1, phi: 1, horizon: 1 }
  const block = { kind: 'pairs', x10: 14.9, x01: 3.1, x11: 0, n: 60 } as const
  const result = judgeSet(rule, block, 0.05, 2, null)
  expect(onceFails([block], 1, 0, 1, 0.0125)).toBe(true)
  expect(result.mcnemarP).toBeGreaterThan(0.0125)
  expect(result.verdict).toBe('inconclusive')
})

test('counts of a gate that the plan does not have change nothing', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  const before = newJudge(judgePlanOf(plan))
  for (const name of ['nobody', 'constructor', '__proto__'])
    expect(play(plan, [[1, one(name, 0, clean)]]).state).toEqual(before)
})

test('accept is refused unless held', () => {
  const plan = judgePlanOf(planWith(canaryOnly, [errorsGate()]))
  expect(accept(plan, newJudge(plan), 1)).toBe('refused')
})

test('after the end nothing changes', () => {
  const plan = planWith(canaryOnly, [errorsGate()])
  const over = play(plan, [[5, one('errors', 0, arms(60, 100, 0, 100))]])
  expect(over.action).toBe('rollback')
  const later = peek(judgePlanOf(plan), over.state, 50, one('errors', 0, clean))
  expect(later.action).toBe('rollback')
  expect(later.state).toBe(over.state)
})

describe('the bound of the watch', () => {
  const gates = [errorsGate(0.02)]
  test('leaves 4xx of the baseline out where they were counted apart', () => {
    const counts: Block = { kind: 'arms', xc: 100, nc: 2000, xb: 100, nb: 2000, xw: 4 }
    const { state } = play(planWith(canaryOnly, gates, { horizonMs: 10_000 }), [[10, one('errors', 0, counts)]])
    expect(state.watch?.bounds).toEqual({ errors: watchBound(4, 2000, 1, 0.02) })
  })
  test('sums what was counted apart with what was not', () => {
    const rows: [number, Evidence[]][] = [
      [5, one('errors', 0, arms(0, 1000, 3, 1000))],
      [10, one('errors', 0, { kind: 'arms', xc: 0, nc: 1000, xb: 9, nb: 1000, xw: 1 })],
    ]
    expect(play(planWith(canaryOnly, gates), rows).state.watch?.bounds).toEqual({
      errors: watchBound(4, 2000, 1, 0.02),
    })
  })
  test('no gate is watched whose baseline was not seen', () => {
    const plan = planWith(canaryOnly, [{ ...errorsGate(), decides: false }])
    expect(play(plan, [[10, []]]).state.watch).toEqual({ bounds: {}, gates: {} })
  })
})

describe('swap', () => {
  const swap: PlanStep[] = [{ kind: 'swap', waitMs: 0, watchMs: 30_000, gates: ['errors', 'latency'] }]
  const history = { errors: { bad: 5, total: 1000 }, latency: { bad: 0, total: 0 } }
  const plan = planWith(swap, [errorsGate(), latencyGate(), setGate(0.03, 0.9)], { history })
  const answered = one('golden', -1, pairs(4, 6, 20, 400))
  test('asks the sets, then watches against what the baseline showed before', () => {
    expect(play(plan, [[0, []]]).action).toBe('stay')
    const { state, action } = play(plan, [[0, answered]])
    expect([action, state.step]).toEqual(['full', 0])
    expect(state.watch?.bounds).toEqual({ errors: watchBound(5, 1000, 1, 0.02) })
    expect(play(plan, [[29, one('errors', 0, arms(1, 300, 0, 0))]], state).action).toBe('stay')
    expect(play(plan, [[30, []]], state).action).toBe('done')
    const taken = play(plan, [[9, one('errors', 0, arms(40, 100, 0, 0))]], state)
    expect([taken.action, taken.state.blame]).toEqual(['rollback', 'errors'])
  })
  test('a set that fails takes back, one that cannot decide holds', () => {
    expect(play(plan, [[0, one('golden', -1, pairs(60, 6, 20, 400))]]).action).toBe('rollback')
    const held = play(plan, [[0, one('golden', -1, pairs(9, 4, 5, 100))]])
    expect(held.action).toBe('hold')
    expect(accept(judgePlanOf(plan), held.state, 0)).toMatchObject({ action: 'full' })
  })
  test('without a set it opens at once', () => {
    expect(play(planWith(swap, [errorsGate()], { history }), [[0, []]]).action).toBe('full')
  })
})

describe('the judge of a release plan', () => {
  test('seconds, shares and what each step can answer', () => {
    const waived = { ...latencyGate(), waived: 'known' }
    const plan = planWith(demoSteps(['errors', 'latency', 'quality', 'quality min'], 100), [
      errorsGate(),
      waived,
      labelsGate(),
      labelsMinGate(0.9),
      setGate(0.03, 0.8),
    ])
    const judge = judgePlanOf(plan)
    expect(judgePlanOf(plan)).toBe(judge)
    expect(judge.horizon).toBe(90)
    expect(judge.steps[1]).toEqual({ kind: 'canary', for: 5, gates: ['errors', 'latency', 'quality', 'quality min'] })
    expect(judge.deciding).toEqual(['errors', 'quality', 'quality min', 'golden'])
    expect(judge.decidingSets).toEqual(['golden'])
    expect(judge.answerable).toEqual(Array(4).fill(['errors', 'quality', 'quality min']))
    const min = judge.rules.get('quality min')!
    expect(min.r).toBe(0)
    expect(min.delta).toBeCloseTo(0.1, 12)
    expect(judge.gates.find((gate) => gate.name === 'golden')).toMatchObject({ set: true, min: 0.8 })
  })
  test('a first release is judged by its sets alone', () => {
    const first = planWith(
      [{ kind: 'full', watchMs: 0, keepWarmMs: 0, gates: ['errors'] }],
      [errorsGate(), setGate(0.03, 0.8)],
      { baseline: null },
    )
    expect(judgePlanOf(first).deciding).toEqual(['golden'])
    expect(play(first, [[0, one('golden', -1, arms(4, 80, 0, 0))]]).action).toBe('done')
  })
})

test('where the gates stand', () => {
  const steps = demoSteps(['errors', 'latency', 'quality'], 1000)
  const plan = planWith(steps, [errorsGate(), latencyGate(), labelsGate()])
  const { state } = play(plan, [
    [
      1,
      [
        ...one('errors', 0, pairs(0, 0, 0, 900)),
        ...one('latency', 0, pairs(35, 0, 0, 200)),
        ...one('quality', 0, { error: 'evaluator did not answer' }),
      ],
    ],
  ])
  expect(verdicts(judgePlanOf(plan), state)).toEqual({ errors: 'pass', latency: 'doubt', quality: 'error' })
})
