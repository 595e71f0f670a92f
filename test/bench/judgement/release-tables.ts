/** Published tables of whole releases, watches, pairs and sets. */
import { about, type Cell, type Figure, points, SEED } from './cells.ts'
import { watch } from './gates.ts'
import { pairsAtMargin, pairsUntil, requestsUntil, setOutcomes, smallestSet } from './pairs.ts'
import { type After, type DemoOptions, type DemoResult, demo } from './release.ts'

/** What the page says of a demo release: shares in %, median seconds. */
interface DemoCell {
  readonly promoted?: number
  readonly rolledBack?: number
  readonly inShadow?: number
  readonly promotedAfter?: number
  readonly rolledBackAfter?: number
}
const later = (t: number): number => (t > 20 ? 0.06 : 0)
const DEMO: readonly (readonly [name: string, options: DemoOptions, cell: DemoCell])[] = [
  ['equal', { change: {}, noise: 1 }, { promoted: 100, promotedAfter: 36 }],
  ['quality .80', { change: { quality: 0.2 }, noise: 1 }, { rolledBack: 100, inShadow: 100, rolledBackAfter: 6 }],
  ['quality .85', { change: { quality: 0.15 }, noise: 1 }, { rolledBack: 100, inShadow: 100, rolledBackAfter: 9 }],
  ['quality .88', { change: { quality: 0.12 }, noise: 1 }, { rolledBack: 95, promoted: 0, rolledBackAfter: 29 }],
  ['quality .88, a look a second', { change: { quality: 0.12 }, noise: 1, every: 1 }, { rolledBack: 95, inShadow: 57 }],
  ['97 % above the bound', { change: { latency: 0.97 }, noise: 1 }, { inShadow: 100, rolledBackAfter: 0 }],
  ['30 % above the bound', { change: { latency: 0.3 }, noise: 1 }, { inShadow: 100, rolledBackAfter: 3 }],
  ['18 % above the bound', { change: { latency: 0.18 }, noise: 1 }, { promoted: 88, rolledBack: 0, promotedAfter: 92 }],
  ['quality at its margin', { change: { quality: 0.1 }, noise: 1 }, { promoted: 3, rolledBack: 1 }],
  ['errors 6 % from second 20', { change: { errors: later }, noise: 1 }, { rolledBack: 99.9, rolledBackAfter: 29 }],
  ['equal, noise 20 %', { change: {}, noise: 0.2 }, { promoted: 100, promotedAfter: 46 }],
  ['30 % above, noise 20 %', { change: { latency: 0.3 }, noise: 0.2 }, { rolledBack: 100, rolledBackAfter: 12 }],
  ['18 % above, noise 20 %', { change: { latency: 0.18 }, noise: 0.2 }, { promoted: 72, rolledBack: 0 }],
]

/** A median may be off by 5 %, a second, or three points of rank. */
const median = (name: string, expected: number, got: After): Figure => {
  const figure = about(name, expected, got.median, 0.05, 1)
  return { ...figure, tolerance: Math.max(figure.tolerance, got.spread) }
}

export function demos(): Cell[] {
  return DEMO.map(([name, options, cell], i) => ({
    table: 'demo release',
    name,
    run: (runs) => {
      const got = demo(SEED + 60 + i, runs, options)
      return Object.entries(cell).map(([key, expected]) => {
        const value = got[key as keyof DemoResult]
        return typeof value === 'number' ? points(key, expected, value) : median(key, expected, value)
      })
    },
  }))
}

const WATCHES: readonly (readonly [
  R: number,
  pb: number,
  pc: number,
  delta: number,
  alarm: number,
  median?: number,
])[] = [
  [5, 0.01, 0.01, 0.01, 0],
  [5, 0.01, 0.02, 0.01, 0.1],
  [5, 0.01, 0.01, 0, 0.1],
  [5, 0.01, 0.03, 0.01, 82, 15.5],
  [5, 0.05, 0.075, 0.03, 0],
  [5, 0.05, 0.1, 0.03, 84, 16],
  [5, 0.1, 0.15, 0.03, 45],
  [5, 0.1, 0.2, 0.03, 100, 1.7],
  [100, 0.01, 0.01, 0.01, 0],
  [100, 0.01, 0.02, 0.01, 0.2],
  [100, 0.01, 0.01, 0, 0.2],
  [100, 0.01, 0.03, 0.01, 100, 0.5],
  [100, 0.05, 0.075, 0.03, 0],
  [100, 0.05, 0.1, 0.03, 100, 0.5],
  [100, 0.1, 0.15, 0.03, 100, 0.8],
  [100, 0.1, 0.2, 0.03, 100, 0.1],
]

