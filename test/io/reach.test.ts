import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { reach } from '../../src/io/reach.ts'

let server: Server
let url: string
beforeEach(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 503
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

it('a server answers by its path, or by its port where none is named', async () => {
  expect([await reach(url, '/health'), await reach(url, null)]).toEqual([null, null])
  expect(await reach(url, '/other')).toBe('GET /other answers 503')
})

it('nobody there is said so', async () => {
  await new Promise((resolve) => server.close(resolve))
  for (const path of ['/health', null]) expect(await reach(url, path)).toBe('the connection is refused')
  server.listen(0)
})
