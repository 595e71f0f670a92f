/** Axes, paths and lanes of the timeline. */
import { describe, expect, it } from 'vitest'
import type { NoteView } from '../../../src/record/types.ts'
import { events } from '../../../src/view/report/events.ts'
import { areaPath, bandPath, linePath, stairPath } from '../../../src/view/report/paths.ts'
import { apart, shareScale, timeTicks } from '../../../src/view/report/scale.ts'
import { stepRows } from '../../../src/view/report/steps.ts'
import { timeline } from '../../../src/view/report/timeline.ts'
import { inCanary, rolledBack, START } from '../example.ts'

describe('scales', () => {
  it('hold every value between round ticks, four at most', () => {
    expect(shareScale([0, 0, 0.02, 0.028]).ticks).toEqual([0, 0.01, 0.02, 0.03])
    for (const values of [[0], [1], [0.999, 1], [0.0001, 0.9], [0.874, 0.957, 0.907, 0.887], [0.1, 0.100001]]) {
      const { low, high, ticks } = shareScale(values)
      expect(low).toBeLessThanOrEqual(Math.min(...values) + 1e-9)
      expect(high).toBeGreaterThanOrEqual(Math.max(...values) - 1e-9)
      expect(ticks.length).toBeLessThanOrEqual(4)
      expect([low >= 0, high <= 1 + 1e-9, low < high]).toEqual([true, true, true])
    }
  })
  it('time ticks are at most seven, each with its unit', () => {
    expect(timeTicks(21_800).map(({ label }) => label)).toEqual([
      '0\u00a0s',
      '5\u00a0s',
      '10\u00a0s',
      '15\u00a0s',
      '20\u00a0s',
    ])
    for (const total of [1000, 59_000, 3_600_000, 86_400_000, 30 * 86_400_000])
      expect(timeTicks(total).length).toBeLessThanOrEqual(7)
  })
  it('labels stand apart and inside', () => {
    const ys = apart([{ y: 95 }, { y: 96 }, { y: 200 }], 14, 0, 100).map(({ y }) => y)
    expect(ys).toEqual([72, 86, 100])
  })
})

describe('paths', () => {
  const dots = Array.from({ length: 5000 }, (_, i) => ({
    x: i / 4999,
    y: i === 2222 ? 0 : i === 3333 ? 40 : 20 + (i % 2),
  }))
  it('keep first, last, and the extremes of each column', () => {
    const path = linePath(dots, 220)
    expect(path.startsWith('M0 20')).toBe(true)
    expect(path.length).toBeLessThan(220 * 2 * 9)
    // Added up, the relative steps come to the last point, without drift.
    const steps = path
      .slice(path.indexOf('l') + 1)
      .split(' ')
      .map(Number)
    const xs = steps.filter((_, i) => i % 2 === 0).reduce((sum, n) => sum + n, 0)
    expect(xs).toBe(1000)
    const ys = steps.filter((_, i) => i % 2 === 1)
    expect(Math.min(...ys)).toBeLessThan(-19)
    expect(Math.max(...ys)).toBeGreaterThan(18)
  })
  it('bands are closed, areas reach the edge, stairs are level', () => {
    expect(
      bandPath(
        [
          { x: 0, low: 30, high: 10 },
          { x: 1, low: 31, high: 11 },
        ],
        2,
      ),
    ).toBe('M0 10l1000 1 0 20 -1000 -1Z')
    expect(
      areaPath(
        [
          { x: 0, y: 10 },
          { x: 1, y: 10 },
        ],
        52,
        2,
      ),
    ).toBe('M0 10l1000 0V52H0Z')
    expect(
      stairPath([
        { x: 0, y: 52 },
        { x: 0.5, y: 39 },
      ]),
    ).toBe('M0 52l500 0 0 -13')
  })
})

describe('events', () => {
  const many = (count: number, text: (i: number) => string): NoteView[] =>
    Array.from({ length: count }, (_, i) => ({ at: START + 5000 + i * 100, what: 'fault', text: text(i) }))
  it('a pause is one mark from its begin to its end', () => {
    const paused = events(rolledBack, 21_800).find(({ text }) => text.startsWith('paused'))
    expect(paused).toMatchObject({ from: 15_000, to: 18_250 })
  })
  it('over three lanes equal ones become one, the rest stands in the journal', () => {
    const same = events({ ...rolledBack, notes: many(9, () => 'the server exited') }, 21_800)
    expect(same.map(({ text }) => text)).toEqual(['the server exited (9 times)'])
    const other = events(
      { ...rolledBack, notes: many(9, (i) => `something long happened to the server number ${i}`) },
      21_800,
    )
    expect(other).toHaveLength(3)
  })
})

it('the timeline follows from the looks: strips worst first, the blamed one taller, and its steps', () => {
  const { body } = timeline(rolledBack)
  const names = [...body.matchAll(/class="name wide">(\w+)/g)].map((match) => match[1])
  expect(names).toEqual(['traffic', 'quality', 'latency', 'errors'])
  const heights = [...body.matchAll(/height="(\d+)" viewBox/g)].map((match) => Number(match[1]))
  expect(heights).toEqual([52, 110, 73, 73])
  expect(body).toMatch(/class="disc"/)
  expect(body.match(/class="ring"/g)).toHaveLength(2)
  expect(body.match(/class="stop"/g)!.length).toBeGreaterThanOrEqual(2)
  expect(stepRows(rolledBack).map(({ ended }) => ended)).toEqual([
    'time and pairs reached, no gate in doubt',
    'quality failed; users taken back',
    'not reached',
    'not reached',
  ])
  expect(stepRows(inCanary)[1]).toMatchObject({ baseline: '604', candidate: '209', failed: '0', ended: 'still runs' })
})
