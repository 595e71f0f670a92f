/** What a release keeps of single answers, and label counts that wait. */
import { describe, expect, it } from 'vitest'
import type { Changed } from '../../src/evidence/examples.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { type Journal, memoryJournal } from '../../src/io/journal.ts'
import type { PlanStep } from '../../src/plan/types.ts'
import { keptOf } from '../../src/record/kept.ts'
import { releaseKey } from '../../src/record/release-id.ts'
import { AnswerKeeper } from '../../src/runner/answer-keeper.ts'
import type { Driven } from '../../src/runner/orders.ts'
import { plans, V1 } from '../release/plans.ts'
import { V2, world } from './world.ts'

const CANARY: PlanStep = { kind: 'canary', weightPpm: 500_000, forMs: 600_000, gates: ['quality'] }
const FULL: PlanStep = { kind: 'full', watchMs: 1000, keepWarmMs: 0, gates: ['quality'] }
const WRONG = { [V2]: { bad: 0.01, slow: 0.05, wrong: 0.4 } }
const kept = (one: { journal: Journal; release(): { name: string } | undefined }) =>
  keptOf(one.journal, { environment: 'dev', name: one.release()!.name })

describe('labelled requests that became wrong or right', () => {
  it('are kept with both values and the label, at most 20', async () => {
    const one = world(WRONG)
    one.start(plans.standard)
    await one.toEnd(50, true)
    const { newlyWrong, newlyRight } = kept(one).examples.quality!
    expect(newlyWrong).toHaveLength(20)
    for (const { by, example } of newlyWrong) {
      expect(by).toBe(-1)
      expect(example).toMatchObject({ expect: 'right', baseline: 'right', candidate: 'wrong' })
      expect(example.id).toMatch(/^request-/)
    }
    expect(newlyRight.length).toBeLessThanOrEqual(20)
    for (const { example } of newlyRight) expect(example).toMatchObject({ baseline: 'wrong', candidate: 'right' })
  })
  it('are still known to the next host, and stand once', async () => {
    const one = world(WRONG)
    one.start(plans.standard)
    await one.turns(12, 10, true)
    one.restart()
    await one.toEnd(50, true)
    const ids = kept(one).examples.quality!.newlyWrong.map(({ example }) => example.id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('what is kept of single answers', () => {
  const changed = (id: string): Changed => ({ by: -1, example: { id, expect: 1, baseline: 1, candidate: 2 } })
  const driven = { environment: 'dev', name: 'digits-1', plan: { keepAnswers: false } } as unknown as Driven
  it('is written at most once a second, and when asked for', () => {
    const [journal, clock, answers] = [memoryJournal(), memoryClock(5000), openAnswers(':memory:')]
    const keeper = new AnswerKeeper({ journal, clock, answers })
    const written = () => keptOf(journal, driven).examples.quality?.newlyWrong.map(({ example }) => example.id)
    const look = (id: string) => {
      keeper.examples(driven, 'quality', [changed(id)])
      keeper.write(driven)
    }
    look('a')
    expect(written()).toEqual(['a'])
    clock.advance(999)
    look('b')
    expect(written()).toEqual(['a'])
    clock.advance(1)
    keeper.write(driven)
    expect(written()).toEqual(['a', 'b'])
    look('c')
    expect(written()).toEqual(['a', 'b'])
    keeper.flush(driven)
    expect(written()).toEqual(['a', 'b', 'c'])
  })
  it('is there in full when the release has its end', async () => {
    const one = world()
    one.start({ ...plans.standard, gates: plans.standard.gates.filter(({ kind }) => kind === 'quality') })
    await one.turns(6)
    const key = releaseKey({ environment: 'dev', name: one.release()!.name })
    const look = async (id: string) => {
      const wrong = { user: 'right', candidateCopy: 'wrong' }
      one.answers.put(key, [{ id, at: one.clock.now(), step: 0, arm: 'baseline', digest: V1, ...wrong }])
      one.answers.label('dev', [{ id, label: 'right' }], one.clock.now())
      await one.turns(1)
      return kept(one).examples.quality?.newlyWrong.map(({ example }) => example.id)
    }
    expect(await look('a')).toEqual(['a'])
    expect(await look('b')).toEqual(['a'])
    one.ask({ verb: 'abort', release: one.release()!.name } as never)
    for (let i = 0; i < 20 && !one.release()!.outcome; i++) await one.turns(1)
    expect(one.release()!.outcome).toBe('aborted')
    expect(kept(one).examples.quality!.newlyWrong.map(({ example }) => example.id)).toEqual(['a', 'b'])
  })
})

describe('whole answers', () => {
  it('are kept where the plan says so, those that disagree first', async () => {
    const one = world(WRONG)
    one.start({ ...plans.standard, keepAnswers: true })
    await one.toEnd(50, true)
    const { pairs } = kept(one)
    expect(pairs).toHaveLength(20)
    expect(pairs[0]).toMatchObject({ differ: true, baseline: { status: 200 } })
    const differ = pairs.map((pair) => pair.differ)
    expect(differ).toEqual([...differ].sort((a, b) => Number(b) - Number(a)))
  })
  it('and else never', async () => {
    const one = world(WRONG)
    one.start(plans.standard)
    await one.toEnd(50, true)
    expect(kept(one).pairs).toEqual([])
    const key = releaseKey({ environment: 'dev', name: one.release()!.name })
    const answers = one.answers.answersAfter(key, 0)
    expect(answers.length).toBeGreaterThan(0)
    for (const { answer } of answers) expect(answer).not.toHaveProperty('whole')
  })
})

describe('labels of arms that were labelled unlike', () => {
  /** Answers of both arms with a value; the first `labelled` of each have a label. */
  function put(one: ReturnType<typeof world>, arm: 'baseline' | 'candidate', from: number, count: number, step = 0) {
    const key = releaseKey({ environment: 'dev', name: one.release()!.name })
    const ids = Array.from({ length: count }, (_, i) => `${arm} ${from + i}`)
    one.answers.put(
      key,
      ids.map((id) => ({ id, at: one.clock.now(), step, arm, digest: arm, user: 'right' })),
    )
    return ids
  }
  const label = (one: ReturnType<typeof world>, ids: readonly string[]) =>
    one.answers.label(
      'dev',
      ids.map((id) => ({ id, label: 'right' })),
      one.clock.now(),
    )

  /** All of the candidate's answers have a label, of the baseline's only a third; how the gate stands then. */
  const unlike = async (one: ReturnType<typeof world>) => {
    label(one, put(one, 'candidate', 0, 100))
    label(one, put(one, 'baseline', 0, 300).slice(0, 100))
    await one.turns(1)
    const gate = () => one.runtime()!.state.judge.gates.quality!
    expect(gate()).toMatchObject({ unsure: true, strata: {} })
    return gate
  }

  it('count once the arms are alike, though no further label comes', async () => {
    const one = world()
    const labelled = plans.standard.gates.filter(({ kind }) => kind === 'quality')
    one.start({
      ...plans.standard,
      steps: [CANARY, FULL],
      gates: labelled,
    })
    await one.turns(6)
    const gate = await unlike(one)
    await one.turns(3)
    expect(gate()).toMatchObject({ unsure: true, strata: {} })
    // The candidate's answers that have no label come later.
    put(one, 'candidate', 100, 200)
    await one.turns(1)
    expect(gate()).toMatchObject({ unsure: false, error: null, pending: {} })
    expect(gate().strata['0/arms']).toMatchObject({ nc: 100, nb: 100, xc: 0, xb: 0 })
    await one.turns(3)
    expect(gate().strata['0/arms']).toMatchObject({ nc: 100, nb: 100 })
  })

  it('count once the arms are alike, though labels of another step come at every look', async () => {
    const one = world()
    one.start({
      ...plans.standard,
      steps: [CANARY, { ...CANARY, weightPpm: CANARY.weightPpm + 1000 }, FULL],
      gates: plans.standard.gates.filter(({ kind }) => kind === 'quality'),
    })
    await one.turns(6)
    const gate = await unlike(one)
    put(one, 'candidate', 100, 200)
    label(one, put(one, 'baseline', 300, 1, 1))
    await one.turns(1)
    expect(gate()).toMatchObject({ unsure: false, error: null, strata: { '0/arms': { nc: 100, nb: 100 } } })
  })
})
