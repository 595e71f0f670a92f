import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { CounterSpec, RouteOrders } from '../../../src/platforms/contract.ts'
import { WARM_UP_ANSWERS } from '../../../src/platforms/local/data-plane/warm-up.ts'
import { answering, call, predict, type SmallServer, smallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const observe = () => here.plane.client.call('observe', { after: 0 })
const ERRORS: CounterSpec = {
  gate: 'errors',
  kind: 'errors',
  bad: ['5xx', 'timeout', 'reset', 'no-answer', '4xx'],
  except: [],
}
const TOTAL: CounterSpec = { gate: 'latency', kind: 'latency', of: 'total', boundMs: 60 }
const shadow = (
  baseline: SmallServer,
  candidate: SmallServer,
  more: Partial<RouteOrders> = {},
): Partial<RouteOrders> => ({
  baseline: target(baseline, 'sha256:b', 'v1'),
  candidate: target(candidate, 'sha256:c', 'v2'),
  mirror: { fraction: 1, noise: 0, overlay: null },
  counting: { release: 'digits-1', step: 0, watch: false, specs: [ERRORS, TOTAL] },
  answer: '/label',
  ...more,
})
const pairs = (x10: number, x01: number, x11: number, n: number) => ({ kind: 'pairs', x10, x01, x11, n })
const counts = async (gate = 'errors') => (await observe()).gates.find((one) => one.gate === gate)!.counts
const mirrored = async (count: number) =>
  until(async () => {
    const reading = await observe()
    return Object.values(reading.mirrored).reduce((a, b) => a + b, 0) === count && reading
  })
/** Spends the candidate's warm-up. */
async function warmed(baseline: SmallServer, candidate: SmallServer, more: Partial<RouteOrders> = {}): Promise<void> {
  await here.plane.route(shadow(baseline, candidate, { ...more, mirror: { fraction: 1, noise: 0, overlay: null } }))
  for (let i = 0; i < WARM_UP_ANSWERS; i++) await predict(here.plane.url, { warm: 1 })
  await mirrored(WARM_UP_ANSWERS)
  await here.plane.route(shadow(baseline, candidate, more))
}
const asAsked =
  (who: 'b' | 'c') =>
  (req: unknown, res: ServerResponse, body: string): void => {
    const asked = (JSON.parse(body) as Record<string, { status?: number; answer?: unknown }>)[who] ?? {}
    answering(asked.answer ?? { label: 1 }, asked.status ?? 200)(req as never, res)
  }

test('a copy of each judged request goes to the candidate after the user’s answer, marked; no user sees its answer', async () => {
  const order: string[] = []
  const baseline = await here.server((req, res) => {
    order.push('baseline')
    answering({ label: 'b' })(req, res)
  })
  const candidate = await here.server((req, res) => {
    order.push('candidate')
    answering({ label: 'c' })(req, res)
  })
  await here.plane.route(shadow(baseline, candidate))
  const answer = await predict(here.plane.url, { x: 1 }, { 'x-mine': 'yes' })
  expect(answer.body).toBe('{"label":"b"}')
  await call(`${here.plane.url}/other`, { method: 'POST', body: '{}' })
  await mirrored(1)
  expect(order.slice(0, 2)).toEqual(['baseline', 'candidate'])
  expect(candidate.seen).toHaveLength(1)
  expect(candidate.seen[0]).toMatchObject({
    method: 'POST',
    url: '/predict',
    body: '{"x":1}',
    headers: {
      'x-slipway-shadow': '1',
      'x-mine': 'yes',
      'x-slipway-request-id': answer.headers['x-slipway-request-id'],
    },
  })
  expect(baseline.seen.some(({ headers }) => 'x-slipway-shadow' in headers)).toBe(false)
})

test('errors pair the user’s answer with the copy; a 4xx is bad where the other answered 2xx', async () => {
  const baseline = await here.server(asAsked('b'))
  const candidate = await here.server(asAsked('c'))
  await warmed(baseline, candidate)
  const asked: [unknown, unknown][] = [
    [{}, {}],
    [{}, { status: 500 }],
    [{ status: 500 }, {}],
    [{ status: 500 }, { status: 503 }],
    [{}, { status: 404 }],
    [{ status: 404 }, {}],
    [{ status: 404 }, { status: 404 }],
    [{ status: 404 }, { status: 500 }],
    [{}, { answer: { none: 1 } }],
  ]
  for (const [b, c] of asked) await predict(here.plane.url, { b, c })
  await mirrored(WARM_UP_ANSWERS + asked.length)
  expect(await counts()).toEqual(pairs(4, 2, 1, 9))
  const { without4xx } = (await observe()).gates.find(({ gate }) => gate === 'errors')!
  expect(without4xx).toEqual(pairs(3, 1, 1, 9))
})

test('the warm-up counts for no pair, but a candidate that breaks off in it does', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const candidate = await here.server((req, res, body) =>
    body.includes('break') ? void req.socket.destroy() : answering({ label: 1 }, 500)(req, res),
  )
  await here.plane.route(shadow(baseline, candidate))
  for (let i = 0; i < 5; i++) await predict(here.plane.url, {})
  for (let i = 0; i < 2; i++) await predict(here.plane.url, { break: 1 })
  await mirrored(7)
  expect(await counts()).toEqual(pairs(2, 0, 0, 2))
  // It took no place in the warm-up either.
  for (let i = 0; i < WARM_UP_ANSWERS - 5; i++) await predict(here.plane.url, {})
  await mirrored(WARM_UP_ANSWERS + 2)
  expect(await counts()).toEqual(pairs(2, 0, 0, 2))
  await predict(here.plane.url, {})
  await mirrored(WARM_UP_ANSWERS + 3)
  expect(await counts()).toEqual(pairs(3, 0, 0, 3))
})

