/** Requests without a Host line: HTTP/1.0 knows them, HTTP/1.1 does not. */
import { expect, test } from 'vitest'
import { answering, raw, target, until } from './rig.ts'
import { stage } from './stage.ts'

const here = stage()
const codes = async () => {
  const { versions } = await here.plane.client.call('observe', { after: 0 })
  return Object.assign({}, ...versions.map((version) => ({ [version.role]: version.codes }))) as Record<string, object>
}

test('a request of HTTP/1.0 without Host reaches the server with the server’s own name', async () => {
  const server = await here.server(answering({ label: 1 }))
  await here.plane.route({ baseline: target(server) })
  const answer = await raw(here.plane.plane.listen.port, 'POST /predict HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}')
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
  expect(server.seen).toHaveLength(1)
  expect(server.seen[0]!.headers.host).toBe(`127.0.0.1:${server.port}`)
  expect(server.seen[0]!.headers).not.toHaveProperty('x-forwarded-host')
  expect(await codes()).toEqual({ baseline: { '2xx': 1 } })
})

test('its copy has one too', async () => {
  const [baseline, candidate] = [await here.server(answering({})), await here.server(answering({}))]
  await here.plane.route({
    baseline: target(baseline),
    candidate: target(candidate, 'sha256:c'),
    mirror: { fraction: 1, noise: 0, overlay: null },
  })
  await raw(here.plane.plane.listen.port, 'POST /predict HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}')
  await until(() => candidate.seen.length === 1)
  expect(candidate.seen[0]!.headers.host).toBe(`127.0.0.1:${candidate.port}`)
})

test('one of HTTP/1.1 without Host is refused, and counts against no version', async () => {
  const server = await here.server(answering({}))
  await here.plane.route({
    baseline: target(server),
    counting: {
      release: 'digits-1',
      step: 0,
      watch: true,
      specs: [{ gate: 'errors', kind: 'errors', bad: ['4xx'], except: [] }],
    },
  })
  const answer = await raw(
    here.plane.plane.listen.port,
    'POST /predict HTTP/1.1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
  )
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(server.seen).toEqual([])
  expect(await codes()).toEqual({})
  expect((await here.plane.client.call('observe', { after: 0 })).gates[0]?.counts).toMatchObject({ nc: 0, xc: 0 })
})
