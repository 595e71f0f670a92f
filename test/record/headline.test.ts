import { expect, it } from 'vitest'
import { headline } from '../../src/record/headline.ts'
import { affectedSentence, nowSentence, type Told } from '../../src/record/sentences.ts'
import { accepted, first, held, inCanary, rolledBack } from '../view/example.ts'

it.each([
  [
    rolledBack,
    'digits v3 was taken back after 21.8 s in canary: quality fell from 95.7 % to 87.6 %, more than the 5 pp allowed',
  ],
  [{ ...rolledBack, requests: { total: 9, candidate: 0, failed: 0 } }, /allowed; no user was served by it$/],
  [
    { ...rolledBack, cause: { kind: 'version', code: 'CRASHED', why: 'it exited twice' } as const },
    'digits v3 was taken back after 21.8 s: it exited twice',
  ],
  [
    {
      ...rolledBack,
      outcome: 'aborted',
      cause: { kind: 'person', by: 'ann', reason: 'wrong data', verb: 'abort' },
    } as typeof rolledBack,
    'digits v3 was aborted after 21.8 s: ann aborted it: wrong data',
  ],
  [held, 'digits v3 is held at 25 %: it is still open whether it is slower than allowed'],
  [
    accepted,
    'digits v3 was promoted after 2.5 s: every other deciding gate passed; latency stayed inconclusive and was taken for passed by ann: checked by hand',
  ],
  [
    { ...accepted, cause: { kind: 'cut-short' as const }, plan: { ...accepted.plan, gates: [] } },
    'digits v3 was promoted after 2.5 s: no gate decided; the watch was cut short by a person',
  ],
  [inCanary, 'digits v3 is in canary 25 %'],
  [{ ...inCanary, status: 'paused' as const }, 'digits v3 is paused at 25 %'],
  [first, 'digits v1 was promoted after 2.5 s: it is ready and answered what it was asked'],
])('says outcome and cause in one sentence (%#)', (view, sentence) => {
  if (typeof sentence === 'string') expect(headline(view)).toBe(sentence)
  else expect(headline(view)).toMatch(sentence)
})

const told: Told = {
  candidate: 'v3',
  baseline: 'v2',
  outcome: 'rolled-back',
  weightPpm: 0,
  requests: { total: 2225, candidate: 214, failed: 0 },
  since: null,
  baselineReady: true,
  takebackMs: 180,
  quarantined: true,
}
it('says whose failures users saw', () => {
  const requests = {
    total: 7906,
    candidate: 3000,
    failed: 4728,
    candidateFailed: 28,
    baseline: 4900,
    baselineFailed: 4694,
  }
  expect(affectedSentence({ ...told, requests })).toContain(
    '4,728 of all 7,906 failed: 4,694 at v2, 28 at v3, 6 refused.',
  )
})
it('says who was affected', () => {
  expect(affectedSentence(told)).toBe('214 requests of users were answered by v3, 9.6 % of all. 0 of all 2,225 failed.')
  expect(affectedSentence({ ...told, requests: { total: 0, candidate: 0, failed: 0 } })).toBe(
    'No user was served by v3.',
  )
  expect(affectedSentence({ ...told, outcome: null, requests: { total: 4, candidate: 1, failed: 2 } })).toBe(
    '1 request of users was answered by v3 so far, 25.0 % of all. 2 of all 4 failed.',
  )
})
it('says who serves now, also where a later release changed it', () => {
  expect(nowSentence(told)).toBe('v2 serves all users again, 0.18 s after the verdict. v3 is in quarantine.')
  expect(nowSentence({ ...told, requests: { total: 5, candidate: 0, failed: 0 } })).toContain('as before')
  expect(nowSentence({ ...told, since: 'v5' })).toMatch(/^v5 serves all users now; .* v3 is in quarantine\.$/)
  expect(nowSentence({ ...told, outcome: null, quarantined: false, weightPpm: 250_000 })).toBe(
    '25 % of users get v3, all others v2.',
  )
  expect(nowSentence({ ...told, outcome: null, baseline: null, quarantined: false })).toBe('No version serves users.')
})

it('a version that is not ready serves nobody, as before or not', () => {
  const broken = { ...told, baselineReady: false }
  for (const requests of [told.requests, { total: 0, candidate: 0, failed: 0 }])
    expect(nowSentence({ ...broken, requests })).toBe(
      'v2 is where all users are, but it was not ready when the release ended: their requests failed; slipway local status tells how it is now. v3 is in quarantine.',
    )
})
