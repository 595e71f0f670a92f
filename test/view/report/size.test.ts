import { expect, it } from 'vitest'
import type { NoteView, ReleaseView, StripPoint, TimelinePoint } from '../../../src/record/types.ts'
import { reportHtml } from '../../../src/view/report/html.ts'
import { reportMarkdown } from '../../../src/view/report/markdown.ts'
import { GATES, gateView, numbers, rolledBack, START } from '../example.ts'

const DAY = 86_400_000
const GATES_IN_ALL = 8

/** A day of eight gates that wobble, a journal of thousands, examples that are long. */
function long(): ReleaseView {
  const names = Array.from({ length: GATES_IN_ALL }, (_, i) => `latency-${i}`)
  const wobble = (i: number, k: number) => 0.1 + 0.05 * Math.sin(i * 0.37 + k) + 0.03 * Math.sin(i * 1.9 + 2 * k)
  const strip = (i: number, k: number): StripPoint => {
    const [b, c] = [wobble(i, k), wobble(i + 7, k)]
    return {
      at: START + i * 43_200,
      baseline: b,
      baselineLow: b - 0.01 - 0.01 * Math.sin(i),
      baselineHigh: b + 0.02,
      candidate: c,
      candidateLow: c - 0.02,
      candidateHigh: c + 0.02 + 0.01 * Math.sin(i),
      limit: b + 0.1,
      doubt: i % 9 === 0,
    }
  }
  const timeline: TimelinePoint[] = Array.from({ length: 2000 }, (_, i) => ({
    at: START + i * 43_200,
    clockMs: i * 43_200,
    still: i % 50 === 0,
    weightPpm: 250_000,
    mirroring: false,
    phase: 'steps',
    step: 1,
    requestsPerSecond: 88,
    gates: Object.fromEntries(names.map((name, k) => [name, strip(i, k)])),
  }))
  const plans = names.map((name) => ({ ...GATES.latency, name }))
  const example = { expect: 'x'.repeat(5000), baseline: 'y'.repeat(5000), candidate: 'z'.repeat(5000) }
  const examples = Array.from({ length: 20 }, (_, i) => ({ id: `line ${i} ${'w'.repeat(500)}`, ...example }))
  return {
    ...rolledBack,
    endedAt: START + DAY,
    plan: { ...rolledBack.plan, gates: plans },
    gates: plans.map((plan) =>
      gateView(plan, numbers(plan, [100, 1000], [120, 1000]), { newlyWrong: examples, newlyRight: examples }),
    ),
    timeline,
    notes: Array.from(
      { length: 5000 },
      (_, i): NoteView => ({
        at: START + i * 17_000,
        what: 'verdict',
        text: `latency-${i % 8}: ${'doubt and evidence '.repeat(12)}${i}`,
      }),
    ),
  }
}
const bytes = (text: string): number => new TextEncoder().encode(text).length

it('a day with eight noisy gates fits into 150 kB of HTML', () => {
  const html = reportHtml(long())
  expect(bytes(html)).toBeLessThanOrEqual(150_000)
  expect(html).toContain('more; all of them are in the JSON')
})
it('and into 64 kB of Markdown', () => expect(bytes(reportMarkdown(long()))).toBeLessThanOrEqual(64_000))
