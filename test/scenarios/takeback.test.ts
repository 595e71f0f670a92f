/** Users are off a bad version within a second of the last answer that the verdict needed. `test/bench/takeback.ts` takes 100. */
import { describe, expect, it } from 'vitest'
import { place } from './place.ts'
import { short } from './plans.ts'
import { takenBack } from './taking-back.ts'

const SECOND_MS = 1000
const gates = [{ errors: { margin: '10pp' } }, { latency: { of: 'total', above: '250ms', margin: '20pp' } }]

describe('takeback', () => {
  const here = place({ config: { release: short({ canary: '30s', gates }) } })
  it('within a second, also where the candidate stands still', { timeout: 180_000 }, async () => {
    expect(await here.typed('release start')).toMatchObject({ code: 0 })
    here.come(100)
    for (const [k, stopped] of [false, true, false].entries()) {
      const came = await takenBack(here.one, here.users, k, stopped)
      expect(came).toMatchObject({ outcome: 'rolled-back', lostAfter: 0 })
      expect(came.takebackMs).toBeLessThan(SECOND_MS)
      expect(came.lastAnswerToOffMs).toBeLessThan(SECOND_MS)
    }
  })
})
