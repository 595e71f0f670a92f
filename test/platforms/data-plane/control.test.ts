import { expect, test } from 'vitest'
import { GRID_MS } from '../../../src/kit/grid.ts'
import { answering, call, predict, raw, target } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const url = (path: string) => `http://127.0.0.1:${here.plane.plane.control.port}${path}`
const token = { authorization: 'Bearer secret-token' }
const labels = (body: string, headers: Record<string, string> = token) =>
  call(url('/labels'), { method: 'POST', headers, body })
const pulled = (after = 0) => here.plane.client.call('labels', { after })

test('healthz says what serves and which orders are acted on', async () => {
  const before = JSON.parse((await call(url('/healthz'))).body) as Record<string, unknown>
  expect(before).toMatchObject({ status: 'ok', serving: false, epoch: 0, version: '0.0.0-test' })
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one) })
  const after = await call(url('/healthz?x=1'))
  expect(after.status).toBe(200)
  expect(JSON.parse(after.body)).toMatchObject({ serving: true, epoch: 1, boot: before.boot })
})

test('labels are taken with the token alone, and handed out until acknowledged', async () => {
  expect((await labels('{"id":"a","label":1}', {})).status).toBe(401)
  expect((await labels('{"id":"a","label":1}', { authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await labels('{"id":"a","label":1}', { authorization: 'Bearer ' })).status).toBe(401)
  const answer = await labels('{"id":"a","label":1}\n\n{"id":"b","label":{"x":[null]}}\r\n{"id":"c","label":"three"}')
  expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { accepted: 3, refused: 0 }])
  const first = await pulled()
  expect(first.labels).toMatchObject([
    { id: 'a', label: 1 },
    { id: 'b', label: { x: [null] } },
    { id: 'c', label: 'three' },
  ])
  expect((await pulled()).labels).toHaveLength(3)
  await labels('{"id":"d","label":false}')
  expect((await pulled(first.cursor)).labels).toMatchObject([{ id: 'd', label: false }])
  expect((await pulled(first.cursor + 1)).labels).toEqual([])
  // A cursor of an earlier life of the data plane means the beginning.
  await labels('{"id":"e","label":5}')
  expect((await here.plane.client.call('labels', { after: 99, boot: 'another' })).labels).toMatchObject([{ id: 'e' }])
})

test('a broken line is refused by its number, and the others are taken', async () => {
  const lines = [
    '{"id":"a","label":1}',
    'not json',
    '[1]',
    '{"label":1}',
    '{"id":"","label":1}',
    '{"id":"b"}',
    '{"id":"c","label":1,"extra":2}',
    `{"id":"${'x'.repeat(300)}","label":1}`,
    `{"id":"d","label":"${'x'.repeat(70_000)}"}`,
    '{"id":"e","label":null}',
  ]
  const answer = await labels(lines.join('\n'))
  const body = JSON.parse(answer.body) as { accepted: number; refused: number; errors: { line: number }[] }
  expect([answer.status, body.accepted, body.refused]).toEqual([200, 2, 8])
  expect(body.errors.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
  expect((await labels('nothing good')).status).toBe(400)
  expect((await pulled()).labels.map(({ id }) => id)).toEqual(['a', 'e'])
})

test('too much in one request is refused whole', async () => {
  const answer = await labels('x'.repeat(9 * 2 ** 20)).catch((error: Error) => error)
  if ('status' in answer) expect(answer.status).toBe(413)
  expect((await pulled()).labels).toEqual([])
})

test('other names, paths and methods are refused', async () => {
  const { port } = here.plane.plane.control
  const get = (host: string) => raw(port, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  for (const host of ['127.0.0.1', `127.0.0.1:${port}`, `localhost:${port}`, 'LOCALHOST', '[::1]:7071'])
    expect(await get(host)).toMatch(/^HTTP\/1.1 200 /)
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'localhost.evil', ''])
    expect(await get(host)).toMatch(/^HTTP\/1.1 4\d\d /)
  expect((await call(url('/'))).status).toBe(404)
  expect((await call(url('/constructor'))).status).toBe(404)
  expect((await call(url('/labels'))).status).toBe(405)
  expect((await call(url('/healthz'), { method: 'POST' })).status).toBe(405)
})

