import { request, type ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { CounterSpec, RouteOrders } from '../../../src/platforms/contract.ts'
import { WARM_UP_ANSWERS } from '../../../src/platforms/local/data-plane/warm-up.ts'
import { answering, call, predict, type SmallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const observe = () => here.plane.client.call('observe', { after: 0 })
const ERRORS: CounterSpec = {
  gate: 'errors',
  kind: 'errors',
  bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
  except: [429],
}
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

/** Answers with the status that the body asks for. */
const asAsked = (_req: unknown, res: ServerResponse, body: string) => {
  const { status = 200, answer } = JSON.parse(body) as { status?: number; answer?: unknown }
  answering(answer ?? { label: 1 }, status)(_req as never, res)
}

test('the first 50 answers of the candidate count for no gate; of each incarnation, and not of each step', async () => {
  const one = await here.server(answering({ label: 1 }))
  const orders = (incarnation: number, step: number, release = 'digits-1') => ({
    baseline: target(one, 'sha256:b'),
    candidate: { ...target(one, 'sha256:c'), incarnation },
    weightPpm: 1_000_000,
    counting: counting([ERRORS], { step, release }),
  })
  const send = async (count: number) => {
    for (let i = 0; i < count; i++) await predict(here.plane.url)
  }
  await here.plane.route(orders(1, 0))
  await send(WARM_UP_ANSWERS + 3)
  expect((await countsOf('errors', 0)).counts).toEqual(arms(0, 3, 0, 0))
  await here.plane.route(orders(1, 1))
  await send(2)
  expect((await countsOf('errors', 1)).counts).toEqual(arms(0, 2, 0, 0))
  await here.plane.route(orders(2, 1))
  await send(WARM_UP_ANSWERS + 1)
  expect((await countsOf('errors', 1)).counts).toEqual(arms(0, 3, 0, 0))
  await here.plane.route(orders(2, 5, 'digits-2'))
  await send(WARM_UP_ANSWERS + 4)
  expect((await countsOf('errors', 5)).counts).toEqual(arms(0, 4, 0, 0))
})

test('a fault in the warm-up counts, and takes no place in it', async () => {
  let broken = true
  const one = await here.server((req, res) => (broken ? req.socket.destroy() : answering({ label: 1 })(req, res)))
  await here.plane.route({
    baseline: target(one, 'sha256:b'),
    candidate: target(one, 'sha256:c'),
    weightPpm: 1_000_000,
    counting: counting([ERRORS]),
  })
  for (let i = 0; i < 10; i++) await predict(here.plane.url)
  expect((await countsOf('errors')).counts).toEqual(arms(10, 10, 0, 0))
  broken = false
  for (let i = 0; i < WARM_UP_ANSWERS; i++) await predict(here.plane.url)
  expect((await countsOf('errors')).counts).toEqual(arms(10, 10, 0, 0))
  await predict(here.plane.url)
  expect((await countsOf('errors')).counts).toEqual(arms(10, 11, 0, 0))
})

test('between arms a 4xx is bad without sticky alone, and an exception never is', async () => {
  const one = await here.server(asAsked)
  const cases = [200, 302, 400, 429, 500]
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS]), answer: '/label' })
  for (const status of cases) await predict(here.plane.url, { status })
  expect(await countsOf('errors')).toEqual({ counts: arms(2, 5, 0, 0), without4xx: arms(1, 5, 0, 0) })
  const sticky = { header: 'x-user' }
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS], { step: 2 }), sticky })
  for (const status of cases) await predict(here.plane.url, { status })
  expect((await countsOf('errors', 2)).counts).toEqual(arms(1, 5, 0, 0))
})

