import { visible } from '../../kit/text.ts'
import { type Check, type Context, type Finding, fail, ok } from './check.ts'

function look({ processes, state }: Context, what: string, host: string, port: number): Finding {
  const address = `${what} ${host}:${port}`
  const holder = processes.holder(port)
  if (holder === null) return ok(`${address} is free`)
  if (state?.marked.some(({ pid, kind }) => pid === holder.pid && kind === 'data-plane'))
    return ok(`${address} is held by the data plane of this project`)
  const name = holder.pid === null ? null : processes.nameOf(holder.pid)
  const who =
    holder.pid === null ? 'a process that cannot be seen' : `${visible(name ?? 'a process')} (pid ${holder.pid})`
  const remedy =
    holder.pid === null ? 'choose another port in slipway.yaml' : `kill ${holder.pid}, or choose another port`
  return fail('PORT_TAKEN', `${address} is held by ${who}`, remedy)
}

/** Addresses of every environment: free, or held by the data plane of this project. */
export const ports: Check = {
  name: 'ports',
  needs: 'config',
  run: async (context) =>
    Object.values(context.config?.environments ?? {}).flatMap(({ name, listen, control }) => [
      look(context, `${name} listen`, listen.host, listen.port),
      look(context, `${name} control`, control.host, control.port),
    ]),
}
