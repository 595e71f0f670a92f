/** Published tables of gates under fixed weights. */
import { type Cell, fewRuns, minutes, points, SEED } from './cells.ts'
import { type Arm, decide, lateRegression } from './gates.ts'

type Row = readonly (readonly [fail: number, pass: number, inconclusive: number, minutes: number])[]
const ERRORS: readonly (readonly [name: string, pb: number, pc: number, delta: number])[] = [
  ['errors 1 %', 0.01, 0.01, 0.01],
  ['errors 3 %', 0.01, 0.03, 0.01],
  ['errors 6 %', 0.01, 0.06, 0.01],
  ['latency 5 %', 0.05, 0.05, 0.03],
  ['latency 10 %', 0.05, 0.1, 0.03],
  ['quality .90', 0.1, 0.1, 0.03],
  ['quality .85', 0.1, 0.15, 0.03],
  ['quality .80', 0.1, 0.2, 0.03],
]
const SINGLE: readonly (readonly [R: number, w: number, minutes: number, row: Row])[] = [
  [
    1,
    0.05,
    60,
    [
      [0, 5, 95, 60],
      [12, 0, 88, 59],
      [75, 0, 25, 47],
      [0, 30, 70, 57],
      [16, 0, 84, 59],
      [0, 22, 78, 58],
      [12, 0, 88, 60],
      [71, 0, 29, 55],
    ],
  ],
  [
    1,
    0.2,
    60,
    [
      [0, 48, 52, 55],
      [38, 0, 62, 57],
      [100, 0, 0, 22],
      [0, 86, 14, 48],
      [42, 0, 58, 57],
      [0, 63, 37, 55],
      [28, 0, 72, 59],
      [99, 0, 0, 34],
    ],
  ],
  [
    5,
    0.05,
    30,
    [
      [0, 30, 70, 29],
      [31, 0, 69, 29],
      [99, 0, 1, 14],
      [0, 69, 31, 26],
      [31, 0, 69, 29],
      [0, 48, 52, 28],
      [23, 0, 76, 30],
      [97, 0, 3, 21],
    ],
  ],
  [
    5,
    0.2,
    30,
    [
      [0, 90, 10, 21],
      [73, 0, 27, 25],
      [100, 0, 0, 4],
      [0, 100, 0, 14],
      [79, 0, 21, 26],
      [0, 95, 5, 21],
      [60, 0, 39, 28],
      [100, 0, 0, 7],
    ],
  ],
  [
    20,
    0.05,
    30,
    [
      [0, 93, 7, 21],
      [79, 0, 21, 24],
      [100, 0, 0, 4],
      [0, 100, 0, 12],
      [84, 0, 16, 25],
      [0, 98, 2, 20],
      [66, 0, 34, 28],
      [100, 0, 0, 6],
    ],
  ],
  [
    20,
    0.2,
    30,
    [
      [0, 100, 0, 7],
      [100, 0, 0, 12],
      [100, 0, 0, 1],
      [0, 100, 0, 4],
      [100, 0, 0, 12],
      [0, 100, 0, 7],
      [99, 0, 1, 19],
      [100, 0, 0, 2],
    ],
  ],
]
const at = (R: number, w: number, m: number): string => `R${R} w${100 * w} ${m}m`

export function single(): Cell[] {
  return SINGLE.flatMap(([R, w, m, row]) =>
    ERRORS.map(
      ([name, pb, pc, delta], i): Cell => ({
        table: 'one gate',
        name: `${at(R, w, m)}, ${name}`,
        run: (runs) => {
          const [fail, pass, inconclusive, mean] = row[i]!
          const gates: Arm[] = [{ name: 'gate', pb, pc, delta }]
          const got = decide({ seed: SEED + i, runs, R, weights: [w], horizon: 60 * m, every: 10, gates })
          return [
            points('fail', fail, got.fail),
            points('pass', pass, got.pass),
            points('inconclusive', inconclusive, got.inconclusive),
            minutes(mean, got.minutes),
          ]
        },
      }),
    ),
  )
}