test('a 2xx without a value at the pointer is no answer; so is a stream that ends in an error', async () => {
  const one = await here.server((req, res, body) => {
    const { stream, ...asked } = JSON.parse(body) as { stream?: string }
    if (stream === undefined) return asAsked(req, res, JSON.stringify(asked))
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.end(stream)
  })
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS]), answer: '/label' })
  const bodies: [unknown, boolean][] = [
    [{ answer: { label: null } }, false],
    [{ answer: { other: 1 } }, true],
    [{ answer: 'text' }, true],
    [{ status: 500, answer: {} }, true],
    [{ status: 302, answer: {} }, false],
    [{ stream: 'data: {"label":1}\n\n' }, false],
    [{ stream: 'data: {"label":1}\n\ndata: {"error":{"message":"cuda"}}\n\n' }, true],
    [{ stream: 'data: {"label":1}\n\nevent: error\ndata: x\n\n' }, true],
    [{ stream: '' }, true],
  ]
  for (const [body] of bodies) await predict(here.plane.url, body)
  const bad = bodies.filter(([, is]) => is).length
  expect((await countsOf('errors')).counts).toEqual(arms(bad, bodies.length, 0, 0))
  const { codes } = (await observe()).versions.find(({ role }) => role === 'candidate')!
  expect(codes['no-answer']).toBe(5)
})

test('while the baseline has no server nothing counts, not even what the candidate answers of its own', async () => {
  const one = await here.server(answering({}))
  await warmed(one, { weightPpm: 500_000, counting: counting([ERRORS]) })
  await here.plane.route({
    baseline: { ...target(one, 'sha256:b'), addresses: [] },
    candidate: target(one, 'sha256:c'),
    weightPpm: 500_000,
    counting: counting([ERRORS]),
  })
  for (let i = 0; i < 20; i++) await predict(here.plane.url)
  expect((await countsOf('errors')).counts).toEqual(arms(0, 0, 0, 0))
})

test('both arms count, requests that are not listed do not, and callers who leave do not', async () => {
  const one = await here.server((req, res, body) => {
    if (body.includes('hang')) return
    asAsked(req, res, body)
  })
  await warmed(one, { weightPpm: 500_000, counting: counting([ERRORS]) })
  for (let i = 0; i < 40; i++) await predict(here.plane.url, { status: i % 4 === 0 ? 500 : 200 })
  await call(`${here.plane.url}/other`, { method: 'POST', body: '{"status":500}' })
  for (let i = 0; i < 3; i++) {
    const req = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
    req.on('error', () => {})
    req.end('{"hang":1}')
    await until(async () => (await observe()).versions.some(({ inFlight }) => inFlight > 0))
    req.destroy()
    await until(async () => (await observe()).versions.every(({ inFlight }) => inFlight === 0))
  }
  const { counts } = await countsOf('errors')
  if (counts.kind !== 'arms') throw new Error(counts.kind)
  const { split } = await observe()
  expect(counts.nc + counts.nb).toBe(40)
  expect(counts.xc + counts.xb).toBe(10)
  expect(counts.nc).toBeGreaterThan(5)
  expect(split[0] + split[1]).toBe(43)
})

test('the watch counts the candidate alone, and no 4xx', async () => {
  const one = await here.server(asAsked)
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS], { watch: true }) })
  for (const status of [200, 404, 500]) await predict(here.plane.url, { status })
  expect((await countsOf('errors')).counts).toEqual(arms(1, 3, 0, 0))
  // The same where the candidate has become what orders call the baseline.
  await here.plane.route({
    baseline: target(one, 'sha256:c'),
    counting: counting([ERRORS], { watch: true, step: 2 }),
  })
  for (const status of [200, 500]) await predict(here.plane.url, { status })
  expect((await countsOf('errors', 2)).counts).toEqual(arms(1, 2, 0, 0))
})

test('a request counts for the step under which it was routed', async () => {
  const open: ServerResponse[] = []
  const one = await here.server((req, res, body) => {
    if (body.includes('warm')) answering({})(req, res)
    else open.push(res)
  })
  await warmed(one, { weightPpm: 1_000_000, counting: counting([ERRORS]) })
  const answer = predict(here.plane.url)
  await until(() => open.length === 1)
  await here.plane.route({
    baseline: target(one, 'sha256:b'),
    candidate: target(one, 'sha256:c'),
    weightPpm: 1_000_000,
    counting: counting([ERRORS], { step: 2 }),
  })
  open[0]!.end('{}')
  await answer
  expect((await countsOf('errors', 1)).counts).toEqual(arms(0, 1, 0, 0))
  expect((await countsOf('errors', 2)).counts).toEqual(arms(0, 0, 0, 0))
})

