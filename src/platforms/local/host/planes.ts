/** Data planes as their host holds them: found at their sockets, or started. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../../errors.ts'
import type { Clock } from '../../../io/clock.ts'
import { markOf } from '../../../io/marks.ts'
import type { Processes, ProcessIdentity } from '../../../io/processes-contract.ts'
import type { EnvironmentSettings } from '../../../record/entries.ts'
import { connectDataPlane, type DataPlaneClient } from '../data-plane/client.ts'
import { type Hello, PROTOCOL } from '../data-plane/protocol.ts'
import type { DataPlaneOptions } from '../data-plane/start.ts'

/** How long a data plane may take to answer. */
export const PLANE_CALL_MS = 2000

export interface Plane {
  settings: EnvironmentSettings
  process: ProcessIdentity | null
  client: DataPlaneClient | null
  /** Where it listens, as it said. */
  at: Pick<Hello, 'listen' | 'control'> | null
  opening: Promise<DataPlaneClient> | null
  /** Requests in flight by digest, at the last look. */
  inFlight: Map<string, number>
  failure: string | null
  /** Labels taken so far. */
  labels: { cursor: number; boot: string | null }
}

export interface Connected {
  readonly client: DataPlaneClient
  readonly hello: Hello
}

type Address = EnvironmentSettings['listen']
const same = (at: Address, wanted: Address): boolean =>
  at.host === wanted.host && (wanted.port === 0 || at.port === wanted.port)
/** True where it listens elsewhere than its settings say by now. */
export const moved = ({ at, settings }: Pick<Plane, 'at' | 'settings'>): boolean =>
  at !== null && !(same(at.listen, settings.listen) && same(at.control, settings.control))

/** How a data plane of another protocol refuses. */
const OTHER_PROTOCOL = /^the data plane speaks version /

/** Null where nobody listens. DATA_PLANE_UNREACHABLE where somebody does and does not answer in time. */
export async function connectPlane(path: string, clock: Clock): Promise<Connected | 'other-protocol' | null> {
  const client = await connectDataPlane(path, clock, { timeoutMs: PLANE_CALL_MS }).catch(() => null)
  if (!client) return null
  try {
    const hello = await client.call('hello', {})
    if (hello.protocol === PROTOCOL) return { client, hello }
    client.close()
    return 'other-protocol'
  } catch (error) {
    client.close()
    if (error instanceof SlipwayError && OTHER_PROTOCOL.test(error.message)) return 'other-protocol'
    throw error
  }
}

export interface PlaneStart {
  readonly stateFolder: string
  readonly processes: Processes
  /** Argument vector that starts a data plane; a file of options is added. */
  readonly dataPlane: readonly string[]
  /** What a data plane runs when its host is gone. */
  readonly hostCommand: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly controlToken: string
  /** slipway's version. */
  readonly version: string
}

/** Starts a data plane that will listen at the socket path. */
export async function startPlane(
  { stateFolder, processes, dataPlane, hostCommand, env, controlToken, version }: PlaneStart,
  environment: string,
  { listen, control }: EnvironmentSettings,
  socketPath: string,
): Promise<ProcessIdentity> {
  const run = join(stateFolder, 'run')
  mkdirSync(run, { recursive: true, mode: 0o700 })
  mkdirSync(join(stateFolder, 'logs'), { recursive: true, mode: 0o700 })
  const file = join(run, `data-plane-${environment}.json`)
  const options: DataPlaneOptions = {
    environment,
    listen,
    control,
    socketPath,
    controlToken,
    onHostLost: hostCommand,
    version,
  }
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 })
  return processes.start({
    command: [...dataPlane, file],
    cwd: stateFolder,
    env: { ...env, SLIPWAY_ID: markOf(stateFolder, 'data-plane', environment) },
    log: join(stateFolder, 'logs', `data-plane-${environment}.log`),
    nice: 0,
    cgroup: null,
  })
}
