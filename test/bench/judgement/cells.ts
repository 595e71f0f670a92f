/** A cell of the published tables: what each number should be and how to compute it anew. */

/** One number of a cell. Per cent may differ by 3 points; times and sizes by a part of the value, `floor` at least. */
export interface Figure {
  readonly name: string
  readonly expected: number
  readonly got: number
  readonly tolerance: number
  /** A share in % of the runs. */
  readonly share: boolean
}
export interface Cell {
  readonly table: string
  readonly name: string
  readonly run: (runs: number) => readonly Figure[]
}
const POINTS = 3
/** Every cell draws from a seed of its own, this and a number. */
export const SEED = 20_240
export const points = (name: string, expected: number, got: number): Figure => ({
  name,
  expected,
  got,
  tolerance: POINTS,
  share: true,
})
export const about = (name: string, expected: number, got: number, part: number, floor: number): Figure => ({
  name,
  expected,
  got,
  tolerance: Math.max(part * expected, floor),
  share: false,
})
/** At most 5 % of runs: 2.5 +- 2.5. */
export const fewRuns = (name: string, got: number): Figure => ({
  name,
  expected: 2.5,
  got,
  tolerance: 2.5,
  share: true,
})
export const minutes = (expected: number, got: number): Figure => about('minutes', expected, got, 0.05, 1)
