import { describe, expect, it } from 'vitest'
import type { JournalRow } from '../../src/record/entries.ts'
import { EMPTY, environmentOf, fold, nextNumber } from '../../src/record/fold.ts'

const started = (seq: number, environment: string, model: string, n: number): JournalRow => ({
  seq,
  at: seq,
  kind: 'started',
  environment,
  release: `${model}-${n}`,
  data: { n, plan: { model, candidate: { digest: 'd', tag: null } }, planHash: 'h', by: 'me', baseline: null },
})
const next = (rows: readonly JournalRow[], environment: string, model: string): number =>
  nextNumber(environmentOf(fold(EMPTY, rows), environment), model)

describe('the number of a release', () => {
  it('counts per environment and model', () => {
    const rows = [started(1, 'dev', 'm', 1), started(2, 'dev', 'm', 2), started(3, 'prod', 'm', 1)]
    expect([next(rows, 'dev', 'm'), next(rows, 'prod', 'm'), next(rows, 'prod', 'other')]).toEqual([3, 2, 1])
  })

  it('is never given twice, also where no summary of its model is kept any more', () => {
    const rows = [
      started(1, 'dev', 'rare', 1),
      ...Array.from({ length: 600 }, (_, k) => started(k + 2, 'dev', 'm', k + 1)),
    ]
    expect(next(rows, 'dev', 'rare')).toBe(2)
  })
})

it('a quarantine names the environment of its release', () => {
  const data = { digest: 'd', model: 'm', tag: null, reason: 'bad', by: 'slipway', gate: 'errors', weights: [] }
  const row = { seq: 1, at: 1, kind: 'quarantine', environment: 'prod', release: 'm-1', data }
  expect(fold(EMPTY, [row]).quarantine.d).toMatchObject({ release: 'm-1', environment: 'prod' })
  const person = { ...row, environment: '', release: '' }
  expect(fold(EMPTY, [person]).quarantine.d).toMatchObject({ release: null, environment: null })
})
