/** Whether a server that is not ours answers. Nothing is kept open. */
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { connect } from 'node:net'

const TIMEOUT_MS = 2000
const SILENT = `no answer in ${TIMEOUT_MS / 1000} s`

/** What an error of the network means: its code where it has one. */
const why = (error: Error & { readonly code?: string }): string =>
  error.code === 'ECONNREFUSED' ? 'the connection is refused' : (error.code ?? error.message)

/** Asks once. With a path GET must give 2xx; without, the port must take a connection. null: it answers; else why not. */
export const reach = (address: string, path: string | null): Promise<string | null> =>
  path === null ? reachPort(new URL(address)) : reachPath(new URL(path, address))

function reachPath(url: URL): Promise<string | null> {
  const get = url.protocol === 'https:' ? getHttps : getHttp
  return new Promise((settle) => {
    const request = get(url, { agent: false }, (answer) => {
      const status = answer.statusCode ?? 0
      settle(status >= 200 && status < 300 ? null : `GET ${url.pathname} answers ${status}`)
      answer.destroy()
    })
    const deadline = setTimeout(() => request.destroy(new Error(SILENT)), TIMEOUT_MS)
    request.on('error', (error) => settle(why(error)))
    request.on('close', () => clearTimeout(deadline))
  })
}

function reachPort(url: URL): Promise<string | null> {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return new Promise((settle) => {
    const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
    const deadline = setTimeout(() => socket.destroy(new Error(SILENT)), TIMEOUT_MS)
    socket.on('connect', () => {
      settle(null)
      socket.destroy()
    })
    socket.on('error', (error) => settle(why(error)))
    socket.on('close', () => clearTimeout(deadline))
  })
}
