/** The rate that a plan is forecast from, from the first reading to the sentence. */
import { expect, it } from 'vitest'
import { type MinuteRow, trafficSeen } from '../../src/evidence/traffic.ts'
import type { Reading } from '../../src/evidence/types.ts'
import { forecast } from '../../src/gates/forecast.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { MinuteKeeper } from '../../src/runner/minutes.ts'
import { forecastSentence } from '../../src/view/plan.ts'
import { plans } from '../release/plans.ts'

/** Readings four a second, with so many requests a second in each stretch of seconds. */
function seen(...stretches: readonly (readonly [seconds: number, perSecond: number])[]) {
  const journal = memoryJournal()
  const keeper = new MinuteKeeper(journal, 'dev')
  let [at, sum] = [60_000_000, 0]
  for (const [seconds, perSecond] of stretches)
    for (let k = 0; k < 4 * seconds; k++) {
      sum += perSecond / 4
      at += 250
      const version = { digest: 'b', role: 'baseline', codes: { '2xx': Math.floor(sum) } }
      const reading = { boot: 'x', at, versions: [{ ...version, totalBuckets: [], firstByteBuckets: [] }] }
      keeper.take(reading as unknown as Reading)
    }
  return trafficSeen(journal.minutes('dev', 0) as MinuteRow[], 'b')
}

it('is of the time in which requests came, however long nobody asked', () => {
  const began = seen([50, 0], [4, 80])
  expect(began.requestsPerSecond).toBeGreaterThan(70)
  expect(began.requestsPerSecond).toBeLessThan(90)
  const said = forecastSentence(plans.standard, forecast(plans.standard, began))
  expect(said).toMatch(/at [78]\d\.\d requests\/s \(from the last [34](\.\d)? s\)/)
  const steady = seen([50, 0], [100, 80])
  expect(steady.requestsPerSecond).toBeCloseTo(80, 0)
  expect(forecastSentence(plans.standard, forecast(plans.standard, steady))).not.toContain('from the last')
})

it('is not raised by requests that come one at a time', () => {
  expect(seen([100, 0.5]).requestsPerSecond).toBeCloseTo(0.5, 1)
})
