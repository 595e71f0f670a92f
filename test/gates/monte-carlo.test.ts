/** A few cells of the published tables; test/bench/monte-carlo.ts computes all of them. */
import { describe, expect, test } from 'vitest'
import type { Cell } from '../bench/judgement/cells.ts'
import { atMargin, single, six } from '../bench/judgement/gate-tables.ts'
import { demos, sets, watches } from '../bench/judgement/release-tables.ts'

/** Few runs are noisy: a share of `runs` may be off by three of its standard errors beside its 3 points, a time by thrice its part. */
function check(cells: readonly Cell[], names: readonly string[], runs: number): void {
  const wanted = cells.filter((cell) => names.includes(cell.name))
  test('the cells exist', () => expect(wanted.map((cell) => cell.name)).toEqual(names))
  test.each(wanted)('$table: $name', (cell) => {
    for (const { name, expected, got, tolerance, share } of cell.run(runs)) {
      const p = Math.min(0.99, Math.max(0.01, expected / 100))
      const allowed = share ? tolerance + 300 * Math.sqrt((p * (1 - p)) / runs) : 3 * tolerance
      expect(Math.abs(got - expected), `${name}: ${got} instead of ${expected}`).toBeLessThanOrEqual(allowed)
    }
  })
}

describe('one gate', () => {
  check(single(), ['R5 w20 30m, errors 1 %', 'R5 w20 30m, errors 3 %', 'R5 w20 30m, quality .80'], 300)
  check(atMargin(), ['R5 w20 30m, latency 8 %'], 300)
})
describe('six gates', () => {
  check(six(), ['quality .90 -> .80'], 60)
})
describe('demo release', () => {
  check(demos(), ['quality .80', 'quality .85', '30 % above the bound'], 300)
  check(demos(), ['equal', 'errors 6 % from second 20'], 100)
})
describe('watch', () => {
  check(watches(), ['R5, 1 -> 2 %, +1 pp', 'R5, 1 -> 3 %, +1 pp'], 200)
})
describe('golden set', () => {
  check(sets(), ['+5 pp'], 1)
})
