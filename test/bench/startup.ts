/** How long commands take to start, against `node -e 0`: medians, alternated in one run. Run with node; prints a table. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'bin', 'run.js')
const ROUNDS = Number(process.argv[2] ?? 41)

interface Case {
  readonly name: string
  readonly args: readonly string[]
  /** What stdout must hold: a time of a command that failed is no time. */
  readonly shows: string
  /** Highest ratio to `node -e 0`; null: the floor itself. */
  readonly most: number | null
}
const CASES: readonly Case[] = [
  { name: 'node -e 0', args: ['-e', '0'], shows: '', most: null },
  { name: 'slipway --version', args: [BIN, '--version'], shows: 'slipway ', most: 1.25 },
  { name: 'slipway --help', args: [BIN, '--help'], shows: 'slipway release start', most: 3.8 },
  { name: 'slipway validate', args: [BIN, 'validate'], shows: 'is valid', most: 4 },
  { name: 'slipway help exit-codes --json', args: [BIN, 'help', 'exit-codes', '--json'], shows: '"exits"', most: 4 },
]

const folder = mkdtempSync(join(tmpdir(), 'slipway-startup-'))
const config = [
  'apiVersion: slipway.dev/v1',
  'model: digits',
  'serving:',
  '  command: [node, app.js, --port, "{port}"]',
  '',
]
writeFileSync(join(folder, 'slipway.yaml'), config.join('\n'))
const env = { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8' }

function time({ args, shows }: Case): number {
  const start = performance.now()
  const { stdout, status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' })
  const took = performance.now() - start
  if (status !== 0 || !stdout.includes(shows)) throw new Error(`${args.join(' ')}: exit ${status}\n${stdout}${stderr}`)
  return took
}
const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!

const times = CASES.map((): number[] => [])
// The first round fills the compile cache.
for (let round = -1; round < ROUNDS; round++)
  for (const [at, one] of CASES.entries()) {
    const took = time(one)
    if (round >= 0) times[at]!.push(took)
  }
rmSync(folder, { recursive: true })

const floor = median(times[0]!)
let missed = 0
for (const [at, { name, most }] of CASES.entries()) {
  const took = median(times[at]!)
  const ratio = took / floor
  const verdict = most === null ? '' : `  <= ${most.toFixed(2)}  ${ratio <= most ? 'met' : 'missed'}`
  if (most !== null && ratio > most) missed++
  console.log(`${name.padEnd(32)} ${took.toFixed(1).padStart(7)} ms  ${ratio.toFixed(2)} x${verdict}`)
}
process.exitCode = missed > 0 ? 1 : 0
