/** How commands find, start and wake the host of a project. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../errors.ts'
import type { Clock } from '../../io/clock.ts'
import { markOf } from '../../io/marks.ts'
import type { Processes } from '../../io/processes-contract.ts'
import { connectRpc, type RpcClient } from '../../io/rpc.ts'
import { socketPath } from '../../io/runtime-folder.ts'
import type { Fit, HostServers, ServeOrder } from '../contract.ts'

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

const parts = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0)
/** True where `a` is a later version than `b`. */
export function laterVersion(a: string, b: string): boolean {
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < 3; i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) > (y[i] ?? 0)
  return false
}

/** The link of one project. */
export function hostLink(options: HostLinkOptions) {
  const path = socketPath(options.runtimeFolder, 'host')
  const connected = async (): Promise<{ client: RpcClient; hello: HostHello } | null> => {
    const client = await connectRpc(path).catch(() => null)
    if (!client) return null
    const hello = await client.call('hello', null, CALL_MS).catch(() => null)
    if (hello) return { client, hello: hello as HostHello }
    client.close()
    return null
  }
  async function start(): Promise<void> {
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
  async function asked(method: string, params: unknown): Promise<unknown> {
    const found = await connected()
    if (!found) return null
    return found.client.call(method, params, CALL_MS).finally(() => found.client.close())
  }
  return {
    async fits(environment: string, orders: readonly ServeOrder[]): Promise<Fit> {
      await this.wake()
      return (await asked('fits', { environment, orders })) as Fit
    },
    async servers() {
      return (await asked('servers', null)) as HostServers | null
    },
    async alive(): Promise<boolean> {
      const found = await connected()
      found?.client.close()
      return found !== null
    },
    async hello(): Promise<HostHello | null> {
      const found = await connected()
      found?.client.close()
      return found?.hello ?? null
    },
    async wake(): Promise<void> {
      const { clock } = options
      let until = clock.mono() + PATIENCE_MS
      let started = false
      while (clock.mono() < until) {
        const found = await connected()
        if (found && laterVersion(options.version, found.hello.version)) {
          // The older host hands over between two turns.
          await found.client.call('hand-over', null, CALL_MS).catch(() => undefined)
          found.client.close()
          started = false
        } else if (found) {
          await found.client.call('wake', null, CALL_MS).catch(() => undefined)
          found.client.close()
          return
        }
        if (!started) {
          await start()
          started = true
          until = clock.mono() + PATIENCE_MS
        }
        await clock.sleep(50)
      }
      throw new SlipwayError('HOST_UNREACHABLE', 'the host did not come up in 10 s', {
        next: ['slipway local logs host'],
      })
    },
  }
}
