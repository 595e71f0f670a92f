import { afterEach, beforeEach, expect, test } from 'vitest'
import { answering, call, predict, type Rig, rig, smallServer, target } from './rig.ts'

let made: { close(): Promise<void> }[] = []
let plane: Rig
beforeEach(async () => {
  plane = await rig()
  made = [plane]
})
afterEach(async () => {
  for (const one of made) await one.close()
})
const server = async (...args: Parameters<typeof smallServer>) => {
  const one = await smallServer(...args)
  made.push(one)
  return one
}

test('a request and its answer pass unchanged, with our headers beside them', async () => {
  const one = await server((_req, res) => {
    res.writeHead(201, 'Made', [
      ['Content-Type', 'application/json'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Odd', 'Ünïcode'.normalize('NFC')],
      ['Connection', 'x-hop'],
      ['X-Hop', 'gone'],
    ] as never)
    res.end('{"label":3}')
  })
  await plane.route({ baseline: target(one, 'sha256:b', 'v1') })
  const answer = await call(`${plane.url}/predict?q=1%20x`, {
    method: 'POST',
    headers: {
      'X-Mine': 'yes',
      'x-request-id': 'mine',
      connection: 'x-drop, close',
      'x-drop': 'gone',
      'x-slipway-shadow': '1',
    },
    body: 'bytes',
  })
  expect(answer.status).toBe(201)
  expect(answer.body).toBe('{"label":3}')
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers['x-odd']).toBe('Ünïcode')
  expect(answer.headers['x-hop']).toBeUndefined()
  expect(answer.headers['x-slipway-version']).toBe('v1')
  expect(answer.headers['x-slipway-request-id']).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  const [seen] = one.seen
  expect(seen).toMatchObject({ method: 'POST', url: '/predict?q=1%20x', body: 'bytes' })
  expect(seen!.headers).toMatchObject({
    'x-mine': 'yes',
    'x-request-id': 'mine',
    'x-slipway-request-id': answer.headers['x-slipway-request-id'],
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': `127.0.0.1:${plane.plane.listen.port}`,
  })
  expect(seen!.headers['x-drop']).toBeUndefined()
  expect(seen!.headers['x-slipway-shadow']).toBeUndefined()
  expect(seen!.raw).toContain('X-Mine')
})

test('nothing serves: 503 with retry-after and a JSON line', async () => {
  const answer = await predict(plane.url)
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('1')
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'not-ready' } })
})

test('weights split judged requests, and all else goes to the baseline', async () => {
  const a = await server(answering({ by: 'a' }))
  const b = await server(answering({ by: 'b' }))
  await plane.route({
    baseline: target(a, 'sha256:a', 'v1'),
    candidate: target(b, 'sha256:b', 'v2'),
    weightPpm: 500_000,
  })
  const answers = await Promise.all(Array.from({ length: 100 }, () => predict(plane.url)))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const reading = await plane.client.call('observe', { after: 0 })
  expect(reading.split[0] + reading.split[1]).toBe(100)
  expect(reading.split).toEqual([a.seen.length, b.seen.length])
  expect(b.seen.length).toBeGreaterThan(20)
  expect(b.seen.length).toBeLessThan(80)
  const before = b.seen.length
  for (let i = 0; i < 10; i++) await call(`${plane.url}/other`)
  expect(b.seen.length).toBe(before)
})
