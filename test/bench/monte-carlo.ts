/**
 * The judge against the published tables of its rule, by seeded simulation: `node test/bench/monte-carlo.ts [RUNS] [TABLE…]`.
 * Prints a Markdown table; ends with 1 when a number is further off than its tolerance (3 points for shares).
 */
import type { Figure } from './judgement/cells.ts'
import { atMargin, late, single, six } from './judgement/gate-tables.ts'
import { demos, pairs, sets, sizes, watches } from './judgement/release-tables.ts'

const CELLS = [single, atMargin, six, demos, late, watches, pairs, sizes, sets].flatMap((cells) => cells())

const [first, ...names] = process.argv.slice(2)
const runs = Number(first ?? 5000)
const wanted = CELLS.filter((cell) => names.length === 0 || names.some((name) => cell.table.startsWith(name)))

const round = (value: number): string => String(Math.round(value * 10) / 10)
const isOff = ({ expected, got, tolerance }: Figure): boolean => !(Math.abs(got - expected) <= tolerance + 1e-9)
const shown = (figure: Figure): string => `${figure.name} ${round(figure.got)}${isOff(figure) ? ' **off**' : ''}`

let off = 0
let table = ''
for (const cell of wanted) {
  if (cell.table !== table) {
    table = cell.table
    console.log(`\n## ${table}\n\n| case | published | here |\n|---|---|---|`)
  }
  const figures = cell.run(runs)
  off += figures.filter(isOff).length
  const published = figures.map(({ expected }) => round(expected)).join(' / ')
  console.log(`| ${cell.name} | ${published} | ${figures.map(shown).join(' / ')} |`)
}
console.log(`\n${wanted.length} cells, ${runs} runs each: ${off === 0 ? 'all within tolerance' : `${off} numbers off`}`)
if (wanted.length === 0 || off > 0) process.exitCode = 1
