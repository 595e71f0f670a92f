/** What users met during a release, as views show it. */
import { expect, it } from 'vitest'
import type { Reading } from '../../src/evidence/types.ts'
import { trafficOf } from '../../src/runner/look.ts'
import type { Driven } from '../../src/runner/orders.ts'
import { V1, V2 } from '../release/plans.ts'

type Codes = Readonly<Record<string, number>>
const reading = (boot: string, baseline: Codes, candidate: Codes, refused = 0) =>
  ({
    boot,
    split: [0, 0],
    refused,
    versions: [
      { digest: V1, role: 'baseline', codes: baseline },
      { digest: V2, role: 'candidate', codes: candidate },
    ],
  }) as unknown as Reading
const NONE = { total: 0, candidate: 0, failed: 0, candidateFailed: 0, baseline: 0, baselineFailed: 0 }
const begun = { requests: NONE, codes: {}, requestsPerSecond: 0, boot: null }
type Runtime = Driven['runtime']
/** Requests after these readings, the first of which is what was there before. */
function after(...readings: Reading[]) {
  let runtime = begun as unknown as Runtime
  for (const one of readings) {
    const driven = { runtime, candidate: { digest: V2 }, baseline: { digest: V1 } } as unknown as Driven
    runtime = { ...runtime, ...trafficOf(driven, one, 250), boot: one.boot } as Runtime
  }
  return runtime.requests
}
const before = reading('a', { '2xx': 100, '5xx': 3 }, {}, 7)

it('what came before the release is not of it', () => {
  expect(after(before, before)).toEqual(NONE)
})

it('what users saw fail is counted, also where slipway itself answered 503', () => {
  const baseline = { '2xx': 150, '4xx': 5, '5xx': 4, timeout: 1, 'no-answer': 1, full: 2 }
  const now = reading('a', baseline, { '2xx': 20, reset: 1, full: 3 }, 11)
  expect(after(before, now)).toEqual({
    total: 50 + 5 + 1 + 1 + 1 + 2 + 24 + 4,
    candidate: 21,
    failed: 1 + 1 + 1 + 2 + 4 + 4,
    candidateFailed: 1,
    baseline: 50 + 5 + 1 + 1 + 1,
    baselineFailed: 3,
  })
})

it('a request that the other version answered is one request', () => {
  const now = reading('a', { '2xx': 110, '5xx': 3 }, { moved: 4 }, 7)
  expect(after(before, now)).toEqual({ ...NONE, total: 10, baseline: 10 })
})

it('a new data plane begins at 0', () => {
  expect(after(before, reading('b', { '2xx': 5 }, {}, 2))).toEqual({ ...NONE, total: 7, failed: 2, baseline: 5 })
})
