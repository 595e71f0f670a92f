import { once } from 'node:events'
import { request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { answering, call, orders, predict, raw, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const observe = () => here.plane.client.call('observe', { after: 0 })
const codes = async (digest: string) => (await observe()).versions.find((one) => one.digest === digest)?.codes ?? {}

test('no first byte in time: 504, bad; no next byte: the caller is cut off', async () => {
  const hanging = await here.server((req, res) => void (req.url!.endsWith('some') && res.write('some')))
  const timeouts = { connectMs: 2000, firstByteMs: 80, idleMs: 80 }
  await here.plane.route({ baseline: target(hanging), timeouts })
  const answer = await predict(here.plane.url)
  expect(answer.status).toBe(504)
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'server-timeout' } })
  await expect(call(`${here.plane.url}/predict?some`, { method: 'POST', body: '{}' })).rejects.toThrow('aborted')
  expect(await codes('sha256:b')).toEqual({ timeout: 2 })
})

test('bodies over the limit are refused, announced or not, and count for nobody', async () => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one), limits: { inFlight: 10, queue: 10, bodyBytes: 1000 } })
  const { port } = here.plane.plane.listen
  const large = await raw(port, 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n')
  expect(large).toMatch(/^HTTP\/1.1 413 [\s\S]*body-too-large/)
  const chunk = `3e8\r\n${'x'.repeat(1000)}\r\n`
  const text = await raw(
    port,
    `POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
  )
  expect(text).toMatch(/^HTTP\/1.1 413 [\s\S]*body-too-large/)
  expect(one.seen).toEqual([])
  expect(Object.keys(await codes('sha256:b')).filter((code) => code !== 'client-gone')).toEqual([])
})

test('beyond the limits of a version: a queue, then 503 with retry-after; a candidate that fills its own is bad', async () => {
  const open: ServerResponse[] = []
  const one = await here.server((_req, res) => void open.push(res))
  const changes = {
    baseline: target(one, 'sha256:b', 'v1'),
    candidate: target(one, 'sha256:c', 'v2'),
    limits: { inFlight: 2, queue: 3, bodyBytes: 1000 },
    counting: {
      release: 'digits-1',
      step: 0,
      watch: false,
      specs: [{ gate: 'errors', kind: 'errors', bad: ['5xx'], except: [503] }],
    },
  } as const
  for (const [weightPpm, bad] of [
    [1, { xc: 0, nc: 0, xb: 0, nb: 5 }],
    [1_000_000, { xc: 1, nc: 1, xb: 0, nb: 5 }],
  ] as const) {
    await here.plane.route({ ...changes, weightPpm })
    const answers = [0, 1, 2, 3, 4].map(() => predict(here.plane.url))
    await until(async () => (await observe()).waiting === 3)
    const refused = await predict(here.plane.url)
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('1')
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: 'busy' } })
    for (let i = 0; i < 5; i++) {
      const res = await until(() => open.shift())
      res.end('{}')
    }
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200)
    // The candidate's five answers lie in its warm-up.
    expect((await observe()).gates[0]!.counts).toEqual({ kind: 'arms', ...bad })
  }
})

test('who waits in the queue and leaves makes room', async () => {
  const open: ServerResponse[] = []
  const one = await here.server((_req, res) => void open.push(res))
  await here.plane.route({ baseline: target(one), limits: { inFlight: 1, queue: 1, bodyBytes: 1000 } })
  const first = predict(here.plane.url)
  await until(() => open.length === 1)
  const leaving = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
  leaving.on('error', () => {})
  leaving.end('{}')
  await until(async () => (await observe()).waiting === 1)
  leaving.destroy()
  await until(async () => (await observe()).waiting === 0)
  const third = predict(here.plane.url)
  await until(async () => (await observe()).waiting === 1)
  open[0]!.end('{}')
  await until(() => open.length === 2)
  open[1]!.end('{}')
  expect([(await first).status, (await third).status]).toEqual([200, 200])
  expect(one.seen).toHaveLength(2)
})

test('the end of a data plane lets open requests end, and cuts them after its grace', async () => {
  const open: ServerResponse[] = []
  const one = await here.server((_req, res) => void open.push(res))
  await here.plane.route({ baseline: target(one) })
  const answer = predict(here.plane.url)
  await until(() => open.length === 1)
  const closing = here.plane.plane.close(60_000)
  await expect(predict(here.plane.url)).rejects.toThrow(/ECONNREFUSED/)
  open[0]!.end('{"late":1}')
  expect((await answer).body).toBe('{"late":1}')
  await closing
})

test('orders of an older host, or older ones of the same, are refused', async () => {
  const one = await here.server(answering({}))
  const route = (epoch: number, revision: number) =>
    here.plane.client.call('route', { orders: orders({ epoch, revision, baseline: target(one) }) })
  expect(await route(2, 5)).toEqual({ epoch: 2, revision: 5 })
  await expect(route(1, 9)).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
  await expect(route(2, 4)).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
  expect(await route(2, 5)).toEqual({ epoch: 2, revision: 5 })
  await expect(here.plane.client.call('renew', { epoch: 1 })).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
  expect(await here.plane.client.call('renew', { epoch: 3 })).toEqual({ epoch: 3 })
  await expect(route(2, 6)).rejects.toMatchObject({ code: 'HOST_ELSEWHERE' })
  expect(await route(3, 1)).toEqual({ epoch: 3, revision: 1 })
})

test('who waits for a candidate that is taken back goes to the baseline at once, and counts for nobody', async () => {
  const hanging = await here.server(() => {})
  const good = await here.server(answering({ ok: 1 }))
  const changes = {
    baseline: target(good, 'sha256:b', 'v1'),
    candidate: target(hanging, 'sha256:c', 'v2'),
    limits: { inFlight: 1, queue: 10, bodyBytes: 1000 },
    counting: {
      release: 'digits-1',
      step: 0,
      watch: false,
      specs: [{ gate: 'errors', kind: 'errors', bad: ['5xx', 'reset'], except: [] }],
    },
  } as const
  await here.plane.route({ ...changes, weightPpm: 1_000_000 })
  const stuck = predict(here.plane.url).catch((error: Error) => error)
  await until(() => hanging.seen.length === 1)
  const waiting = [0, 1, 2].map(() => predict(here.plane.url))
  await until(async () => (await observe()).waiting === 3)
  await here.plane.route({ ...changes, weightPpm: 0 })
  for (const answer of await Promise.all(waiting)) {
    expect(answer.status).toBe(200)
    expect(answer.headers['x-slipway-version']).toBe('v1')
  }
  expect((await observe()).gates[0]!.counts).toEqual({ kind: 'arms', xc: 0, nc: 0, xb: 0, nb: 0 })
  expect(await codes('sha256:c')).toEqual({ moved: 3 })
  here.kept({ close: () => stuck })
})

test('a server that reads slowly is no fault of the caller', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pause()
    setTimeout(() => {
      socket.resume()
      let bytes = 0
      socket.on('data', (chunk) => {
        bytes += chunk.length
        if (bytes >= 30_000_000) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      })
    }, 400)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  here.kept({ close: () => server.close() })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await here.plane.route({
    baseline: { digest: 'sha256:b', tag: null, addresses: [address], incarnation: 1 },
    timeouts: { connectMs: 2000, firstByteMs: 20_000, idleMs: 100 },
  })
  const answer = await call(`${here.plane.url}/predict`, { method: 'POST', body: Buffer.alloc(30_000_000) })
  expect([answer.status, answer.body]).toEqual([200, 'ok'])
})

test('a caller that stalls in its body is told so', async () => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one), timeouts: { connectMs: 2000, firstByteMs: 20_000, idleMs: 60 } })
  const { port } = here.plane.plane.listen
  for (const framing of ['Content-Length: 9', 'Transfer-Encoding: chunked', 'Content-Length: 900000']) {
    const text = await raw(port, `POST /predict HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n1\r\n`)
    expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*caller-too-slow/)
  }
  expect(one.seen).toEqual([])
})

test('a caller that reads slowly holds the server, and nothing is lost', async () => {
  const warnings: string[] = []
  const warn = (warning: Error) => warnings.push(warning.message)
  process.on('warning', warn)
  here.kept({ close: () => process.off('warning', warn) })
  const piece = 'x'.repeat(1000)
  const one = await here.server((_req, res) => {
    for (let i = 0; i < 20_000; i++) res.write(piece)
    res.end()
  })
  await here.plane.route({ baseline: target(one) })
  const caller = connect(here.plane.plane.listen.port, '127.0.0.1')
  caller.write('GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  let bytes = 0
  caller.on('data', (chunk) => {
    bytes += chunk.length
    caller.pause()
    setImmediate(() => caller.resume())
  })
  await once(caller, 'close')
  expect(bytes).toBeGreaterThan(20_000_000)
  expect(warnings).toEqual([])
})

test('a 503 before any version is chosen counts as refused, where what was asked is judged', async () => {
  await here.plane.route({ baseline: null })
  expect((await predict(here.plane.url)).status).toBe(503)
  expect((await call(`${here.plane.url}/other`, { method: 'POST', body: '{}' })).status).toBe(503)
  await here.plane.route({ revision: 2, baseline: null, hold: { waitMs: 20 } })
  expect((await predict(here.plane.url)).status).toBe(503)
  expect((await observe()).refused).toBe(2)
})