test('latency pairs copies of both, each measured alone; a copy that hangs is evidence at once', async () => {
  const hanging: ServerResponse[] = []
  let open = 0
  let most = 0
  const one = (who: 'b' | 'c') => (req: import('node:http').IncomingMessage, res: ServerResponse, body: string) => {
    if (req.headers['x-slipway-shadow'] !== '1' || body.includes('warm')) return answering({ label: 1 })(req, res)
    if (who === 'c' && body.includes('hang')) return void hanging.push(res)
    most = Math.max(most, ++open)
    setTimeout(() => {
      open--
      answering({ label: 1 })(req, res)
    }, 5)
  }
  const baseline = await here.server(one('b'))
  const candidate = await here.server(one('c'))
  await warmed(baseline, candidate, { mirror: { fraction: 1, noise: 1, overlay: null } })
  for (let i = 0; i < 10; i++) {
    await predict(here.plane.url, { i })
    await mirrored(WARM_UP_ANSWERS + i + 1)
  }
  expect(most).toBe(1)
  const quick = await counts('latency')
  if (quick.kind !== 'pairs') throw new Error(quick.kind)
  expect(quick.n).toBe(10)
  await predict(here.plane.url, { hang: 1 })
  const late = await until(async () => {
    const now = await counts('latency')
    return now.kind === 'pairs' && now.n === 11 && now
  })
  expect(late.x10 + late.x11).toBe(quick.x10 + quick.x11 + 1)
  expect(hanging).toHaveLength(1)
  hanging[0]!.end('{"label":1}')
  await mirrored(WARM_UP_ANSWERS + 11)
  expect(await counts('latency')).toEqual(late)
})

test('which copy leaves first is by chance', async () => {
  const order: string[] = []
  const one = (who: string) => (req: import('node:http').IncomingMessage, res: ServerResponse) => {
    if (req.headers['x-slipway-shadow'] === '1') order.push(who)
    answering({ label: 1 })(req, res)
  }
  const baseline = await here.server(one('b'))
  const candidate = await here.server(one('c'))
  await here.plane.route(shadow(baseline, candidate, { mirror: { fraction: 1, noise: 1, overlay: null } }))
  for (let i = 0; i < 40; i++) {
    await predict(here.plane.url)
    await mirrored(i + 1)
  }
  const first = order.filter((_, index) => index % 2 === 0)
  expect(order).toHaveLength(80)
  expect(first.filter((who) => who === 'b').length).toBeGreaterThan(5)
  expect(first.filter((who) => who === 'c').length).toBeGreaterThan(5)
})

