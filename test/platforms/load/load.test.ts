import { afterEach, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../../src/io/clock.ts'
import { seededOrder } from '../../../src/platforms/local/load/order.ts'
import { Quantiles } from '../../../src/platforms/local/load/quantiles.ts'
import { type LoadLine, type LoadOptions, runLoad } from '../../../src/platforms/local/load/run.ts'
import { answering, rig, smallServer, target, until } from '../data-plane/rig.ts'

const made: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of made.splice(0)) await one.close()
})
const kept = <T extends { close(): Promise<void> }>(one: T): T => {
  made.push(one)
  return one
}

const lines = (count: number): LoadLine[] =>
  Array.from({ length: count }, (_, index) => ({
    id: String(index),
    request: { method: 'POST', path: '/predict', headers: {}, body: { index } },
    expect: index,
  }))
const options = (address: string, more: Partial<LoadOptions> = {}): LoadOptions => ({
  address,
  lines: lines(10),
  rate: 200,
  durationMs: 500,
  concurrency: 100,
  seed: 1,
  labels: null,
  clock: systemClock,
  signal: new AbortController().signal,
  ...more,
})

test('every request of the schedule is sent, each line once a round, in the order of the seed', async () => {
  const server = kept(await smallServer(answering({})))
  const summary = await runLoad(options(server.address))
  expect(summary).toMatchObject({ scheduled: 100, answered: 100, failed: 0, open: 0, failures: {} })
  expect(server.seen).toHaveLength(100)
  const sent = server.seen.map(({ body }) => (JSON.parse(body) as { index: number }).index)
  expect([...sent].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => Math.floor(i / 10)))
  const order = (seed: number) => {
    const numbers = seededOrder(10, seed)
    return Array.from({ length: 30 }, () => numbers.next().value)
  }
  expect(order(1)).toEqual(order(1))
  expect(order(1)).not.toEqual(order(2))
  expect(order(1).slice(0, 10)).not.toEqual(order(1).slice(10, 20))
})

test('a server that hangs does not hold the schedule up; what exceeds the concurrency fails by that name', async () => {
  const server = kept(await smallServer(() => {}))
  const summary = await runLoad(options(server.address, { concurrency: 7, timeoutMs: 700 }))
  expect(summary.scheduled).toBe(100)
  expect(summary.failures).toEqual({ 'over-concurrency': 93, timeout: 7 })
  expect(summary.failed).toBe(100)
})

test('latency counts from the scheduled moment, not from when a request was sent', async () => {
  const server = kept(await smallServer(answering({})))
  let naps = 0
  const sleepy: Clock = {
    ...systemClock,
    sleep: (ms, signal) => systemClock.sleep(naps++ === 0 ? 400 : ms, signal),
  }
  const summary = await runLoad(options(server.address, { rate: 100, durationMs: 300, clock: sleepy }))
  expect(summary.answered).toBe(30)
  expect(summary.latencyMs.max).toBeGreaterThan(300)
  expect(summary.latencyMs.p50).toBeGreaterThan(150)
})

test('failures have names: refused connections, and statuses', async () => {
  const gone = await smallServer(answering({}))
  await gone.close()
  expect((await runLoad(options(gone.address, { durationMs: 50 }))).failures).toEqual({ refused: 10 })
  const broken = kept(await smallServer(answering({}, 500)))
  expect((await runLoad(options(broken.address, { durationMs: 50 }))).failures).toEqual({ 500: 10 })
  const resetting = kept(await smallServer((req) => req.socket.destroy()))
  expect((await runLoad(options(resetting.address, { durationMs: 50 }))).failures).toEqual({ reset: 10 })
})

test('labels follow their answers by the delay, with the answer’s request id', async () => {
  const server = kept(await smallServer(answering({ label: 3 })))
  const plane = kept(await rig())
  await plane.route({ baseline: target(server, 'sha256:b', 'v1') })
  const control = `http://127.0.0.1:${plane.plane.control.port}`
  const run = runLoad(
    options(plane.url, { durationMs: 100, labels: { delayMs: 100, control, token: plane.options.controlToken } }),
  )
  const first = await until(async () => {
    const { labels, cursor } = await plane.client.call('labels', { after: 0 })
    return cursor > 0 && labels[0]
  })
  const summary = await run
  expect(summary).toMatchObject({ answered: 20, versions: { v1: 20 }, labels: { sent: 20, refused: 0, failed: 0 } })
  const { labels } = await plane.client.call('labels', { after: 0 })
  const seen = server.seen.find(({ headers }) => headers['x-slipway-request-id'] === first.id)
  expect((JSON.parse(seen!.body) as { index: number }).index).toBe(first.label)
  expect(new Set(labels.map(({ id }) => id)).size).toBe(20)
})

test('a signal ends it: nothing is sent any more, and what was open counts as nothing', async () => {
  const server = kept(await smallServer(() => {}))
  const stop = new AbortController()
  const told: number[] = []
  const run = runLoad(
    options(server.address, {
      durationMs: 3_600_000,
      signal: stop.signal,
      progress: ({ scheduled }) => told.push(scheduled),
    }),
  )
  await until(() => told.length > 0)
  stop.abort()
  const summary = await run
  expect(summary.answered + summary.failed).toBe(Math.max(0, summary.scheduled - 100))
  expect(told.at(-1)).toBe(summary.scheduled)
})

test('quantiles are right to about two per cent', () => {
  const quantiles = new Quantiles()
  for (let i = 1; i <= 10_000; i++) quantiles.add(i / 10)
  for (const q of [0.5, 0.9, 0.99]) {
    expect(quantiles.at(q)).toBeGreaterThanOrEqual(q * 1000)
    expect(quantiles.at(q)).toBeLessThan(q * 1000 * 1.025)
  }
  expect(quantiles.at(1)).toBe(1000)
})
