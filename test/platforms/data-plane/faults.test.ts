import { once } from 'node:events'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import type { RouteTarget } from '../../../src/platforms/contract.ts'
import { answering, call, predict, smallServer, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const observe = () => here.plane.client.call('observe', { after: 0 })
const codes = async (digest: string) => (await observe()).versions.find((one) => one.digest === digest)?.codes ?? {}
const at = (port: number, digest = 'sha256:b'): RouteTarget => ({
  digest,
  tag: digest === 'sha256:b' ? 'v1' : 'v2',
  addresses: [`http://127.0.0.1:${port}`],
  incarnation: 1,
})
/** An address where nobody listens. */
async function nowhere(digest = 'sha256:b'): Promise<RouteTarget> {
  const gone = await smallServer(answering({}))
  await gone.close()
  return at(gone.port, digest)
}
/** A TCP server that answers the n-th request of a connection by the n-th function. */
async function scripted(...steps: ((socket: import('node:net').Socket) => void)[]): Promise<number> {
  const server = createServer((socket) => {
    let seen = 0
    socket.on('error', () => {})
    socket.on('data', () => (steps[seen++] ?? (() => {}))(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  here.kept({ close: () => server.close() })
  return (server.address() as AddressInfo).port
}
const ok = (socket: import('node:net').Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')

test('a caller who hangs up stops the server at once, and counts against nobody', async () => {
  const closed: string[] = []
  const one = await here.server((req, res) => {
    res.on('close', () => closed.push(req.url!))
    if (req.url === '/predict?streaming') res.write('token')
  })
  await here.plane.route({
    baseline: target(one),
    candidate: target(one, 'sha256:c'),
    weightPpm: 1,
    counting: {
      release: 'digits-1',
      step: 0,
      watch: false,
      specs: [{ gate: 'errors', kind: 'errors', bad: ['5xx', 'timeout', 'reset', 'no-answer'], except: [] }],
    },
  })
  for (const path of ['/predict?waiting', '/predict?streaming']) {
    const req = request(`${here.plane.url}${path}`, { method: 'POST', agent: false })
    req.on('error', () => {})
    req.end('{}')
    if (path.endsWith('streaming')) await once(req, 'response')
    else await until(() => one.seen.length === 1)
    req.destroy()
    await until(() => closed.includes(path))
  }
  expect(await codes('sha256:b')).toEqual({ 'client-gone': 2 })
  const { gates, versions } = await observe()
  expect(gates[0]!.counts).toEqual({ kind: 'arms', xc: 0, nc: 0, xb: 0, nb: 0 })
  expect(versions.every(({ inFlight }) => inFlight === 0)).toBe(true)
})

test('a caller who hangs up while its body comes stops the server too', async () => {
  const server = createServer()
  let gone = false
  server.on('connection', (socket) => {
    socket.on('data', () => {})
    socket.on('error', () => {})
    socket.on('close', () => {
      gone = true
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  here.kept({ close: () => server.close() })
  await here.plane.route({ baseline: at((server.address() as AddressInfo).port) })
  const caller = connect(here.plane.plane.listen.port, '127.0.0.1')
  caller.write('PUT /big HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nbegin')
  await until(async () => (await observe()).versions[0]?.inFlight === 1)
  caller.destroy()
  await until(() => gone)
})

test('a server that breaks off in its answer breaks the caller off: no answer looks whole that is not', async () => {
  for (const bytes of [
    'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal\r\n',
  ]) {
    let breakOff: () => void = () => {}
    const port = await scripted((socket) => {
      socket.write(bytes)
      breakOff = () => socket.destroy()
    })
    await here.plane.route({ baseline: at(port) })
    const req = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
    req.end('{}')
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    await once(res, 'data')
    breakOff()
    const [error] = (await once(res, 'error')) as [Error]
    expect(error.message).toBe('aborted')
  }
  expect(await codes('sha256:b')).toEqual({ reset: 2 })
})

test('a reset before the answer is a 502, and bad', async () => {
  const port = await scripted((socket) => socket.destroy())
  await here.plane.route({ baseline: at(port) })
  const answer = await predict(here.plane.url)
  expect(answer.status).toBe(502)
  expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'server-unreachable' } })
  expect(answer.headers['x-slipway-version']).toBe('v1')
  expect(await codes('sha256:b')).toEqual({ reset: 1 })
})

test('a kept connection that dies under a request: once more on a new one, for judged requests only', async () => {
  const port = await scripted(ok, (socket) => socket.destroy())
  await here.plane.route({ baseline: at(port) })
  expect((await predict(here.plane.url)).status).toBe(200)
  expect((await predict(here.plane.url)).body).toBe('ok')
  expect(await codes('sha256:b')).toEqual({ '2xx': 2 })
  expect((await call(`${here.plane.url}/other`, { method: 'POST', body: 'x' })).status).toBe(502)
})

test('it is tried once: a new connection that dies too is a 502', async () => {
  let connections = 0
  const server = createServer((socket) => {
    const mine = ++connections
    socket.on('error', () => {})
    let seen = 0
    socket.on('data', () => (mine === 1 && seen++ === 0 ? ok(socket) : socket.destroy()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  here.kept({ close: () => server.close() })
  await here.plane.route({ baseline: at((server.address() as AddressInfo).port) })
  await predict(here.plane.url)
  expect((await predict(here.plane.url)).status).toBe(502)
  expect(connections).toBe(2)
})

test('a server that hints at a short keep-alive gets no second request on its connection', async () => {
  const ports: (number | undefined)[] = []
  const one = await here.server((req, res) => {
    ports.push(req.socket.remotePort)
    res.setHeader('keep-alive', 'timeout=1')
    res.end('ok')
  })
  await here.plane.route({ baseline: target(one) })
  await predict(here.plane.url)
  await predict(here.plane.url)
  expect(new Set(ports).size).toBe(2)
})

test('a server that answers before it has read the request gets no second one on that connection', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.once('data', () => ok(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  here.kept({ close: () => server.close() })
  await here.plane.route({ baseline: at((server.address() as AddressInfo).port) })
  const early = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
  early.on('error', () => {})
  early.write('begin')
  const [res] = (await once(early, 'response')) as [IncomingMessage]
  expect(res.statusCode).toBe(200)
  expect((await predict(here.plane.url)).body).toBe('ok')
  expect(connections).toBe(2)
  early.destroy()
})

test('where a replica refuses, another one answers', async () => {
  const one = await here.server(answering({}))
  const gone = await nowhere()
  await here.plane.route({ baseline: { ...target(one), addresses: [...gone.addresses, one.address] } })
  const answers = await Promise.all(Array.from({ length: 20 }, () => predict(here.plane.url)))
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
})

test('requests go to the replica with the fewest open ones', async () => {
  const open: ServerResponse[] = []
  const slow = await here.server((_req, res) => void open.push(res))
  const quick = await here.server(answering({}))
  await here.plane.route({ baseline: { ...target(slow), addresses: [slow.address, quick.address] } })
  const hanging = [predict(here.plane.url), predict(here.plane.url)]
  await until(() => open.length === 1)
  const before = quick.seen.length
  for (let i = 0; i < 10; i++) await predict(here.plane.url)
  expect(quick.seen.length - before).toBe(10)
  open[0]!.end('{}')
  await Promise.all(hanging)
})

test('a candidate without a server: its users get the baseline, and it counts as bad for the candidate alone', async () => {
  const one = await here.server(answering({ ok: 1 }))
  const counting = {
    release: 'digits-1',
    step: 1,
    watch: false,
    specs: [{ gate: 'errors', kind: 'errors', bad: ['5xx', 'timeout', 'reset', 'no-answer'], except: [] }],
  } as const
  const refusing = await nowhere('sha256:c')
  for (const [index, candidate] of [{ ...refusing, addresses: [] }, refusing].entries()) {
    await here.plane.route({
      baseline: target(one, 'sha256:b', 'v1'),
      candidate,
      weightPpm: 500_000 + index,
      counting: { ...counting, step: index },
    })
    const answers = await Promise.all(Array.from({ length: 60 }, () => predict(here.plane.url)))
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200))
    expect(new Set(answers.map(({ headers }) => headers['x-slipway-version']))).toEqual(new Set(['v1']))
    const { gates, split } = await observe()
    const { counts } = gates.find(({ step }) => step === index)!
    expect(split[0] + split[1]).toBe(60)
    expect(split[1]).toBeGreaterThan(5)
    expect(counts).toEqual({ kind: 'arms', xc: split[1], nc: split[1], xb: 0, nb: split[0] })
  }
})

test('a baseline without a server: its share goes to a candidate that has weight, and nothing counts', async () => {
  const one = await here.server(answering({ ok: 1 }))
  const counting = {
    release: 'digits-1',
    step: 1,
    watch: false,
    specs: [{ gate: 'errors', kind: 'errors', bad: ['5xx', 'timeout', 'reset', 'no-answer'], except: [] }],
  } as const
  const candidate = target(one, 'sha256:c', 'v2')
  const refusing = await nowhere()
  await here.plane.route({ baseline: { ...refusing, addresses: [] }, candidate, weightPpm: 100_000, counting })
  for (let i = 0; i < 20; i++) expect((await predict(here.plane.url)).headers['x-slipway-version']).toBe('v2')
  expect((await observe()).gates[0]!.counts).toEqual({ kind: 'arms', xc: 0, nc: 0, xb: 0, nb: 0 })
  await here.plane.route({ baseline: refusing, candidate, weightPpm: 1, counting })
  for (let i = 0; i < 20; i++) expect((await predict(here.plane.url)).headers['x-slipway-version']).toBe('v2')
  expect((await observe()).gates[0]!.counts).toMatchObject({ xb: 0, nb: 0 })
  await here.plane.route({ baseline: { ...refusing, addresses: [] }, candidate, weightPpm: 0 })
  expect((await predict(here.plane.url)).status).toBe(503)
})
