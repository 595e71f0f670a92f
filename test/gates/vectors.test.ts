import { describe, expect, test } from 'vitest'
import { pairsOf } from '../../src/evidence/blocks.ts'
import type { AnswerClass } from '../../src/evidence/types.ts'
import { baselineOf, feed, lookAlone, lookOnce, madeBlock, NEW_GATE, verdictOf } from '../../src/gates/gate.ts'
import { judgeSet } from '../../src/gates/golden.ts'
import { accept, meanLogFail, newJudge, peek } from '../../src/gates/judge.ts'
import { verdicts } from '../../src/gates/standing.ts'
import { logMean } from '../../src/gates/stats/evalues.ts'
import { onceUpper, onceZ } from '../../src/gates/stats/once.ts'
import { WATCH_ALPHA } from '../../src/gates/stats/rule.ts'
import type { GateState, JudgeState } from '../../src/gates/types.ts'
import { isBad } from '../../src/platforms/local/data-plane/gate-counters.ts'
import { blockOf, type Case, countsOf, differences, type Loose, ofKind, planOf } from './vectors.ts'

const check = (cases: Case[], count: number, evaluate: (inputs: Loose) => Loose): void => {
  test('there are as many cases as the file had', () => expect(cases).toHaveLength(count))
  test.each(cases)('$name', ({ inputs, expected }) => expect(differences(evaluate(inputs), expected)).toEqual([]))
}

describe('mean over beginnings', () => {
  check(ofKind('mean-over-starts'), 3, ({ r, delta, horizon, blocks }) => {
    let state = NEW_GATE
    const out = blocks.map(([t, ...block]: Loose) => {
      state = feed({ r, delta, phi: 1, horizon }, state, t, '0', blockOf(block))
      return [state.open, state.lnFail]
    })
    return { openAndLogE: out }
  })
})

describe('one gate', () => {
  check(ofKind('gate'), 8, ({ r, delta, horizon, phi, alpha, gates, blocks }) => {
    const rule = { r, delta, horizon, phi }
    let state: GateState = NEW_GATE
    const after = blocks.map(([t, step, ...block]: Loose) => {
      const before = state
      state = lookAlone(feed(rule, before, t, String(step), blockOf(block)), Math.log(2 / alpha))
      const made = madeBlock(before, state)
      return { block: made, logEFail: state.lnFail, logEPass: state.lnPass, verdict: verdictOf(state) }
    })
    const strata = Object.values(state.strata)
    const z = onceZ(strata, r, delta, phi)
    const seen = baselineOf(state)
    return {
      after,
      zFail: z.fail,
      zPass: z.pass,
      upper975: onceUpper(strata, r, 0.975, phi),
      verdictAtHorizon: verdictOf(lookOnce(rule, state, alpha, gates)),
      baseline: [seen.bad, seen.total],
    }
  })
})

describe('watch', () => {
  check(ofKind('watch'), 1, ({ bounds, duration, blocks }) => {
    const gates: Record<string, GateState> = {}
    for (const name of Object.keys(bounds)) gates[name] = NEW_GATE
    const after = blocks.map(([t, name, bad, total]: Loose) => {
      const rule = { r: 0, delta: bounds[name], phi: 1, horizon: duration }
      gates[name] = feed(rule, gates[name]!, t, 'watch', { kind: 'arms', xc: bad, nc: total, xb: 0, nb: 0 })
      const logE = logMean(Object.values(gates).map((gate) => gate.lnFail))
      return { logE, alarm: logE >= -Math.log(WATCH_ALPHA) }
    })
    return { after }
  })
})

describe('golden set', () => {
  check(ofKind('golden-set'), 17, ({ x10, x01, x11, n, delta, gates, alpha, minimum = null }) => {
    const block = countsOf(['pairs', x10, x01, x11, n])
    if (block.kind !== 'pairs') throw new Error('pairs')
    const { lnFail, lnPass, ...rest } = judgeSet({ delta, r: 1, phi: 1, horizon: 1 }, block, alpha, gates, minimum)
    return { logEFail: lnFail, logEPass: lnPass, ...rest }
  })
})

describe('paired block of scores', () => {
  check(ofKind('pairs-of-scores'), 1, ({ scores }) =>
    pairsOf(scores.map(([c, b]: [number, number]) => [1 - c, 1 - b] as const)),
  )
})

describe('errors in pairs', () => {
  const spec = {
    gate: 'errors',
    kind: 'errors',
    bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
    except: [],
  } as const
  check(ofKind('bad-in-pair'), 1, ({ answers }) => {
    const one = (mine: AnswerClass, other: AnswerClass) =>
      Number(isBad(spec, { class: mine, status: null }, other === '2xx'))
    return { cb: answers.map(([c, b]: [AnswerClass, AnswerClass]) => [one(c, b), one(b, c)]) }
  })
})

const replay = (again: (state: JudgeState) => JudgeState) => (inputs: Loose) => {
  const plan = planOf(inputs)
  let state = newJudge(plan)
  const after = inputs.peeks.map(([t, evidence]: Loose) => {
    let action: string = 'refused'
    if (evidence === 'accept') {
      const taken = accept(plan, state, t)
      if (taken !== 'refused') ({ state, action } = taken)
    } else {
      const pieces = evidence.map(([gate, step, block]: Loose) => ({ gate, step, block: blockOf(block) }))
      ;({ state, action } = peek(plan, state, t, pieces))
    }
    state = again(state)
    const { step, held } = state
    return { t, action, step, held, meanLogE: meanLogFail(plan, state), verdicts: verdicts(plan, state) }
  })
  return { after, outcome: state.outcome, blame: state.blame }
}

describe('release', () => {
  check(
    ofKind('release'),
    32,
    replay((state) => state),
  )
})

describe('release, every look from the written state', () => {
  check(
    ofKind('release'),
    32,
    replay((state) => JSON.parse(JSON.stringify(state))),
  )
})
