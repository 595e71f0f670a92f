// An idle host with its data plane and one server: share of a core and memory over a minute (limits: 1 %, 150 MB together).
import { readdirSync, readFileSync } from 'node:fs'
import { begin, ended, makeDemo, run } from '../quickstart/project.ts'

const SECONDS = Number(process.argv[2] ?? 60)
const TICKS = 100

/** Ticks of processor time so far, and bytes that are its own or shared with nobody else (Pss). */
function used(pid: number): { ticks: number; bytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return { ticks: Number(fields[11]) + Number(fields[12]), bytes: Number(pss?.[1] ?? 0) * 1024 }
}
/** Processes of slipway's own in the project: the host and the data plane. */
const ownPids = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return /entries\/(host|data-plane)/.test(command) && command.includes(folder)
      } catch {
        return false
      }
    })

const demo = await makeDemo()
try {
  const trained = await run(demo, [
    'train',
    'run',
    '--data',
    'data/good.jsonl',
    '--param',
    'rows=1500',
    '--param',
    'epochs=1',
    '--pack',
    '--tag',
    'v1',
  ])
  if (trained.code !== 0) throw new Error(trained.stderr)
  const released = await ended(begin(demo, ['release', 'start', 'digits:v1']))
  if (released.code !== 0) throw new Error(released.stderr)
  const pids = ownPids(demo.folder)
  if (pids.length !== 2) throw new Error(`${pids.length} processes instead of host and data plane`)
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const before = pids.map(used)
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000))
  const after = pids.map(used)
  const cpu = after.reduce((sum, u, k) => sum + u.ticks - before[k]!.ticks, 0) / TICKS / SECONDS
  const bytes = after.reduce((sum, u) => sum + u.bytes, 0)
  console.log(`| idle for ${SECONDS} s | share of a core | memory (Pss) |\n|---|---|---|`)
  console.log(`| host + data plane | ${(100 * cpu).toFixed(2)} % | ${(bytes / 1e6).toFixed(0)} MB |`)
} finally {
  await run(demo, ['local', 'down', '--force'])
}
