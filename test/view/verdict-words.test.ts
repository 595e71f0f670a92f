/** Interval, sentence and verdict of a gate never say different things. */
import { expect, test } from 'vitest'
import type { GateNumbers } from '../../src/gates/types.ts'
import { headline } from '../../src/record/headline.ts'
import type { GateView, ReleaseView } from '../../src/record/types.ts'
import { plainWords, verdictSentence } from '../../src/view/explain.ts'
import { inCanary, rolledBack } from './example.ts'

function changed(view: ReleaseView, name: string, more: Partial<GateNumbers>): [ReleaseView, GateView] {
  const gates = view.gates.map((g) => (g.plan.name === name ? { ...g, numbers: { ...g.numbers, ...more } } : g))
  return [{ ...view, gates }, gates.find((g) => g.plan.name === name)!]
}
const within = { baselineRate: 0.05, candidateRate: 0.069, difference: 0.019, low: 0.017, high: 0.021 }

test('a failure by one step that the numbers over all steps do not show names that step', () => {
  const [view, gate] = changed(rolledBack, 'quality', { ...within, worst: { step: 1, difference: 0.083 } })
  const words = plainWords(view, gate)
  expect(words).toContain('between 1.7 pp and 2.1 pp fewer over all steps. In canary 25 % it was 8.3 pp fewer, outside')
  expect(words).not.toContain('inside')
  expect(verdictSentence(view, gate)).toContain('Verdict: fail')
  expect(headline(view)).toContain(
    'from 95.0 % to 93.1 % over all steps, and by more than the 5 pp allowed in canary 25 %',
  )
})

test('a failure by part of a step says so', () => {
  const [view, gate] = changed(rolledBack, 'quality', { ...within, worst: { step: 1, difference: 0.02 } })
  expect(plainWords(view, gate)).toContain('In part of the time it was outside the 5 pp allowed')
  expect(headline(view)).toContain('more than the 5 pp allowed in part of the time')
})

test('an interval that reaches past the margin does not put a pass in question', () => {
  const [view, gate] = changed(inCanary, 'latency', { ...within, high: 0.2, verdict: 'pass' })
  expect(plainWords(view, gate)).toContain('the evidence was enough for the 10 pp allowed when it passed')
})

test('a report in doubt holds no step', () => {
  const [view, gate] = changed(inCanary, 'latency', { verdict: 'doubt' })
  expect(verdictSentence(view, gate)).toContain('No step may end')
  expect(verdictSentence(view, { ...gate, plan: { ...gate.plan, decides: false } })).not.toContain('No step may end')
})
