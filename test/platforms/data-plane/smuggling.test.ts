import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { answering, raw, target } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const HEAD = 'POST /predict HTTP/1.1\r\nHost: a\r\n'

/** Shapes that two parties could read in two ways. Each must be refused, and nothing of it may reach a server. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n'],
  ['bare LF after a header', 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n'],
  ['bare CR in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
  ['two Host lines', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  ['no Host', 'GET / HTTP/1.1\r\nX: y\r\n\r\n'],
  ['length and chunked', `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['chunked and length', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
  ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  ['the same length twice', `${HEAD}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
  ['a signed length', `${HEAD}Content-Length: +1\r\n\r\na`],
  ['a folded line', 'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n'],
  ['a space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n'],
  ['a coding after chunked', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['a coding before chunked', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['an unknown coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunked with a control byte', `${HEAD}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`],
  ['chunked in two lines', `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
  ['chunked in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a Connection line that takes the length away', `${HEAD}Connection: content-length\r\nContent-Length: 1\r\n\r\na`],
  ['a Connection line that takes the host away', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close, host\r\n\r\n'],
  ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
  ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a target that is no path', 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
]

test.each(REFUSED)('%s is refused before any server sees it', async (_name, bytes) => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one) })
  const text = await raw(here.plane.plane.listen.port, bytes)
  expect(text).toMatch(/^HTTP\/1.1 4\d\d /)
  expect(text).toMatch(/\r\nconnection: close\r\n/i)
  expect(one.seen).toEqual([])
})

const CHUNKS: readonly (readonly [string, string])[] = [
  ['LF after a chunk', '1\na\n0\r\n\r\n'],
  ['a line break in a chunk extension', '1;x\ny\r\na\r\n0\r\n\r\n'],
  ['a space after a chunk size', '1 \r\na\r\n0\r\n\r\n'],
  ['bytes beyond a chunk', '1\r\naXX0\r\n\r\n'],
  ['a chunk size with 0x', '0x1\r\na\r\n0\r\n\r\n'],
]
test.each(CHUNKS)('%s ends the request: no server gets a whole one', async (_name, chunks) => {
  const one = await here.server(answering({}))
  await here.plane.route({ baseline: target(one) })
  const text = await raw(
    here.plane.plane.listen.port,
    `${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`,
  )
  expect(text).toMatch(/^(HTTP\/1.1 4\d\d [\s\S]*)?$/)
  expect(one.seen).toEqual([])
})

test.each([
  ['a whole answer with a body', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'],
  ['a whole answer without', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['the beginning of one', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['anything', 'poison'],
])('%s beyond an answer never becomes the answer to another request', async (_name, beyond) => {
  let connections = 0
  const lying = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${beyond}`))
  })
  await new Promise<void>((resolve) => lying.listen(0, '127.0.0.1', () => resolve()))
  here.kept({ close: () => lying.close() })
  const { port } = lying.address() as AddressInfo
  await here.plane.route({
    baseline: { digest: 'sha256:b', tag: null, addresses: [`http://127.0.0.1:${port}`], incarnation: 1 },
  })
  for (let i = 0; i < 3; i++) {
    const text = await raw(here.plane.plane.listen.port, `${HEAD}Content-Length: 2\r\nConnection: close\r\n\r\n{}`)
    expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\n\r\nok$/)
  }
  expect(connections).toBe(3)
})

test('an answer that no parser should take is a 502', async () => {
  const answers = [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok',
    'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
    'HTTP/1.1 200 O\tK\x80\x01\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 999999 OK\r\nContent-Length: 2\r\n\r\nok',
    'not http at all\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
  ]
  for (const bytes of answers) {
    const bad = createServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => socket.write(Buffer.from(bytes, 'latin1')))
    })
    await new Promise<void>((resolve) => bad.listen(0, '127.0.0.1', () => resolve()))
    here.kept({ close: () => bad.close() })
    const { port } = bad.address() as AddressInfo
    await here.plane.route({
      baseline: { digest: 'sha256:b', tag: null, addresses: [`http://127.0.0.1:${port}`], incarnation: 1 },
    })
    const text = await raw(here.plane.plane.listen.port, `${HEAD}Content-Length: 2\r\nConnection: close\r\n\r\n{}`)
    expect(text).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/)
    expect(text).toContain('"server-unreachable"')
  }
})
