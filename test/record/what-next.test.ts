import { describe, expect, it } from 'vitest'
import { stillNeeded, wouldChange } from '../../src/record/what-next.ts'
import { canary, shadow } from '../release/plans.ts'
import { GATES, numbers } from '../view/example.ts'

const flow = { step: canary(250_000), requestsPerSecond: 80, over: false }
const { latency, quality, golden, agreement, errors } = GATES

describe('what would change a verdict', () => {
  it('nothing for a pass or a report', () => {
    expect(wouldChange(latency, numbers(latency, [1, 100], [1, 100], { verdict: 'pass' }), flow)).toBeNull()
    expect(wouldChange(agreement, numbers(agreement, [1, 100], [9, 100]), flow)).toBeNull()
  })
  it('requests and time, by the share of traffic that the step gives the candidate', () => {
    const open = numbers(latency, [190, 1900], [171, 1500], { more: 120 })
    expect(wouldChange(latency, open, flow)).toBe(
      'About 120 more requests, 6 s at the traffic seen, would make it pass if the rates stay.',
    )
    expect(stillNeeded(latency, { ...open, pairs: 9 }, { ...flow, step: shadow })).toEqual({
      count: 120,
      unit: 'pairs',
      ms: 1500,
    })
    expect(stillNeeded(latency, open, { ...flow, requestsPerSecond: 0 })?.ms).toBeNull()
  })
  it('for a failure, how much better it would have to be', () => {
    const failed = numbers(quality, [40, 1000], [120, 1000], { verdict: 'fail' })
    expect(wouldChange(quality, failed, flow)).toBe(
      'To stand inside, it would need at least 3 pp more labelled answers that are right.',
    )
    const slow = numbers(errors, [0, 1000], [60, 1000], { verdict: 'fail' })
    expect(wouldChange(errors, slow, flow)).toContain('4 pp fewer failed requests')
  })
  it('evidence, a longer set, or nothing any more', () => {
    const none = { ...numbers(errors, [0, 1], [0, 1]), candidateN: 0 }
    expect(wouldChange(errors, none, flow)).toBe('No evidence has come yet: traffic is needed.')
    expect(wouldChange(errors, { ...none, verdict: 'error', error: 'no reading' }, flow)).toContain('no reading')
    expect(wouldChange(golden, numbers(golden, [1, 50], [3, 50]), flow)).toContain('A longer evaluation set')
    expect(wouldChange(errors, none, { ...flow, over: true })).toBe('It ended before this could be decided.')
  })
})