test('views see what each version answered, on the one grid; other requests are told apart', async () => {
  const one = await here.server(asAsked)
  await here.plane.route({ baseline: target(one, 'sha256:b') })
  for (const status of [200, 200, 404, 500]) await predict(here.plane.url, { status })
  await call(`${here.plane.url}/health`, { method: 'POST', body: '{"status":204}' })
  const [version] = (await observe()).versions
  expect(version).toMatchObject({
    digest: 'sha256:b',
    role: 'baseline',
    codes: { '2xx': 2, '4xx': 1, '5xx': 1 },
    unjudged: { '2xx': 1 },
    inFlight: 0,
  })
  const sum = (buckets: readonly number[]) => buckets.reduce((a, b) => a + b, 0)
  expect(sum(version!.totalBuckets)).toBe(4)
  expect(sum(version!.firstByteBuckets)).toBe(4)
  expect(version!.durationSumMs).toBeGreaterThan(0)
})

test('values at the pointer are kept until they are pulled, with keys and the caller’s own id', async () => {
  const one = await here.server((req, res, body) => asAsked(req, res, body))
  await here.plane.route({
    baseline: target(one, 'sha256:b'),
    answer: '/label',
    keepValues: true,
    labelKey: { body: '/order_id' },
    counting: counting([]),
  })
  const first = await predict(here.plane.url, { answer: { label: { a: 1 } }, order_id: 7 }, { 'x-request-id': 'mine' })
  await predict(here.plane.url, { answer: { other: 1 }, order_id: 8 })
  await predict(here.plane.url, { answer: { label: null }, order_id: 'nine' })
  const reading = await observe()
  expect(reading.answers).toMatchObject([
    {
      id: first.headers['x-slipway-request-id'],
      key: '7',
      callerId: 'mine',
      step: 1,
      release: 'digits-1',
      arm: 'baseline',
      digest: 'sha256:b',
      user: { a: 1 },
    },
    { key: 'nine', user: null },
  ])
  expect((await observe()).answers).toHaveLength(2)
  const { answers, cursor } = await here.plane.client.call('observe', { after: reading.cursor })
  expect([answers, cursor]).toEqual([[], reading.cursor])
  expect((await observe()).answers).toEqual([])
  // A cursor of an earlier life of the data plane means the beginning.
  await predict(here.plane.url, { answer: { label: 5 } })
  const again = await here.plane.client.call('observe', { after: 1000, boot: 'another' })
  expect(again.answers).toMatchObject([{ user: 5 }])
})

test('of answers that errors count for no arm, labels know that they count for no gate', async () => {
  const one = await here.server(answering({ label: 1 }))
  const orders = {
    ...{ baseline: target(one, 'sha256:b'), candidate: target(one, 'sha256:c') },
    ...{ weightPpm: 1_000_000, answer: '/label', keepValues: true },
  }
  await warmed(one, orders)
  const before = (await observe()).cursor
  const asked = async (more: Partial<RouteOrders>) => {
    await here.plane.route({ ...orders, ...more, counting: counting([ERRORS]) })
    await predict(here.plane.url)
  }
  await asked({})
  await asked({ weightPpm: 0 })
  // The candidate's users go to the baseline where it has no server.
  await asked({ candidate: { ...orders.candidate, addresses: [] } })
  const { answers } = await here.plane.client.call('observe', { after: before })
  expect(answers.map(({ arm, warmup }) => [arm, warmup])).toEqual([
    ['candidate', undefined],
    ['baseline', true],
    ['baseline', true],
  ])
  expect((await countsOf('errors')).counts).toEqual(arms(1, 2, 0, 0))
})
