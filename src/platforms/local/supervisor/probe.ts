/** Asks a server whether it is ready. */
import { get } from 'node:http'
import { connect } from 'node:net'
import { HOST } from './environment.ts'

const TIMEOUT_MS = 2000

/** `silent`: nobody listens, or no answer in 2 s. `not-yet`: it answers, but not with 2xx. */
export type Probe =
  | { readonly kind: 'ready' | 'not-yet'; readonly status: number | null; readonly contentType: string }
  | { readonly kind: 'silent' }

/** With a path: GET gives 2xx. Without: the port takes a connection. */
export const probe = (port: number, path: string | null, host: string = HOST): Promise<Probe> =>
  path === null ? probePort(port, host) : probePath(port, path, host)

function probePath(port: number, raw: string, host: string): Promise<Probe> {
  const path = raw.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
  return new Promise((settle) => {
    const request = get({ host, port, path, agent: false, timeout: TIMEOUT_MS }, (answer) => {
      const status = answer.statusCode ?? 0
      const kind = status >= 200 && status < 300 ? 'ready' : 'not-yet'
      settle({ kind, status, contentType: answer.headers['content-type'] ?? '' })
      // The body does not matter; a server that streams here forever must not hold us.
      answer.destroy()
    })
    const deadline = setTimeout(() => request.destroy(new Error('no answer')), TIMEOUT_MS)
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', () => settle({ kind: 'silent' }))
    request.on('close', () => clearTimeout(deadline))
  })
}

function probePort(port: number, host: string): Promise<Probe> {
  return new Promise((settle) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS })
    const end = (result: Probe) => {
      socket.destroy()
      settle(result)
    }
    socket.on('connect', () => end({ kind: 'ready', status: null, contentType: '' }))
    socket.on('timeout', () => end({ kind: 'silent' }))
    socket.on('error', () => end({ kind: 'silent' }))
  })
}
