/** What trying a server takes: small HTTP requests, a port that nobody uses, a folder of its own. */
import { mkdtemp } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TrialRequest {
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as it is; null: none. */
  readonly body: string | null
}
export interface TrialAnswer {
  readonly status: number
  readonly contentType: string
  /** The first MOST_BYTES. */
  readonly body: string
}
export interface Trial {
  /** null: nobody answered within the time. */
  ask(request: TrialRequest, timeoutMs: number): Promise<TrialAnswer | null>
  freePort(): Promise<number>
  /** A new folder for temporary files, mode 0700; the caller removes it. */
  scratch(): Promise<string>
}

const MOST_BYTES = 2 ** 20

function ask(order: TrialRequest, timeoutMs: number): Promise<TrialAnswer | null> {
  return new Promise((settle) => {
    const { host, port, method, path, body } = order
    const headers = {
      ...order.headers,
      ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    }
    const request = httpRequest({ host, port, method, path, headers, agent: false }, (answer) => {
      const parts: Buffer[] = []
      let bytes = 0
      const end = () => {
        settle({
          status: answer.statusCode ?? 0,
          contentType: answer.headers['content-type'] ?? '',
          body: Buffer.concat(parts).subarray(0, MOST_BYTES).toString('utf8'),
        })
        request.destroy()
      }
      answer.on('data', (part: Buffer) => {
        parts.push(part)
        bytes += part.length
        if (bytes >= MOST_BYTES) end()
      })
      answer.on('end', end)
      answer.on('error', () => settle(null))
    })
    const deadline = setTimeout(() => request.destroy(new Error('no answer')), timeoutMs)
    request.on('error', () => settle(null))
    request.on('close', () => {
      clearTimeout(deadline)
      settle(null)
    })
    request.end(body ?? undefined)
  })
}

const freePort = (): Promise<number> =>
  new Promise((settle, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => settle(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

export const systemTrial: Trial = { ask, freePort, scratch: () => mkdtemp(join(tmpdir(), 'slipway-')) }
