/** Ports for servers, and whether a server listens where it was told to. */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Listener } from '../../../io/processes-contract.ts'
import { HOST } from './environment.ts'

const LOWEST = 20_000

/** First port that the system gives to outgoing connections. A server may listen long after its port was chosen; such a connection must not sit there then. */
function firstEphemeral(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10)
  } catch {
    return 49_152
  }
}

/** True where a server could listen now. */
export function portFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', () => settle(false))
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => settle(true)))
  })
}

/** A port that is free now. */
export async function choosePort(): Promise<number> {
  const end = firstEphemeral()
  for (let attempt = 0; attempt < 200 && end - LOWEST >= 1000; attempt++) {
    const port = randomInt(LOWEST, end)
    if (await portFree(port)) return port
  }
  return systemPort()
}

function systemPort(): Promise<number> {
  return new Promise((settle, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host: HOST, port: 0 }, () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? settle(address.port) : reject(new Error('no port')),
      )
    })
  })
}

const REACHED_BY_LOOPBACK = new Set(['127.0.0.1', '0.0.0.0', '::'])

/** True where one of these sockets takes what is sent to 127.0.0.1:port. */
export const listensOn = (listeners: readonly Listener[], port: number): boolean =>
  listeners.some((listener) => listener.port === port && REACHED_BY_LOOPBACK.has(listener.address))

/** Where it listens instead, one text per socket: `5001`, or `[::1]:5000` where the port is right and the address is not. */
export function elsewhere(listeners: readonly Listener[], port: number): readonly string[] {
  if (listensOn(listeners, port)) return []
  const texts = listeners.map(({ address, port: other }) =>
    other === port ? `${address.includes(':') ? `[${address}]` : address}:${other}` : String(other),
  )
  return [...new Set(texts)]
}

/** A metrics endpoint that a library opens beside the server answers any path. */
export const isMetrics = (contentType: string): boolean =>
  /openmetrics-text|text\/plain;\s*version=0\.0\.4/.test(contentType)
