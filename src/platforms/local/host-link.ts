/** How commands find, start and wake the host of a project. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import { markOf } from '../../io/marks.ts'
import type { Processes } from '../../io/processes-contract.ts'
import { connectRpc, type RpcClient } from '../../io/rpc.ts'
import { socketPath } from '../../io/runtime-folder.ts'
import type { Fit, HostLink, HostServers, Room } from '../contract.ts'

export interface HostLinkOptions {
  readonly stateFolder: string
  readonly runtimeFolder: string
  readonly projectFolder: string
  /** Argument vector that starts a host; the project folder is added. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly version: string
  readonly clock: Clock
  readonly processes: Processes
}

/** What a host says of itself. */
export interface HostHello {
  readonly version: string
  readonly pid: number
  readonly epoch: number
}

const PATIENCE_MS = 10_000
const CALL_MS = 3000
const LOOK_MS = 50

const parts = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0)
/** True where `a` is a later version than `b`. */
function laterVersion(a: string, b: string): boolean {
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < 3; i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) > (y[i] ?? 0)
  return false
}

/** A connection to a host that answers; null where none does. */
async function connectHost(path: string): Promise<{ client: RpcClient; hello: HostHello } | null> {
  const client = await connectRpc(path).catch(() => null)
  if (!client) return null
  const hello = await client.call('hello', null, CALL_MS).catch(() => null)
  if (hello) return { client, hello: hello as HostHello }
  client.close()
  return null
}

async function startHost(options: HostLinkOptions): Promise<void> {
  const logs = join(options.stateFolder, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  await options.processes.start({
    command: [...options.command, options.projectFolder],
    cwd: options.projectFolder,
    env: { ...options.env, SLIPWAY_ID: markOf(options.stateFolder, 'host', 'host') },
    log: join(logs, 'host.log'),
    nice: 0,
    cgroup: null,
  })
}

/** Wakes the host, after starting one where none lives; an older one hands over first. */
async function wake(options: HostLinkOptions, path: string): Promise<void> {
  const { clock } = options
  let until = clock.mono() + PATIENCE_MS
  let started = false
  while (clock.mono() < until) {
    const found = await connectHost(path)
    const older = found !== null && laterVersion(options.version, found.hello.version)
    if (found) {
      await found.client.call(older ? 'hand-over' : 'wake', null, CALL_MS).catch(() => undefined)
      found.client.close()
    }
    if (found && !older) return
    if (older) started = false
    if (!started) {
      await startHost(options)
      started = true
      until = clock.mono() + PATIENCE_MS
    }
    await clock.sleep(LOOK_MS)
  }
  throw new SlipwayError('HOST_UNREACHABLE', 'the host did not come up in 10 s', { next: ['slipway local logs host'] })
}

/** The link of one project. */
export function hostLink(options: HostLinkOptions): HostLink & { hello(): Promise<HostHello | null> } {
  const path = socketPath(options.runtimeFolder, 'host')
  const asked = async (method: string, params: unknown): Promise<unknown> => {
    const found = await connectHost(path)
    if (!found) return null
    return found.client.call(method, params, CALL_MS).finally(() => found.client.close())
  }
  /** What only informs: null too where the host hands over, ends or is busy in between, since what a command does must not hang on it. */
  const told = (method: string): Promise<unknown> =>
    asked(method, null).catch((error: SlipwayError) => {
      if (error.code !== 'HOST_UNREACHABLE') throw error
      return null
    })
  const hello = async (): Promise<HostHello | null> => {
    const found = await connectHost(path)
    found?.client.close()
    return found?.hello ?? null
  }
  return {
    async fits(environment, orders) {
      await wake(options, path)
      return (await asked('fits', { environment, orders })) as Fit
    },
    servers: async () => (await told('servers')) as HostServers | null,
    room: async () => (await told('room')) as Room | null,
    alive: async () => (await hello()) !== null,
    hello,
    wake: () => wake(options, path),
  }
}
