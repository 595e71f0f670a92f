import { describe, expect, it } from 'vitest'
import type { DataChecks } from '../../src/config/types.ts'
import { DataChecker } from '../../src/training/checks.ts'

const CHECKS: DataChecks = {
  rows: { min: 3, max: 10 },
  label: { field: 'label', minShare: 0.2 },
  fields: { pixels: { type: 'array', length: 2, min: 0, max: 1 } },
  duplicates: { maxShare: 0.25 },
}
const row = (pixels: unknown, label: unknown) => JSON.stringify({ pixels, label })
function check(lines: readonly string[], checks: DataChecks = CHECKS) {
  const checker = new DataChecker(checks)
  lines.forEach((line, k) => {
    checker.take(line, k + 1)
  })
  return checker.report()
}
const failed = (lines: readonly string[], checks?: DataChecks) =>
  check(lines, checks)
    .results.filter((r) => !r.passed)
    .map((r) => r.text)

const GOOD = [row([0, 0.5], 1), row([1, 0.25], 2), row([0.1, 0.2], 1), row([0.3, 0.4], 2)]

describe('checks of training data', () => {
  it('pass what is as it should be, and count labels', () => {
    const report = check(GOOD)
    expect(report).toMatchObject({ passed: true, rows: 4, labels: { 1: 2, 2: 2 }, duplicates: 0 })
  })

  it.each([
    ['too few rows', GOOD.slice(0, 2), '2 rows, fewer than 3'],
    ['too many rows', Array.from({ length: 11 }, (_, k) => row([k / 20, 0], k % 2)), '11 rows, more than 10'],
    ['a line that is not JSON', [...GOOD, '{"pixels"'], 'line 5 is not JSON'],
    ['a line that is no object', [...GOOD, '[1]'], 'line 5 is no object'],
    ['a missing label', [...GOOD, '{"pixels": [0, 0]}'], 'line 5 has none'],
    ['a rare label', [...GOOD, row([0.7, 0], 1), row([0.8, 0], 9)], 'label 9 is 16.7 % of the rows, less than 20.0 %'],
    ['a wrong type', [...GOOD, row('ab', 1)], 'line 5: pixels is string, not array'],
    ['a wrong length', [...GOOD, row([0], 1)], 'line 5: pixels has the length 1, not 2'],
    ['a value above', [...GOOD, row([0, 1.5], 1)], 'line 5: pixels holds 1.5, above 1'],
    ['a value below', [...GOOD, row([-1, 0], 1)], 'line 5: pixels holds -1, below 0'],
    ['something that is no number', [...GOOD, row([null, 0], 1)], 'line 5: pixels holds what is no number'],
    ['a missing field', [...GOOD, '{"label": 1}'], 'line 5: pixels is missing'],
    ['duplicates', [...GOOD, GOOD[0]!, GOOD[0]!, GOOD[1]!], '3 rows (42.9 %) stand twice, more than 25.0 %'],
  ])('refuse %s', (_name, lines, text) => {
    expect(failed(lines).join('\n')).toContain(text)
  })

  it('list the first faults of a kind and count the rest', () => {
    const lines = [...GOOD, ...Array.from({ length: 6 }, (_, k) => row([k + 2, 0], 1))]
    expect(failed(lines).join('\n')).toMatch(/line 9: .*, and 1 more/)
  })

  it('ask nothing where nothing is configured, but an empty set is none', () => {
    const none: DataChecks = { rows: null, label: null, fields: {}, duplicates: null }
    expect(failed(['{}'], none)).toEqual([])
    expect(failed([''], none)).toEqual(['0 rows, fewer than 1'])
  })

  it('do not mistake properties of objects for fields', () => {
    const checks: DataChecks = {
      rows: null,
      label: null,
      fields: { constructor: { type: null, length: null, min: null, max: null } },
      duplicates: null,
    }
    expect(failed(['{}'], checks)).toEqual(['line 1: constructor is missing'])
  })
})
