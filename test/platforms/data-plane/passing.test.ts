import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { answering, call, predict, raw, target } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()

test('a request and its answer pass unchanged, with our headers beside them', async () => {
  const one = await here.server((_req, res) => {
    res.writeHead(201, 'Made', [
      ['Content-Type', 'application/json'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
      ['X-Odd', 'caf\u00e9'],
      ['Connection', 'x-hop'],
      ['X-Hop', 'gone'],
      ['X-Slipway-Version', 'lie'],
    ] as never)
    res.end('{"label":3}')
  })
  await here.plane.route({ baseline: target(one, 'sha256:b', 'v1') })
  const answer = await call(`${here.plane.url}/predict?q=1%20x`, {
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
  expect(answer.headers['x-odd']).toBe('caf\u00e9')
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
    'x-forwarded-host': `127.0.0.1:${here.plane.plane.listen.port}`,
  })
  expect(seen!.headers['x-drop']).toBeUndefined()
  expect(seen!.headers['x-slipway-shadow']).toBeUndefined()
  expect(seen!.raw).toContain('X-Mine')
})

test('x-forwarded-* of a front proxy are kept', async () => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one) })
  const forwarded = { 'x-forwarded-for': '9.9.9.9', 'X-Forwarded-Proto': 'https', 'x-forwarded-host': 'models.example' }
  await predict(here.plane.url, {}, forwarded)
  expect(one.seen[0]!.headers).toMatchObject({
    'x-forwarded-for': '9.9.9.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'models.example',
  })
  expect(one.seen[0]!.raw.filter((name) => /^x-forwarded-for$/i.test(name))).toHaveLength(1)
})

test('without a tag the version is named by its digest', async () => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one, 'sha256:abc') })
  expect((await predict(here.plane.url)).headers['x-slipway-version']).toBe('sha256:abc')
})

test('HEAD, statuses without a body, an empty POST and an absolute target pass', async () => {
  const one = await here.server((req, res) => {
    if (req.url === '/none') return void res.writeHead(204).end()
    if (req.url === '/same') return void res.writeHead(304, { etag: '"a"' }).end()
    res.writeHead(200, { 'content-length': '5' })
    res.end(req.method === 'HEAD' ? undefined : 'hello')
  })
  await here.plane.route({ baseline: target(one) })
  const { url } = here.plane
  const head = await call(`${url}/x`, { method: 'HEAD' })
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '5', ''])
  expect((await call(`${url}/none`)).status).toBe(204)
  expect((await call(`${url}/same`)).headers.etag).toBe('"a"')
  expect((await call(`${url}/x`)).body).toBe('hello')
  const { port } = here.plane.plane.listen
  const empty = await raw(port, 'POST /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(empty).toMatch(/^HTTP\/1.1 200 OK\r\n/)
  expect(one.seen.at(-1)!.headers).toMatchObject({ 'content-length': '0' })
  expect(one.seen.at(-1)!.headers['transfer-encoding']).toBeUndefined()
  await raw(port, 'GET http://other.example/y?z HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(one.seen.at(-1)).toMatchObject({ url: '/y?z', headers: { host: 'other.example' } })
})

test('chunked bodies keep their trailers in both directions', async () => {
  let trailers: unknown
  const one = await here.server((req, res) => {
    trailers = req.trailers
    res.writeHead(200, { trailer: 'x-sum' })
    res.write('a')
    res.addTrailers({ 'x-sum': '42' })
    res.end('b')
  })
  await here.plane.route({ baseline: target(one) })
  const answer = await raw(
    here.plane.plane.listen.port,
    'PUT /up HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTE: trailers\r\nTrailer: x-up\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nx-up: 7\r\n\r\n',
  )
  expect(one.seen[0]).toMatchObject({ body: 'abcdefg', headers: { te: 'trailers', 'transfer-encoding': 'chunked' } })
  expect(trailers).toEqual({ 'x-up': '7' })
  expect(answer).toMatch(/\r\n0\r\nx-sum: 42\r\n\r\n$/)
})

test('large bodies pass both ways, as announced or in chunks, with a slow reader too', async () => {
  const big = Buffer.alloc(3_000_000, 'x')
  const one = await here.server((req, res, body) => {
    if (req.url === '/length') res.setHeader('content-length', body.length)
    res.write(body.slice(0, 10))
    res.end(body.slice(10))
  })
  await here.plane.route({ baseline: target(one) })
  for (const path of ['/length', '/chunked']) {
    const answer = await call(`${here.plane.url}${path}`, {
      method: 'PUT',
      headers: path === '/length' ? { 'content-length': String(big.length) } : { 'transfer-encoding': 'chunked' },
      body: big,
    })
    expect(answer.body.length).toBe(big.length)
    expect(answer.headers['content-length']).toBe(path === '/length' ? String(big.length) : undefined)
  }
})

