/** Values of answers outside of releases: kept where labels are used, apart from those of releases. */
import { describe, expect, it } from 'vitest'
import { poolOf } from '../../src/evidence/pool.ts'
import type { AnswerRecord } from '../../src/evidence/types.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { steadyOrders } from '../../src/runner/orders.ts'
import { keepValues } from '../../src/runner/values.ts'
import { served, settings } from './world.ts'

describe('orders outside of a release', () => {
  const keeps = (more: object) => {
    const one = { ...served('sha256:b', 'v1'), ...more }
    return steadyOrders({ model: 'digits', settings }, one, [], false).keepValues
  }
  it('keep values of a version whose answers are labelled', () => {
    expect(keeps({ labelled: true })).toBe(true)
    expect(keeps({})).toBe(false)
    expect(keeps({ labelled: true, answer: null })).toBe(false)
  })
})

describe('values', () => {
  const record = (id: string, release?: string): AnswerRecord => ({
    id,
    at: 1000,
    step: release ? 0 : -1,
    arm: 'baseline',
    digest: 'sha256:b',
    user: 7,
    ...(release ? { release } : {}),
  })
  it('go to the release that they count for, and else to their environment', () => {
    const answers = openAnswers(':memory:')
    keepValues(answers, 'dev', [record('a'), record('b', 'digits-1'), record('c')])
    const ids = (key: string) => answers.answersAfter(key, 0).map(({ answer }) => answer.id)
    expect([ids(poolOf('dev')), ids('dev/digits-1'), ids(poolOf('prod'))]).toEqual([['a', 'c'], ['b'], []])
    expect(
      answers.wouldLabel('dev', [
        { id: 'a', label: 1 },
        { id: 'a', label: 2 },
        { id: 'x', label: 1 },
      ]),
    ).toEqual({
      taken: 1,
      repeated: 1,
      unknown: 1,
    })
    expect(answers.label('dev', [{ id: 'a', label: 1 }], 2000)).toEqual({ taken: 1, repeated: 0, unknown: 0 })
    expect(answers.wouldLabel('dev', [{ id: 'a', label: 1 }])).toEqual({ taken: 0, repeated: 1, unknown: 0 })
    // As long as labels may come, and no longer.
    answers.prune(1001, 2 ** 30, 100)
    expect(ids(poolOf('dev'))).toEqual([])
    answers.close()
  })
})
