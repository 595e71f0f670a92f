import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { answering, raw, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()

test('a WebSocket goes to the baseline, bytes pass both ways, and its end is passed on', async () => {
  const { createServer } = await import('node:http')
  const socketServer = createServer()
  let upgradedWith: import('node:http').IncomingMessage | undefined
  let gone = false
  socketServer.on('upgrade', (req, socket) => {
    upgradedWith = req
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-A: b\r\n\r\nfirst')
    socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`))
    socket.on('close', () => {
      gone = true
    })
    socket.on('end', () => socket.end())
    socket.on('error', () => {})
  })
  socketServer.listen(0, '127.0.0.1')
  await once(socketServer, 'listening')
  here.kept({ close: () => socketServer.close() })
  const { port } = socketServer.address() as import('node:net').AddressInfo
  const other = await here.server(answering({}))
  await here.plane.route({
    baseline: { digest: 'sha256:b', tag: 'v1', addresses: [`http://127.0.0.1:${port}`], incarnation: 1 },
    candidate: target(other, 'sha256:c', 'v2'),
    weightPpm: 999_999,
  })
  const caller = connect(here.plane.plane.listen.port, '127.0.0.1')
  let text = ''
  caller.on('data', (chunk) => {
    text += chunk.toString()
  })
  caller.write(
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n',
  )
  await until(() => text.includes('first'))
  expect(text).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/)
  expect(text).toMatch(/x-slipway-version: v1\r\n/)
  expect(text).toMatch(/X-A: b\r\n/)
  expect(upgradedWith!.headers['sec-websocket-key']).toBe('k')
  caller.write('ping')
  await until(() => text.endsWith('echo ping'))
  const { versions } = await here.plane.client.call('observe', { after: 0 })
  expect(versions.find(({ digest }) => digest === 'sha256:b')!.inFlight).toBe(1)
  caller.destroy()
  await until(() => gone)
  await until(async () => {
    const reading = await here.plane.client.call('observe', { after: 0 })
    return reading.versions.every(({ inFlight }) => inFlight === 0)
  })
})

test('an upgrade to HTTP/2 is answered as if it had not been asked', async () => {
  const one = await here.server((_req, res, body) => res.end(`got ${body}`))
  await here.plane.route({ baseline: target(one) })
  const text = await raw(
    here.plane.plane.listen.port,
    'POST /predict HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: 2\r\n\r\nhi',
  )
  expect(text).toMatch(/^HTTP\/1.1 200 OK[\s\S]*got hi/)
  expect(one.seen[0]!.headers.upgrade).toBeUndefined()
  expect(one.seen[0]!.headers['http2-settings']).toBeUndefined()
})
