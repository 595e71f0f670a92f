import { request, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { CounterSpec, RouteOrders } from '../../../src/platforms/contract.ts'
import { WARM_UP_ANSWERS } from '../../../src/platforms/local/data-plane/warm-up.ts'
import { answering, predict, type SmallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const observe = () => here.plane.client.call('observe', { after: 0 })
const ERRORS: CounterSpec = {
  gate: 'errors',
  kind: 'errors',
  bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
  except: [429],
}
const latency = (boundMs: number, of: 'total' | 'first-byte' = 'total'): CounterSpec => ({
  gate: of,
  kind: 'latency',
  of,
  boundMs,
})
const counting = (specs: readonly CounterSpec[], more: Partial<NonNullable<RouteOrders['counting']>> = {}) => ({
  release: 'digits-1',
  step: 1,
  watch: false,
  specs,
  ...more,
})
/** Every answer of the candidate counts: the warm-up is spent on requests that are told apart by their step. */
async function warmed(one: SmallServer, orders: Partial<RouteOrders>): Promise<void> {
  const base = { baseline: target(one, 'sha256:b'), candidate: target(one, 'sha256:c') }
  await here.plane.route({ ...base, ...orders, weightPpm: 1_000_000, counting: counting([ERRORS], { step: 0 }) })
  for (let i = 0; i < WARM_UP_ANSWERS; i++) await predict(here.plane.url, { warm: 1 })
  await here.plane.route({ ...base, ...orders })
}
const countsOf = async (gate: string, step = 1) => {
  const { gates } = await observe()
  const { counts, without4xx } = gates.find((one) => one.gate === gate && one.step === step)!
  return { counts, without4xx }
}
const arms = (xc: number, nc: number, xb: number, nb: number) => ({ kind: 'arms', xc, nc, xb, nb })

test('latency: above the bound is bad; a hang is evidence when it passes the bound, and counts once', async () => {
  const waiting: ServerResponse[] = []
  const one = await here.server((req, res, body) => {
    if (body.includes('hang')) waiting.push(res)
    else answering({ label: 1 })(req, res)
  })
  const specs = [latency(40), latency(40, 'first-byte')]
  await warmed(one, { weightPpm: 1_000_000, counting: counting(specs) })
  for (let i = 0; i < 5; i++) await predict(here.plane.url)
  const quick = (await countsOf('total')).counts
  if (quick.kind !== 'arms') throw new Error(quick.kind)
  expect(quick.nc).toBe(5)
  const hanging = predict(here.plane.url, { hang: 1 })
  const late = await until(async () => {
    const { counts } = await countsOf('total')
    return counts.kind === 'arms' && counts.nc === 6 && counts
  })
  expect(late.xc).toBe(quick.xc + 1)
  expect((await observe()).versions.find(({ role }) => role === 'candidate')!.inFlight).toBe(1)
  waiting[0]!.end('{"label":1}')
  await hanging
  expect((await countsOf('total')).counts).toEqual(late)
  expect((await countsOf('first-byte')).counts).toMatchObject({ nc: 6 })
})

test('first-byte latency ends with the first byte of the body, total with the last', async () => {
  const open: ServerResponse[] = []
  const one = await here.server((req, res, body) => {
    if (body.includes('warm')) return answering({})(req, res)
    res.writeHead(200, { 'content-type': 'text/plain' })
    res.write('first')
    open.push(res)
  })
  await warmed(one, { weightPpm: 1_000_000, counting: counting([latency(2000, 'first-byte'), latency(50)]) })
  const answer = predict(here.plane.url)
  const first = await until(async () => {
    const { counts } = await countsOf('first-byte')
    return counts.kind === 'arms' && counts.nc === 1 && counts
  })
  expect(first.xc).toBe(0)
  await until(async () => JSON.stringify((await countsOf('total')).counts) === JSON.stringify(arms(1, 1, 0, 0)))
  open[0]!.end()
  await answer
})

test('a caller who leaves before the bound is no evidence about latency', async () => {
  const one = await here.server((req, res, body) => {
    if (body.includes('warm')) answering({})(req, res)
  })
  await warmed(one, { weightPpm: 1_000_000, counting: counting([latency(200)]) })
  const req = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
  req.on('error', () => {})
  req.end('{}')
  await until(async () => (await observe()).versions.some(({ inFlight }) => inFlight > 0))
  req.destroy()
  await until(async () => (await observe()).versions.every(({ inFlight }) => inFlight === 0))
  await predict(here.plane.url, { warm: 1 })
  expect((await countsOf('total')).counts).toMatchObject({ nc: 1 })
})

test('what waited for an exchange of versions, and what came while that was worked off, says nothing of latency', async () => {
  const waiting: ServerResponse[] = []
  const one = await here.server((req, res, body) => {
    if (body.includes('slow')) waiting.push(res)
    else answering({ label: 1 })(req, res)
  })
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS, latency(0)]) })
  const base = { baseline: target(one, 'sha256:b'), candidate: target(one, 'sha256:c'), weightPpm: 1_000_000 }
  const watched = counting([ERRORS, latency(0)], { step: 2, watch: true })
  await here.plane.route({ ...base, hold: { waitMs: 60_000 }, counting: watched })
  const held = predict(here.plane.url, { slow: 1 })
  await until(async () => (await observe()).waiting === 1)
  await here.plane.route({ ...base, hold: null, counting: watched })
  await until(async () => waiting.length === 1)
  await predict(here.plane.url)
  waiting[0]!.end('{"label": 1}')
  await held
  const counted = async (gate: string) => {
    const counts = (await observe()).gates.find((one) => one.gate === gate && one.step === 2)?.counts
    return counts?.kind === 'arms' ? counts.nc : 0
  }
  await until(async () => (await counted('errors')) === 2)
  expect(await counted('total')).toBe(0)
  await predict(here.plane.url)
  await until(async () => (await counted('errors')) === 3)
  expect(await counted('total')).toBe(1)
})
