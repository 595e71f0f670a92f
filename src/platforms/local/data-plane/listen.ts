/** Binding an address, with the holder's name where it is taken. */
import type { AddressInfo, Server } from 'node:net'
import { SlipwayError } from '../../../errors.ts'
import { holderOf } from './port-holder.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/** Resolves with the address bound (port 0: the system chooses). PORT_TAKEN, PERMISSION, or CONFIG_INVALID for a host that is not ours. */
export function bind(server: Server, address: Address, what: string): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, address, what)))
    server.listen({ host: address.host, port: address.port, backlog: 1024 }, () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      resolve({ host: address.host, port: (server.address() as AddressInfo).port })
    })
  })
}

function refusal(error: NodeJS.ErrnoException, { host, port }: Address, what: string): Error {
  const place = `${host}:${port}`
  if (error.code === 'EADDRINUSE') {
    const holder = holderOf(port)
    const by = holder ? `process ${holder.pid} (${holder.command})` : 'a process that cannot be seen from here'
    return new SlipwayError('PORT_TAKEN', `${what} ${place} is taken by ${by}; stop it, or choose another address`)
  }
  if (error.code === 'EACCES')
    return new SlipwayError('PERMISSION', `${what} ${place} may not be bound by this user; choose a port above 1023`)
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new SlipwayError('CONFIG_INVALID', `${what} ${place} is no address of this machine; choose another address`)
  return error
}