test('records hold the user’s value and the copies’; overlays lie over sampled copies alone', async () => {
  const baseline = await here.server((req, res, body) =>
    answering({ label: req.headers['x-slipway-shadow'] ? { b: JSON.parse(body) } : 'user' })(req, res),
  )
  const candidate = await here.server((req, res, body) => answering({ label: { c: JSON.parse(body) } })(req, res))
  const overlay = { '/temperature': 0 }
  await here.plane.route(shadow(baseline, candidate, { mirror: { fraction: 1, noise: 1, overlay } }))
  const answer = await predict(here.plane.url, { x: 1 }, { 'x-request-id': 'mine' })
  await mirrored(1)
  const laid = { x: 1, temperature: 0 }
  expect((await observe()).answers).toMatchObject([
    {
      id: answer.headers['x-slipway-request-id'],
      callerId: 'mine',
      arm: 'baseline',
      digest: 'sha256:b',
      step: 0,
      release: 'digits-1',
      user: 'user',
      candidateCopy: { c: laid },
      baselineCopy: { b: laid },
      warmup: true,
    },
  ])
  expect(baseline.seen[0]!.body).toBe('{"x":1}')
  await here.plane.route(shadow(baseline, candidate, { mirror: { fraction: 1, noise: 0, overlay } }))
  await predict(here.plane.url, { x: 2 })
  await mirrored(2)
  const [, second] = (await observe()).answers
  expect(second).toMatchObject({ user: 'user', candidateCopy: { c: { x: 2 } } })
  expect(second).not.toHaveProperty('baselineCopy')
})

test('a candidate that is dead, slow or absent delays no user and breaks none', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const hanging = await here.server(() => {})
  const gone = await smallServer(answering({}))
  await gone.close()
  await here.plane.route(shadow(baseline, hanging))
  const answers = await Promise.all(Array.from({ length: 300 }, () => predict(here.plane.url)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  await until(() => hanging.seen.length === 256)
  await here.plane.route(shadow(baseline, gone))
  for (let i = 0; i < 5; i++) expect((await predict(here.plane.url)).status).toBe(200)
  await here.plane.route({
    ...shadow(baseline, gone),
    candidate: { digest: 'sha256:c', tag: null, addresses: [], incarnation: 1 },
  })
  expect((await predict(here.plane.url)).status).toBe(200)
  expect((await observe()).mirrored['not-ready']).toBe(1)
})

test('beyond the queue copies are dropped and counted', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const hanging = await here.server(() => {})
  await here.plane.route(shadow(baseline, hanging))
  for (let i = 0; i < 14; i++) await Promise.all(Array.from({ length: 100 }, () => predict(here.plane.url)))
  const { mirrored: results } = await until(async () => {
    const reading = await observe()
    return (reading.mirrored.dropped ?? 0) > 0 && reading
  })
  expect(results.dropped).toBe(1400 - 256 - 1024)
})

test('a body too large for the room of all copies is not mirrored, and passes', async () => {
  const baseline = await here.server((req, res, body) => answering({ label: body.length })(req, res))
  const candidate = await here.server((req, res, body) => answering({ label: body.length })(req, res))
  await here.plane.route(shadow(baseline, candidate, { limits: { inFlight: 10, queue: 10, bodyBytes: 128 * 2 ** 20 } }))
  const size = 65 * 2 ** 20
  const answer = await call(`${here.plane.url}/predict`, { method: 'POST', body: Buffer.alloc(size, 'x') })
  expect(answer.body).toBe(`{"label":${size}}`)
  expect((await mirrored(1)).mirrored['too-large']).toBe(1)
  await call(`${here.plane.url}/predict`, { method: 'POST', body: Buffer.alloc(2 ** 20, 'x') })
  await mirrored(2)
  expect(candidate.seen.map(({ body }) => body.length)).toEqual([2 ** 20])
})

test('a share of the requests is mirrored', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const candidate = await here.server(answering({ label: 1 }))
  await here.plane.route(shadow(baseline, candidate, { mirror: { fraction: 0.5, noise: 0, overlay: null } }))
  await Promise.all(Array.from({ length: 100 }, () => predict(here.plane.url)))
  await until(async () => (await observe()).mirrored.answered! > 15)
  expect(candidate.seen.length).toBeLessThan(85)
})

test('where no requests are listed nothing is mirrored', async () => {
  const baseline = await here.server(answering({ label: 1 }))
  const candidate = await here.server(answering({ label: 1 }))
  await here.plane.route(shadow(baseline, candidate, { requests: [] }))
  await predict(here.plane.url)
  await here.plane.route(shadow(baseline, candidate))
  await predict(here.plane.url)
  await mirrored(1)
  expect(candidate.seen).toHaveLength(1)
})

test('a caller who hung up leaves no copy', async () => {
  const { request } = await import('node:http')
  const baseline = await here.server(() => {})
  const candidate = await here.server(answering({ label: 1 }))
  await here.plane.route(shadow(baseline, candidate))
  const req = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
  req.on('error', () => {})
  req.end('{}')
  await until(() => baseline.seen.length === 1)
  req.destroy()
  await until(async () => (await observe()).versions.every(({ inFlight }) => inFlight === 0))
  expect(candidate.seen).toEqual([])
  expect(Object.values((await observe()).mirrored).every((count) => count === 0)).toBe(true)
})