test('each token of a stream passes when it comes', async () => {
  let send: (text: string) => void = () => {}
  let end: () => void = () => {}
  const one = await here.server((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.flushHeaders()
    send = (text) => res.write(text)
    end = () => res.end()
  })
  await here.plane.route({ baseline: target(one), answer: '/x', keepValues: true })
  const req = request(`${here.plane.url}/predict`, { method: 'POST', agent: false })
  req.end('{}')
  const [res] = (await once(req, 'response')) as [import('node:http').IncomingMessage]
  expect(res.headers['content-type']).toBe('text/event-stream')
  for (const token of ['one', 'two', 'three']) {
    send(`data: ${token}\n\n`)
    const [chunk] = (await once(res, 'data')) as [Buffer]
    expect(chunk.toString()).toBe(`data: ${token}\n\n`)
  }
  end()
  await once(res, 'end')
})

test('early hints and 102 pass, before the answer', async () => {
  const one = await here.server((_req, res) => {
    res.writeProcessing()
    res.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.css>; rel=preload'] })
    answering({ ok: true })(_req, res)
  })
  await here.plane.route({ baseline: target(one) })
  const text = await raw(here.plane.plane.listen.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 102', 'HTTP/1.1 103', 'HTTP/1.1 200'])
  expect(text).toMatch(/^link: <\/a.css>; rel=preload, <\/b.css>; rel=preload\r$/im)
  const old = await raw(here.plane.plane.listen.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
  expect(old).toMatch(/^HTTP\/1.1 200 /)
})

test('a caller that expects 100-continue is told by the server, and by us where the body decides who answers', async () => {
  const one = await here.server((_req, res, body) => res.end(body))
  await here.plane.route({ baseline: target(one) })
  const send = (path: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(here.plane.plane.listen.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => {
        const before = text
        text += chunk.toString('latin1')
        if (before === '' && text.startsWith('HTTP/1.1 100')) socket.write('hello')
      })
      socket.on('close', () => resolve(text))
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      )
    })
  expect(await send('/x')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK[\s\S]*hello/)
  expect(one.seen[0]!.headers.expect).toBe('100-continue')
  await here.plane.route({ baseline: target(one), sticky: { body: '/user' } })
  expect(await send('/predict')).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK[\s\S]*hello/)
  expect(one.seen[1]!.headers.expect).toBeUndefined()
})

test('a server that refuses before the body is read answers the caller', async () => {
  const refusing = await import('node:http').then(({ createServer }) =>
    createServer()
      .on('checkContinue', (_req, res) => {
        res.writeHead(403, { 'content-length': '2', connection: 'close' })
        res.end('no')
      })
      .listen(0, '127.0.0.1'),
  )
  await once(refusing, 'listening')
  here.kept({ close: () => refusing.close() })
  const address = refusing.address() as import('node:net').AddressInfo
  await here.plane.route({
    baseline: { digest: 'sha256:b', tag: null, addresses: [`http://127.0.0.1:${address.port}`], incarnation: 1 },
  })
  const text = await raw(
    here.plane.plane.listen.port,
    'POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  )
  expect(text).toMatch(/^HTTP\/1.1 403 Forbidden/)
})

test('long heads pass up to 64 KiB; longer ones are refused with 431', async () => {
  const one = await here.server((_req, res) => {
    res.setHeader('x-back', 'b'.repeat(40_000))
    res.end('ok')
  })
  await here.plane.route({ baseline: target(one) })
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-h${i}`, 'v'.repeat(200)]))
  const answer = await call(`${here.plane.url}/`, { headers: many })
  expect(answer.headers['x-back']).toHaveLength(40_000)
  expect(one.seen[0]!.headers).toMatchObject(many)
  const text = await raw(
    here.plane.plane.listen.port,
    `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(100_000)}\r\n\r\n`,
  )
  expect(text).toMatch(/^HTTP\/1.1 431 /)
  expect(one.seen).toHaveLength(1)
})

test('connections are kept on both sides, and pipelined requests are answered in order', async () => {
  const one = await here.server((req, res) => res.end(req.url))
  const ports = new Set<number | undefined>()
  const counted = await here.server((req, res) => {
    ports.add(req.socket.remotePort)
    res.end('x')
  })
  await here.plane.route({ baseline: target(one) })
  const text = await raw(
    here.plane.plane.listen.port,
    ['/one', '/two', '/three']
      .map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n${path === '/three' ? 'Connection: close\r\n' : ''}\r\n`)
      .join(''),
  )
  expect(text.match(/\/(one|two|three)/g)).toEqual(['/one', '/two', '/three'])
  await here.plane.route({ baseline: target(counted) })
  for (let i = 0; i < 5; i++) await predict(here.plane.url)
  expect(ports.size).toBe(1)
})
