/**
 * `slipway pack` of a model of 2 GiB against `openssl dgst -sha256` + `cp` of the same file: CPU seconds, medians, alternated
 * in one run; the most memory; bytes on disk. Run with node after a build; prints a Markdown table, exits 1 where a bound is missed.
 */
import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const BIN = join(HERE, '..', '..', 'bin', 'run.js')
const USAGE = join(HERE, 'pack', 'usage.mjs')
const ROUNDS = Number(process.env.ROUNDS ?? 5)
const SIZE = Number(process.env.SIZE ?? 2 * 2 ** 30)
const MOST = { ratio: 1.1, rss: 150e6 }

const folder = mkdtempSync(join(process.env.FOLDER ?? tmpdir(), 'slipway-pack-'))
const model = join(folder, 'model', 'model.safetensors')
const store = join(folder, '.slipway')

/** A model of random bytes: nothing of it can be shared or squeezed. */
function writeModel(): void {
  mkdirSync(dirname(model))
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [SIZE], data_offsets: [0, SIZE] } }))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const file = openSync(model, 'w')
  writeSync(file, Buffer.concat([length, header]))
  const piece = Buffer.alloc(2 ** 24)
  for (let at = 0; at < SIZE; at += piece.length)
    writeSync(file, randomFillSync(piece), 0, Math.min(piece.length, SIZE - at))
  closeSync(file)
}

/** CPU seconds of a shell line, by bash's own clock. */
function cpuOf(line: string): number {
  const ran = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time { ${line} > /dev/null; }`], {
    cwd: folder,
    encoding: 'utf8',
  })
  const [user, system] = ran.stderr.trim().split('\n').at(-1)!.split(' ').map(Number)
  if (ran.status !== 0 || user === undefined || system === undefined) throw new Error(`${line}: ${ran.stderr}`)
  return user + system
}

function packed(): { cpu: number; rss: number; ms: number } {
  const start = performance.now()
  const file = join(folder, 'usage.json')
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, USAGE: file }
  const ran = spawnSync(process.execPath, ['--import', USAGE, BIN, 'pack'], { cwd: folder, encoding: 'utf8', env })
  if (ran.status !== 0) throw new Error(`pack: exit ${ran.status}\n${ran.stdout}${ran.stderr}`)
  return { ...JSON.parse(readFileSync(file, 'utf8')), ms: performance.now() - start }
}

/** Bytes of all files below a folder, each counted once. */
function bytesBelow(path: string): number {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + lstatSync(join(entry.parentPath, entry.name)).size, 0)
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const ours: ReturnType<typeof packed>[] = []
const theirs: number[] = []
let disk = 0
try {
  writeModel()
  writeFileSync(
    join(folder, 'slipway.yaml'),
    'apiVersion: slipway.dev/v1\nmodel: bench\nserving:\n  command: [server, --port, "{port}"]\n',
  )
  for (let round = 0; round < ROUNDS; round++) {
    spawnSync('sync')
    theirs.push(cpuOf(`openssl dgst -sha256 ${model}`) + cpuOf(`cp ${model} copy`))
    rmSync(join(folder, 'copy'))
    spawnSync('sync')
    ours.push(packed())
    disk = bytesBelow(store) - lstatSync(model).size
    rmSync(store, { recursive: true })
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const cpu = median(ours.map((one) => one.cpu))
const ratio = cpu / median(theirs)
const rss = Math.max(...ours.map((one) => one.rss))
const rows = [
  [
    'CPU, against openssl + cp',
    `${cpu.toFixed(2)} s / ${median(theirs).toFixed(2)} s = ${ratio.toFixed(2)} x`,
    `<= ${MOST.ratio} x`,
    ratio <= MOST.ratio,
  ],
  ['memory', `${(rss / 1e6).toFixed(0)} MB`, `<= ${MOST.rss / 1e6} MB`, rss <= MOST.rss],
  ['on disk beside one copy', `${(disk / 1e3).toFixed(1)} kB`, '<= 100 kB', disk <= 100e3],
  ['time', `${(median(ours.map((one) => one.ms)) / 1000).toFixed(1)} s`, '', true],
] as const
console.log(`| pack of ${(SIZE / 2 ** 30).toFixed(1)} GiB | measured | bound | |\n|---|---|---|---|`)
for (const [name, value, bound, held] of rows)
  console.log(`| ${name} | ${value} | ${bound} | ${held ? 'held' : 'missed'} |`)
process.exitCode = rows.every(([, , , held]) => held) ? 0 : 1