export function watches(): Cell[] {
  return WATCHES.map(([R, pb, pc, delta, alarm, median], i) => ({
    table: 'watch of 30 min',
    name: `R${R}, ${100 * pb} -> ${100 * pc} %, +${100 * delta} pp`,
    run: (runs) => {
      const got = watch({ seed: SEED + 100 + i, runs, R, pb, pc, delta })
      const after = median === undefined ? [] : [about('median minutes', median, got.median, 0.08, 0.2)]
      return [points('alarm', alarm, got.alarm), ...after]
    },
  }))
}

/** Correlations of 0/1 answers whose latent normal scores correlate with .8. */
const PAIRS: readonly {
  readonly name: string
  readonly pb: number
  readonly pc: number
  readonly delta: number
  readonly worse: number
  readonly equal: number
  readonly margin: number
  readonly expected: readonly [fail: number, pass: number, failAtMargin: number, passAtMargin: number]
}[] = [
  {
    name: '0.90 -> 0.84, +3 pp',
    pb: 0.1,
    pc: 0.16,
    delta: 0.03,
    worse: 0.5112,
    equal: 0.5135,
    margin: 0.5308,
    expected: [1940, 1500, 2.2, 2],
  },
  {
    name: '0.95 -> 0.85, +5 pp',
    pb: 0.05,
    pc: 0.15,
    delta: 0.05,
    worse: 0.4308,
    equal: 0.4678,
    margin: 0.5135,
    expected: [560, 380, 2.5, 2],
  },
]

export function pairs(): Cell[] {
  return PAIRS.map(({ name, pb, pc, delta, worse, equal, margin, expected }, i) => ({
    table: 'pairs in shadow',
    name,
    run: (runs) => {
      const seed = SEED + 120 + 3 * i
      const fail = pairsUntil({ seed, runs, side: 'fail', pc, pb, correlation: worse, delta })
      const pass = pairsUntil({ seed: seed + 1, runs, side: 'pass', pc: pb, pb, correlation: equal, delta })
      const both = pairsAtMargin({ seed: seed + 2, runs, pb, correlation: margin, delta })
      return [
        about('pairs to fail in 80 %', expected[0], fail, 0.06, 30),
        about('pairs to pass in 80 %', expected[1], pass, 0.06, 30),
        points('fail at the margin', expected[2], both.fail),
        points('pass at the margin', expected[3], both.pass),
      ]
    },
  }))
}

export function sizes(): Cell[] {
  const shared = { pb: 0.01, w: 0.05, delta: 0.01 }
  return [
    {
      table: 'candidate requests for 80 %',
      name: '1 -> 3 %, +1 pp, w 5 %',
      run: (runs) => {
        const fail = requestsUntil({ ...shared, seed: SEED + 140, runs, side: 'fail', pc: 0.03 })
        const pass = requestsUntil({ ...shared, seed: SEED + 141, runs, side: 'pass', pc: 0.01 })
        return [about('to fail', 3960, fail, 0.06, 0), about('to pass', 2190, pass, 0.06, 0)]
      },
    },
  ]
}

const SETS: readonly (readonly [delta: number, least: number, half: number, most: number])[] = [
  [0.02, 189, 874, 1758],
  [0.03, 125, 400, 794],
  [0.05, 73, 163, 307],
]

export function sets(): Cell[] {
  const SAME = 0.5135
  return SETS.map(([delta, least, half, most]) => ({
    table: 'golden set, exact',
    name: `+${100 * delta} pp`,
    run: () => [
      about('smallest that can pass', least, smallestSet(delta), 0, 0),
      points(`pass, ${half} lines`, 50, setOutcomes(half, delta, 0.1, 0.1, SAME).pass),
      points(`pass, ${most} lines`, 80, setOutcomes(most, delta, 0.1, 0.1, SAME).pass),
    ],
  }))
}