/** Exactly at the margin both errors must stay at 5 % or below: 2.5 +- 2.5. */
export function atMargin(): Cell[] {
  const gates: readonly (readonly [string, number, number])[] = [
    ['errors 2 %', 0.01, 0.01],
    ['latency 8 %', 0.05, 0.03],
    ['quality .87', 0.1, 0.03],
  ]
  return SINGLE.flatMap(([R, w, m]) =>
    gates.map(
      ([name, pb, delta], i): Cell => ({
        table: 'one gate at its margin (at most 5 %)',
        name: `${at(R, w, m)}, ${name}`,
        run: (runs) => {
          const arm: Arm = { name: 'gate', pb, pc: pb + delta, delta }
          const got = decide({ seed: SEED + 20 + i, runs, R, weights: [w], horizon: 60 * m, every: 10, gates: [arm] })
          return [fewRuns('fail', got.fail), fewRuns('pass', got.pass)]
        },
      }),
    ),
  )
}

const SIX_GATES: readonly (readonly [name: string, pb: number, delta: number, share: number])[] = [
  ['errors', 0.01, 0.01, 1],
  ['refusals', 0.02, 0.01, 1],
  ['first byte', 0.05, 0.03, 1],
  ['total', 0.05, 0.03, 1],
  ['quality', 0.1, 0.03, 0.2],
  ['format', 0.01, 0.01, 1],
]
const MARGINS = Object.fromEntries(SIX_GATES.map(([name, pb, delta]) => [name, pb + delta]))
const SIX: readonly (readonly [string, Record<string, number>, number, number, number, number])[] = [
  ['equal', {}, 0, 54.5, 45.5, 59],
  ['all six at their margins', MARGINS, 2.7, 0, 97.3, 60],
  ['only quality at its margin', { quality: 0.13 }, 0.3, 3.4, 96.3, 60],
  ['errors 1 -> 3 %', { errors: 0.03 }, 82.1, 0, 17.9, 54],
  ['quality .90 -> .85', { quality: 0.15 }, 9.2, 0.3, 90.5, 60],
  ['quality .90 -> .80', { quality: 0.2 }, 96.3, 0, 3.7, 51],
]

export function six(): Cell[] {
  return SIX.map(([name, change, fail, pass, inconclusive, mean], i) => ({
    table: 'six gates',
    name,
    run: (runs) => {
      const gates = SIX_GATES.map(([gate, pb, delta, share]) => ({
        name: gate,
        pb,
        pc: change[gate] ?? pb,
        delta,
        share,
      }))
      const weights = [0.05, 0.1, 0.25, 0.5]
      const got = decide({ seed: SEED + 40 + i, runs, R: 5, weights, horizon: 3600, every: 10, gates })
      return [
        points('fail', fail, got.fail),
        points('pass', pass, got.pass),
        points('inconclusive', inconclusive, got.inconclusive),
        minutes(mean, got.minutes),
      ]
    },
  }))
}

const LATE: readonly (readonly [R: number, w: number, pc: number, begins: number, found: number, minutes?: number])[] =
  [
    [5, 0.2, 0.03, 0.5, 21],
    [20, 0.2, 0.03, 0.5, 91, 16],
    [5, 0.05, 0.06, 0.5, 84, 18],
    [5, 0.2, 0.03, 0.75, 5],
    [20, 0.2, 0.03, 0.75, 41],
    [5, 0.05, 0.06, 0.75, 37],
  ]

export function late(): Cell[] {
  return LATE.map(([R, w, pc, begins, found, after], i) => ({
    table: 'regression that begins late, e part',
    name: `R${R} w${100 * w}, -> ${100 * pc} % from ${begins} H`,
    run: (runs) => {
      const got = lateRegression({ seed: SEED + 80 + i, runs, R, w, pc, begins })
      return [points('found', found, got.found), ...(after === undefined ? [] : [minutes(after, got.minutes)])]
    },
  }))
}