/** A reader of the exposition format: families with their type and samples; throws where a line is none. */
function parsed(text: string) {
  const families = new Map<string, { type: string; samples: Map<string, number> }>()
  let family = ''
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.slice(0, -1).split('\n')) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line)
    if (type) {
      family = type[1]!
      expect(families.has(family)).toBe(false)
      families.set(family, { type: type[2]!, samples: new Map() })
    } else if (!/^# HELP [a-zA-Z_:][\w:]* .+$/.test(line)) {
      const sample =
        /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\}) (\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(line)
      if (!sample) throw new Error(`no sample: ${line}`)
      expect(sample[1]!.replace(/_(bucket|sum|count)$/, '')).toBe(
        families.get(family)!.type === 'histogram' ? family : sample[1],
      )
      const key = sample[1]! + sample[2]!
      expect(families.get(family)!.samples.has(key)).toBe(false)
      families.get(family)!.samples.set(key, Number(sample[3]))
    }
  }
  return families
}

test('metrics hold the names of the contract, as a Prometheus reads them', async () => {
  const one = await here.server(answering({}, 200))
  const two = await here.server(answering({}, 500))
  await here.plane.route({
    baseline: target(one, 'sha256:b', 'v"1\\'),
    candidate: target(two, 'sha256:c'),
    weightPpm: 1_000_000,
    model: 'digits',
  })
  for (let i = 0; i < 3; i++) await predict(here.plane.url)
  await here.plane.route({
    baseline: target(one, 'sha256:b', 'v"1\\'),
    candidate: target(two, 'sha256:c'),
    weightPpm: 0,
  })
  await predict(here.plane.url)
  await call(`${here.plane.url}/health`)
  const answer = await call(url('/metrics'))
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const families = parsed(answer.body)
  expect(Object.fromEntries([...families].map(([name, { type }]) => [name, type]))).toEqual({
    slipway_requests_total: 'counter',
    slipway_request_duration_seconds: 'histogram',
    slipway_first_byte_seconds: 'histogram',
    slipway_in_flight: 'gauge',
    slipway_weight_ppm: 'gauge',
    slipway_mirrored_total: 'counter',
  })
  const base = 'environment="dev",model="digits"'
  const baseline = `${base},version="v\\"1\\\\",role="baseline"`
  const candidate = `${base},version="sha256:c",role="candidate"`
  const sample = (family: string, name: string) => families.get(family)!.samples.get(name)
  expect(sample('slipway_requests_total', `slipway_requests_total{${baseline},code="2xx"}`)).toBe(2)
  expect(sample('slipway_requests_total', `slipway_requests_total{${candidate},code="5xx"}`)).toBe(3)
  expect(sample('slipway_in_flight', `slipway_in_flight{${candidate}}`)).toBe(0)
  expect(sample('slipway_weight_ppm', `slipway_weight_ppm{${baseline}}`)).toBe(1_000_000)
  expect(sample('slipway_mirrored_total', `slipway_mirrored_total{${base},result="answered"}`)).toBe(0)
  for (const family of ['slipway_request_duration_seconds', 'slipway_first_byte_seconds']) {
    const buckets = [...families.get(family)!.samples].filter(([key]) =>
      key.startsWith(`${family}_bucket{${candidate}`),
    )
    const bounds = buckets.map(([key]) => /,le="([^"]+)"/.exec(key)![1]!)
    expect(bounds.slice(0, -1).map(Number)).toEqual(GRID_MS.map((ms) => Number((ms / 1000).toPrecision(6))))
    expect(bounds.at(-1)).toBe('+Inf')
    const values = buckets.map(([, value]) => value)
    expect(values).toEqual([...values].sort((a, b) => a - b))
    expect(values.at(-1)).toBe(3)
    expect(sample(family, `${family}_count{${candidate}}`)).toBe(3)
    expect(sample(family, `${family}_sum{${candidate}}`)).toBeGreaterThan(0)
  }
})
