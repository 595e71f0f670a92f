/** Units as people write them: taken where they are right, mended in the message where the meaning is clear. */

import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { difference, duration, share, size } from '../../src/config/schema/scalars.ts'

const of = { duration: duration('.'), share: share('.'), difference: difference('.'), size: size('.') }
type Kind = keyof typeof of

function answer(kind: Kind, input: unknown): number | string {
  const result = z.safeParse(of[kind], input)
  return result.success ? result.data : result.error.issues.map((issue) => issue.message).join()
}

test.each<[Kind, unknown, number]>([
  ['duration', '250ms', 250],
  ['duration', '1m30s', 90_000],
  ['duration', '0s', 0],
  ['duration', '1.5h', 5_400_000],
  ['share', '5%', 0.05],
  ['share', '100 %', 1],
  ['share', '0.5%', 0.005],
  ['difference', '1pp', 0.01],
  ['difference', '2.5pp', 0.025],
  ['size', '2GiB', 2 ** 31],
  ['size', '500MB', 5e8],
])('%s takes %j', (kind, input, value) => {
  expect(answer(kind, input)).toBeCloseTo(value, 12)
})

describe('what is wrong is answered with what to write', () => {
  test.each<[Kind, unknown, string]>([
    ['duration', 5, 'has no unit: write 5s, or 5m for minutes'],
    ['duration', '5', 'has no unit: write 5s, or 5m for minutes'],
    ['duration', 0, 'has no unit: write 0s'],
    ['duration', '5 minutes', 'is not a duration: write 5m'],
    ['duration', '5sec', 'is not a duration: write 5s'],
    ['duration', '10 S', 'is not a duration: write 10s'],
    ['duration', 'soon', 'is not a duration such as 250ms or 10s or 5m or 2h'],
    ['duration', '-5m', 'is not a duration such as 250ms or 10s or 5m or 2h'],
    ['duration', '31d', 'must be at most 30d'],
    ['share', 5, 'has no unit: write 5%'],
    ['share', 0.05, 'has no unit: write 5%'],
    ['share', 0.07, 'has no unit: write 7%'],
    ['share', '5pp', 'is not a share: write 5%'],
    ['share', '5 percent', 'is not a share: write 5%'],
    ['share', '101%', 'must be at most 100%'],
    ['share', true, 'is not a share such as 5% or 100%'],
    ['difference', 1, 'has no unit: write 1pp'],
    ['difference', 0.01, 'has no unit: write 1pp'],
    ['difference', '1%', 'is not a difference in percentage points: write 1pp'],
    ['difference', '100pp', 'must be below 100pp'],
    ['size', 2, 'has no unit: write 2GiB, or 2MiB'],
    ['size', 1_048_576, 'has no unit: write 1048576B'],
    ['size', '2G', 'is not a size: write 2GiB'],
    ['size', '512m', 'is not a size: write 512MiB'],
    ['size', 'large', 'is not a size such as 512MiB or 2GiB'],
    ['size', [], 'is not a size such as 512MiB or 2GiB'],
  ])('%s %j', (kind, input, message) => {
    expect(answer(kind, input)).toBe(message)
  })
})

test('bounds are told in the unit', () => {
  const weight = share('.', { min: 0.000001, max: 0.999999 })
  const message = (input: string) => z.safeParse(weight, input).error?.issues[0]?.message
  expect(message('0%')).toBe('must be at least 0.0001%')
  expect(message('0.00001%')).toBe('must be at least 0.0001%')
  expect(message('0.0001%')).toBeUndefined()
  expect(message('100%')).toBe('must be at most 99.9999%')
  const margin = share('.', { above: 0, below: 1 })
  expect(z.safeParse(margin, '0%').error?.issues[0]?.message).toBe('must be above 0%')
  expect(z.safeParse(margin, '100%').error?.issues[0]?.message).toBe('must be below 100%')
  expect(message('50%')).toBeUndefined()
})
