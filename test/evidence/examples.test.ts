import { describe, expect, it } from 'vitest'
import { type Changed, mostChanged, NO_EXAMPLES } from '../../src/evidence/examples.ts'
import type { AnswerRecord } from '../../src/evidence/types.ts'
import { keptPairs } from '../../src/evidence/whole-pairs.ts'

const changed = (id: string, by: number): Changed => ({
  by,
  example: { id, expect: 1, baseline: 1, candidate: 2 },
})
const ids = (all: readonly Changed[]) => all.map(({ example }) => example.id)

describe('examples of what changed', () => {
  it('are the largest losses and gains, as they came where equal', () => {
    const { newlyWrong, newlyRight } = mostChanged(NO_EXAMPLES, [
      changed('a', -0.5),
      changed('b', 1),
      changed('c', -1),
      changed('d', -1),
      changed('e', 0.25),
      changed('f', 0),
    ])
    expect(ids(newlyWrong)).toEqual(['c', 'd', 'a'])
    expect(ids(newlyRight)).toEqual(['b', 'e'])
  })
  it('are at most 20 each, and stay the same list where none is worse', () => {
    const many = Array.from({ length: 30 }, (_, i) => changed(`w${i}`, -0.5))
    const first = mostChanged(NO_EXAMPLES, many)
    expect(first.newlyWrong).toHaveLength(20)
    const again = mostChanged(first, [changed('late', -0.5), changed('w3', -0.5)])
    expect(again.newlyWrong).toBe(first.newlyWrong)
    expect(ids(mostChanged(first, [changed('worst', -1)]).newlyWrong).slice(0, 2)).toEqual(['worst', 'w0'])
  })
})

describe('whole answers of pairs', () => {
  const record = (id: string, user: unknown, copy: unknown, more: Partial<AnswerRecord> = {}): AnswerRecord => ({
    id,
    at: 1000,
    step: 0,
    arm: 'baseline',
    digest: 'sha256:b',
    user,
    candidateCopy: copy,
    whole: {
      user: { status: 200, text: JSON.stringify({ label: user }), cut: false },
      candidateCopy: { status: 200, text: JSON.stringify({ label: copy }), cut: false },
    },
    ...more,
  })
  it('hold both, those that disagree first', () => {
    const kept = keptPairs([], [record('a', 1, 1), record('b', 1, 2), record('c', { x: 1, y: 2 }, { y: 2, x: 1 })])
    expect(kept.map(({ id, differ }) => [id, differ])).toEqual([
      ['b', true],
      ['a', false],
      ['c', false],
    ])
    expect(kept[0]).toMatchObject({ baseline: { text: '{"label":1}' }, candidate: { text: '{"label":2}' } })
  })
  it('are at most 20, and a record twice stands once', () => {
    const alike = Array.from({ length: 30 }, (_, i) => record(`s${i}`, 1, 1))
    const first = keptPairs([], alike)
    expect(first).toHaveLength(20)
    expect(keptPairs(first, alike.slice(0, 25))).toBe(first)
    const later = keptPairs(first, [record('d', 1, 2)])
    expect([later.length, later[0]!.id]).toEqual([20, 'd'])
  })
  it('come only from records that hold some', () => {
    const { whole: _, ...without } = record('a', 1, 2)
    expect(keptPairs([], [without])).toEqual([])
  })
  it('without a pointer are compared as they are', () => {
    const text = (value: string) => ({ status: 200, text: value, cut: false })
    const pair = (a: string, b: string) =>
      keptPairs([], [record(a + b, undefined, undefined, { whole: { user: text(a), candidateCopy: text(b) } })])[0]!
    expect([pair('x', 'x').differ, pair('x', 'y').differ]).toEqual([false, true])
  })
  it('without a value on one side disagree', () => {
    expect(keptPairs([], [record('a', 1, undefined)])[0]!.differ).toBe(true)
  })
})
