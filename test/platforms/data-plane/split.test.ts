import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { beforeEach, expect, test } from 'vitest'
import { assigned, saltOf } from '../../../src/plan/sticky.ts'
import { answering, call, predict, type SmallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const salt = saltOf('sha256:b', 'sha256:c')
let baseline: SmallServer
let candidate: SmallServer
beforeEach(async () => {
  baseline = await here.server(answering({ by: 'b' }))
  candidate = await here.server(answering({ by: 'c' }))
})
const split = (weightPpm: number, more: Parameters<typeof here.plane.route>[0] = {}) =>
  here.plane.route({
    baseline: target(baseline, 'sha256:b', 'v1'),
    candidate: target(candidate, 'sha256:c', 'v2'),
    weightPpm,
    salt,
    ...more,
  })
const versionOf = (key: string | Uint8Array, weightPpm: number) =>
  assigned(Buffer.from(key), salt, weightPpm) === 'candidate' ? 'v2' : 'v1'

test('without sticky the request id decides, so that anyone can recompute who answered', async () => {
  await split(300_000)
  const answers = await Promise.all(Array.from({ length: 60 }, () => predict(here.plane.url)))
  for (const { headers } of answers)
    expect(headers['x-slipway-version']).toBe(versionOf(headers['x-slipway-request-id'] as string, 300_000))
  expect(new Set(answers.map(({ headers }) => headers['x-slipway-version'])).size).toBe(2)
})

test('a header, a cookie, or a value in the body decides by the contract', async () => {
  const users = Array.from({ length: 30 }, (_, i) => `user-${i}`)
  await split(400_000, { sticky: { header: 'x-user-id' } })
  for (const user of users) {
    const { headers } = await predict(here.plane.url, {}, { 'X-User-Id': user })
    expect(headers['x-slipway-version']).toBe(versionOf(user, 400_000))
  }
  await split(400_000, { sticky: { cookie: 'sid' } })
  for (const user of users) {
    const { headers } = await predict(here.plane.url, {}, { cookie: `a=b; sid=${user}; c=d` })
    expect(headers['x-slipway-version']).toBe(versionOf(user, 400_000))
  }
  await split(400_000, { sticky: { body: '/user' } })
  for (const user of [...users, { b: 1, a: [true] }, 7]) {
    const { headers } = await predict(here.plane.url, { pad: 'x'.repeat(300_000), user })
    const key = typeof user === 'string' ? user : typeof user === 'number' ? '7' : '{"a":[true],"b":1}'
    expect(headers['x-slipway-version']).toBe(versionOf(key, 400_000))
  }
})

test('only what `requests` lists is split; all else is the baseline’s, until all traffic moves', async () => {
  await split(999_999)
  expect((await predict(here.plane.url)).headers['x-slipway-version']).toBe('v2')
  for (const [method, path] of [
    ['GET', '/predict'],
    ['POST', '/other'],
    ['POST', '/predict/'],
  ] as const)
    expect((await call(`${here.plane.url}${path}`, { method })).headers['x-slipway-version']).toBe('v1')
  expect((await here.plane.client.call('observe', { after: 0 })).split).toEqual([0, 1])
  await split(1_000_000)
  expect((await call(`${here.plane.url}/health`)).headers['x-slipway-version']).toBe('v2')
})

test('the split is counted anew when it changes, and not when only addresses do', async () => {
  const seen = async () => (await here.plane.client.call('observe', { after: 0 })).split
  await split(0)
  for (let i = 0; i < 3; i++) await predict(here.plane.url)
  expect(await seen()).toEqual([3, 0])
  await split(0, { baseline: { ...target(baseline, 'sha256:b', 'v1'), incarnation: 2 } })
  expect(await seen()).toEqual([3, 0])
  await split(1_000_000)
  expect(await seen()).toEqual([0, 0])
  await predict(here.plane.url)
  expect(await seen()).toEqual([0, 1])
})

test('changes of weight and of servers lose no request', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  here.kept({ close: () => agent.destroy() })
  let stop = false
  const statuses: Record<string, number> = {}
  const caller = async () => {
    while (!stop) {
      const status = await new Promise<string>((resolve) => {
        const req = request(`${here.plane.url}/predict`, { method: 'POST', agent }, (res) => {
          res.resume()
          res.on('end', () => resolve(String(res.statusCode)))
          res.on('error', (error) => resolve(error.message))
        })
        req.on('error', (error) => resolve(error.message))
        req.end('{"a":1}')
      })
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await split(0)
  const callers = Array.from({ length: 16 }, caller)
  for (let i = 0; i < 30; i++) {
    const more = await here.server(answering({ by: i }))
    await split((i * 137_000) % 1_000_001, { candidate: { ...target(more, 'sha256:c', 'v2'), incarnation: i } })
    const before = statuses['200'] ?? 0
    await until(() => (statuses['200'] ?? 0) > before + 10)
  }
  stop = true
  await Promise.all(callers)
  expect(Object.keys(statuses)).toEqual(['200'])
})

test('while versions are exchanged requests wait, and go on in their order when it ends', async () => {
  const order: string[] = []
  const one = await here.server((req, res) => {
    order.push(req.url!)
    res.end('{}')
  })
  const hold = { waitMs: 60_000 }
  await split(0, { hold })
  const waiting: Promise<{ status: number }>[] = []
  for (let i = 0; i < 5; i++) {
    waiting.push(call(`${here.plane.url}/predict?${i}`, { method: 'POST', body: '{}' }))
    await until(async () => (await here.plane.client.call('observe', { after: 0 })).waiting === i + 1)
  }
  expect(baseline.seen).toEqual([])
  expect((await here.plane.client.call('observe', { after: 0 })).holding).toBe(true)
  await split(1_000_000, { candidate: target(one, 'sha256:c', 'v2') })
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(order).toEqual([0, 1, 2, 3, 4].map((i) => `/predict?${i}`))
})

test('at most so many wait, and at most so long: 503', async () => {
  await split(0, { hold: { waitMs: 100 }, limits: { inFlight: 10, queue: 2, bodyBytes: 1000 } })
  const answers = await Promise.all([0, 1, 2, 3].map(() => predict(here.plane.url)))
  const kinds = answers.map(({ body }) => (JSON.parse(body) as { error: { code: string } }).error.code)
  expect(kinds.sort()).toEqual(['busy', 'busy', 'held-too-long', 'held-too-long'])
  expect(answers.every(({ status, headers }) => status === 503 && headers['retry-after'] === '1')).toBe(true)
  expect(baseline.seen).toEqual([])
})

test('a request whose body still comes when versions are exchanged waits like the others', async () => {
  await split(0)
  const caller = connect(here.plane.plane.listen.port, '127.0.0.1')
  let text = ''
  caller.on('data', (chunk) => {
    text += chunk.toString()
  })
  caller.write('POST /predict HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 8\r\n\r\n{"a"')
  // Another request shows that the first one has been read so far.
  await predict(here.plane.url)
  await split(0, { hold: { waitMs: 60_000 } })
  caller.write(':12}')
  await until(async () => (await here.plane.client.call('observe', { after: 0 })).waiting === 1)
  expect(baseline.seen).toHaveLength(1)
  await split(1_000_000)
  await once(caller, 'close')
  expect(text).toMatch(/^HTTP\/1.1 200 /)
  expect(candidate.seen[0]!.body).toBe('{"a":12}')
})
