import { expect, it } from 'vitest'
import { reportJunit } from '../../../src/view/report/junit.ts'
import { accepted } from '../example.ts'

it('a gate that a person took for passed is skipped and says who did, in a release that passes', () => {
  const report = reportJunit(accepted)
  expect(report).toMatch(/<testcase [^>]*name="release:[^>]*latency stayed inconclusive[^>]*\/>/)
  expect(report).toContain('failures="0" errors="0"')
  expect(report).toMatch(/<skipped message="[^"]*ann took it for passed: checked by hand/)
})
