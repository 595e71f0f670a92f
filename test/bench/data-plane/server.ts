/** A small model server in a process of its own: answers at once, or after so many ms. Says its port on stdout. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const delayMs = Number(process.argv[2] ?? 0)
const body = Buffer.from(JSON.stringify({ label: 3, scores: [0.1, 0.2, 0.7] }))
const server = createServer((req, res) => {
  req.on('data', () => {})
  req.on('end', () => {
    const answer = () => {
      res.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)])
      res.end(body)
    }
    if (delayMs > 0) setTimeout(answer, delayMs)
    else answer()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`))
