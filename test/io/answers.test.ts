import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AnswerRecord } from '../../src/evidence/types.ts'
import { openAnswers } from '../../src/io/answers.ts'

const answer = (id: string, more: Partial<AnswerRecord> = {}): AnswerRecord => ({
  id,
  at: 1000,
  step: 0,
  arm: 'baseline',
  digest: 'd',
  user: 7,
  ...more,
})

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'slipway-answers-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** More than there are. */
const MANY = 1_000_000

describe('answers and their labels', () => {
  it('join once, whichever comes first', () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [answer('a')])
    expect(
      answers.label(
        '',
        [
          { id: 'a', label: 7 },
          { id: 'b', label: 3 },
        ],
        2000,
      ),
    ).toEqual({ taken: 1, repeated: 0, unknown: 1 })
    answers.put('m-1', [answer('a'), answer('b')])
    expect(answers.joined('m-1', 0).map((j) => [j.seq, j.answer.id, j.label, j.labelledAt])).toEqual([
      [1, 'a', 7, 2000],
      [2, 'b', 3, 2000],
    ])
    expect(answers.joined('m-1', 1).map((j) => j.answer.id)).toEqual(['b'])
    answers.close()
  })

  it('take the first label of an id', () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [answer('a')])
    answers.label('', [{ id: 'a', label: 1 }], 1)
    expect(answers.label('', [{ id: 'a', label: 2 }], 2)).toEqual({ taken: 0, repeated: 1, unknown: 0 })
    expect(answers.joined('m-1', 0).map((j) => j.label)).toEqual([1])
    answers.close()
  })

  it("join by the caller's own key", () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [answer('a', { key: 'order-1' })])
    expect(answers.label('', [{ id: 'order-1', label: true }], 1).taken).toBe(1)
    answers.close()
  })

  it('join by the request id that the caller sent, where no key is configured', () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [answer('a', { callerId: 'mine' }), answer('b', { callerId: 'other', key: 'order-2' })])
    const labels = ['mine', 'other', 'order-2'].map((id) => ({ id, label: true }))
    expect(answers.label('', labels, 1)).toEqual({ taken: 2, repeated: 0, unknown: 1 })
    expect(answers.joined('m-1', 0).map((j) => j.answer.id)).toEqual(['a', 'b'])
    answers.close()
  })

  it('join within their environment, whatever ids callers use in another one', () => {
    const answers = openAnswers(':memory:')
    answers.put('dev/m-1', [answer('a', { key: 'order-1' })])
    answers.put('prod/m-1', [answer('b', { key: 'order-1' })])
    const order = [{ id: 'order-1', label: 1 }]
    expect(answers.wouldLabel('prod', order)).toEqual({ taken: 1, repeated: 0, unknown: 0 })
    expect(answers.label('prod', order, 1).taken).toBe(1)
    const joined = () => ['dev/m-1', 'prod/m-1'].map((release) => answers.joined(release, 0).length)
    expect(joined()).toEqual([0, 1])
    expect(answers.label('dev', order, 1)).toEqual({ taken: 1, repeated: 0, unknown: 0 })
    expect(joined()).toEqual([1, 1])
    // Also where the label comes first, and outside of releases.
    answers.label('prod', [{ id: 'order-2', label: 1 }], 1)
    answers.put('dev/', [answer('c', { key: 'order-2' })])
    answers.put('prod/', [answer('d', { key: 'order-2' })])
    expect(['dev/', 'prod/'].map((pool) => answers.joined(pool, 0).length)).toEqual([0, 1])
    expect(answers.label('dev', [{ id: 'd', label: 1 }], 1).unknown).toBe(1)
    answers.close()
  })

  it('count which arms are labelled', () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [
      answer('a'),
      answer('b', { arm: 'candidate' }),
      answer('c', { arm: 'candidate' }),
      answer('x', { step: 2 }),
    ])
    answers.label('', [{ id: 'b', label: 1 }], 1)
    expect(answers.labelledShares('m-1')).toEqual([
      { step: 0, arm: 'baseline', answers: 1, labelled: 0 },
      { step: 0, arm: 'candidate', answers: 2, labelled: 1 },
      { step: 2, arm: 'baseline', answers: 1, labelled: 0 },
    ])
    answers.close()
  })

  it('forget by age and by bytes, and tell what the cap cost', () => {
    const answers = openAnswers(':memory:')
    answers.put('m-1', [
      answer('old', { at: 1 }),
      ...Array.from({ length: 5 }, (_, k) => answer(`n${k}`, { user: 'x'.repeat(1000) })),
    ])
    expect(answers.prune(500, 10_000_000, MANY)).toEqual({ cost: 0, more: false })
    expect(answers.answersAfter('m-1', 0)).toHaveLength(5)
    expect(answers.prune(500, 3500, MANY)).toEqual({ cost: 2, more: false })
    expect(answers.answersAfter('m-1', 0).map((a) => a.answer.id)).toEqual(['n2', 'n3', 'n4'])
    answers.close()
  })

  it('give their space back to the disk', () => {
    const path = join(folder(), 'answers.db')
    const answers = openAnswers(path)
    for (let k = 0; k < 20; k++)
      answers.put(
        'm-1',
        Array.from({ length: 200 }, (_, i) => answer(`${k}-${i}`, { at: k, user: 'x'.repeat(1000) })),
      )
    answers.prune(0, 10_000_000, MANY)
    const { size } = statSync(path)
    answers.prune(19, 10_000_000, MANY)
    expect(answers.answersAfter('m-1', 0)).toHaveLength(200)
    answers.close()
    expect(statSync(path).size).toBeLessThan(size / 4)
  })

  it('keep to the limit also after another opened them and the old ones went', () => {
    const path = join(folder(), 'answers.db')
    const first = openAnswers(path)
    first.put('m-1', [answer('old', { at: 1, user: 'x'.repeat(9000) }), answer('a', { user: 'x'.repeat(1000) })])
    first.prune(500, 10_000_000, MANY)
    first.close()
    const second = openAnswers(path)
    expect(second.prune(500, 3500, MANY).cost).toBe(0)
    second.put('m-1', [answer('b', { user: 'x'.repeat(3000) })])
    expect(second.prune(500, 3500, MANY).cost).toBe(1)
    expect(second.answersAfter('m-1', 0).map((a) => a.answer.id)).toEqual(['b'])
    second.close()
  })

  it('go a few at a time, by age before size, and only unlabelled ones are the cost of the size', () => {
    const answers = openAnswers(':memory:')
    const [old, young] = [1, 1000].map((at) =>
      Array.from({ length: 5 }, (_, k) => answer(`${at}-${k}`, { at, user: 'x'.repeat(1000) })),
    )
    answers.put('m-1', [...old!, ...young!])
    answers.label('', [{ id: '1000-0', label: 1 }, ...['a', 'b', 'c', 'd'].map((id) => ({ id, label: 1 }))], 1)
    const left = () => answers.answersAfter('m-1', 0).length
    const turns = []
    for (let more = true; more; ) {
      const done = answers.prune(500, 3500, 2)
      more = done.more
      turns.push([left(), done.cost])
    }
    expect(turns).toEqual([
      [8, 0],
      [6, 0],
      // The last old one, and the first for the size: that has its label.
      [4, 0],
      [3, 1],
    ])
    expect(answers.joined('m-1', 0)).toEqual([])
    answers.close()
  })

  it('forget shares by age, but not those of the newest releases', () => {
    const answers = openAnswers(':memory:')
    for (let n = 1; n <= 25; n++) answers.put(`m-${n}`, [answer(`of-${n}`, { at: n })])
    answers.prune(24, 10_000_000, MANY)
    const known = (n: number) => answers.labelledShares(`m-${n}`).length
    expect([known(5), known(6), known(25)]).toEqual([0, 1, 1])
    answers.close()
  })
})
