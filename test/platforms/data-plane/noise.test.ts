import { type AddressInfo, createServer } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answering, predict, raw, target } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()

/** A message with some bytes exchanged, left out or put in. */
const spoiled = (whole: string) =>
  fc
    .array(
      fc.record({
        at: fc.nat(whole.length - 1),
        drop: fc.nat(3),
        put: fc.oneof(
          fc.constantFrom(
            '\r\n',
            '\n',
            '\r',
            ':',
            ' ',
            '\0',
            '\t',
            'HTTP/1.1',
            'chunked',
            ',',
            ';',
            '0\r\n\r\n',
            '101',
            '1xx',
            '%',
          ),
          fc.string({ maxLength: 5, unit: 'binary' }),
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) =>
      changes.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), whole),
    )

const REQUESTS = [
  'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nConnection: keep-alive, x\r\nX: y\r\n\r\n{"a":1}',
  'POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\nt: u\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: sid=1; b="c"\r\n\r\nbytes',
]
const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nKeep-Alive: timeout=5\r\n\r\n{"label":1}',
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\nd\r\ndata: {"a":1}\r\n0\r\nx: y\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab',
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nbytes',
]

test('whatever callers send, the data plane goes on serving', async () => {
  const one = await here.server(answering({ label: 1 }))
  await here.plane.route({
    baseline: target(one),
    sticky: { cookie: 'sid' },
    answer: '/label',
    keepValues: true,
    labelKey: { body: '/a' },
    timeouts: { connectMs: 500, firstByteMs: 500, idleMs: 60 },
  })
  const { port } = here.plane.plane.listen
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...REQUESTS.map(spoiled)), { minLength: 8, maxLength: 8 }), async (messages) => {
      const answers = await Promise.all(messages.map((bytes) => cut(raw(port, bytes), 150)))
      for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1\.1 \d\d\d [\s\S]*)?$/)
      expect((await predict(here.plane.url)).status).toBe(200)
    }),
    { numRuns: 12 },
  )
})

test('whatever servers answer, callers get an answer or an end, and the data plane goes on', async () => {
  let bytes = ''
  const wild = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end(Buffer.from(bytes, 'latin1')))
  })
  await new Promise<void>((resolve) => wild.listen(0, '127.0.0.1', () => resolve()))
  here.kept({ close: () => wild.close() })
  const good = await here.server(answering({ label: 1 }))
  const { port } = wild.address() as AddressInfo
  const baseline = { digest: 'sha256:b', tag: null, addresses: [`http://127.0.0.1:${port}`], incarnation: 1 }
  const mirror = { fraction: 1, noise: 1, overlay: null }
  await fc.assert(
    fc.asyncProperty(fc.oneof(...ANSWERS.map(spoiled)), async (message) => {
      bytes = message
      await here.plane.route({ baseline, candidate: { ...baseline, digest: 'sha256:c' }, mirror, answer: '/label' })
      const one = predict(here.plane.url).then(
        ({ status }) => expect(status).toBeGreaterThan(199),
        (error: Error) => expect(error.message).toMatch(/aborted|hang up|ECONNRESET/),
      )
      await one
      await here.plane.route({ baseline: target(good, 'sha256:d') })
      expect((await predict(here.plane.url)).status).toBe(200)
    }),
    { numRuns: 120 },
  )
})

/** What came until the end, or in so many ms. */
const cut = (text: Promise<string>, ms: number): Promise<string> =>
  Promise.race([text, new Promise<string>((resolve) => setTimeout(() => resolve(''), ms))])
