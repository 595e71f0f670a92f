/** The embedded platform: servers by the supervisor, users' requests by one data plane process per environment. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../errors.ts'
import type { Reading } from '../../evidence/types.ts'
import type { Clock } from '../../io/clock.ts'
import { markOf } from '../../io/marks.ts'
import type { Processes, ProcessIdentity } from '../../io/processes-contract.ts'
import { socketPath } from '../../io/runtime-folder.ts'
import type { EnvironmentSettings } from '../../record/entries.ts'
import type { Platform, RouteOrders, ServeOrder, SetAnswer, SetRequest, VersionStatus } from '../contract.ts'
import { askServer } from './ask.ts'
import { connectDataPlane, type DataPlaneClient } from './data-plane/client.ts'
import type { Supervisor } from './supervisor/types.ts'

export interface LocalOptions {
  readonly supervisor: Supervisor
  readonly stateFolder: string
  readonly runtimeFolder: string
  readonly clock: Clock
  readonly processes: Processes
  /** Argument vector that starts a data plane; a file of options is added. */
  readonly dataPlane: readonly string[]
  /** What a data plane runs when its host is gone. */
  readonly hostCommand: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly controlToken: string
  readonly epoch: number
  /** Called when a data plane goes away: the next turn should come now. */
  onLost(environment: string): void
  say(environment: string, text: string): void
}

/** How long a new data plane may take to listen. */
const START_MS = 10_000
const OBSERVE_MS = 2000
/** Requests of a data plane that ends get so long. */
const DRAIN_MS = 5000
const LOOK_MS = 50

interface Plane {
  settings: EnvironmentSettings
  process: ProcessIdentity | null
  client: DataPlaneClient | null
  opening: Promise<DataPlaneClient> | null
  /** Requests in flight by digest, at the last look. */
  inFlight: Map<string, number>
  failure: string | null
  /** Labels taken so far. */
  labels: { cursor: number; boot: string | null }
}

export class LocalPlatform implements Platform {
  readonly #options: LocalOptions
  readonly #planes = new Map<string, Plane>()
  /** Environments that go down now; what they should run is heard again afterwards. */
  readonly #ending = new Set<string>()

  constructor(options: LocalOptions) {
    this.#options = options
  }

  /** Which environments have a data plane, and where it listens; `process` is one that an earlier host started. */
  configure(environment: string, settings: EnvironmentSettings, process: ProcessIdentity | null): void {
    const plane = this.#planes.get(environment)
    if (plane) plane.settings = settings
    else
      this.#planes.set(environment, {
        settings,
        process,
        client: null,
        opening: null,
        inFlight: new Map(),
        failure: null,
        labels: { cursor: 0, boot: null },
      })
  }

  processOf(environment: string): ProcessIdentity | null {
    return this.#planes.get(environment)?.process ?? null
  }
  /** True where its data plane answers. */
  listening(environment: string): boolean {
    return this.#planes.get(environment)?.client != null
  }
  /** Why the data plane cannot run; null: it can. */
  failureOf(environment: string): string | null {
    return this.#planes.get(environment)?.failure ?? null
  }
  inFlight(environment: string, digest: string): number | null {
    const plane = this.#planes.get(environment)
    return plane?.client ? (plane.inFlight.get(digest) ?? 0) : null
  }

  async serve(environment: string, orders: readonly ServeOrder[]): Promise<void> {
    if (!this.#ending.has(environment)) this.#options.supervisor.serve(environment, orders)
  }

  async status(environment: string): Promise<readonly VersionStatus[]> {
    return this.#options.supervisor.status(environment)
  }

  async route(environment: string, orders: RouteOrders): Promise<void> {
    await (await this.#client(environment)).call('route', { orders })
  }

  async observe(
    environment: string,
    after: { readonly cursor: number; readonly boot: string | null },
  ): Promise<Reading> {
    const client = await this.#client(environment)
    const reading = await client.call('observe', {
      after: after.cursor,
      ...(after.boot === null ? {} : { boot: after.boot }),
    })
    const { epoch } = this.#options
    if (reading.epoch > epoch)
      throw new SlipwayError('HOST_ELSEWHERE', `the data plane obeys the host of epoch ${reading.epoch}, not ${epoch}`)
    const plane = this.#planes.get(environment)!
    plane.inFlight = new Map()
    for (const v of reading.versions) plane.inFlight.set(v.digest, (plane.inFlight.get(v.digest) ?? 0) + v.inFlight)
    return reading
  }

  async renew(environment: string): Promise<void> {
    await this.#planes.get(environment)?.client?.call('renew', { epoch: this.#options.epoch })
  }

  async takeLabels(
    environment: string,
    take: (labels: readonly { readonly id: string; readonly label: unknown }[]) => void,
  ): Promise<void> {
    const client = await this.#client(environment)
    const plane = this.#planes.get(environment)!
    const { boot, labels, cursor } = await client.call('labels', {
      after: plane.labels.cursor,
      ...(plane.labels.boot === null ? {} : { boot: plane.labels.boot }),
    })
    if (labels.length > 0) take(labels)
    plane.labels = { cursor, boot }
  }

  ask(
    environment: string,
    digest: string,
    request: SetRequest,
    answer: string | null,
    timeoutMs: number,
  ): Promise<SetAnswer> {
    const outside = digest.startsWith('http:') || digest.startsWith('https:')
    const status = this.#options.supervisor.status(environment).find((s) => s.digest === digest)
    const address = outside ? digest : status?.addresses[0]
    if (!address)
      return Promise.resolve({ status: null, value: undefined, fault: 'the version has no ready server', ms: 0 })
    return askServer(this.#options.clock, address, request, answer, timeoutMs)
  }

  async #client(environment: string): Promise<DataPlaneClient> {
    const plane = this.#planes.get(environment)
    if (!plane) throw new SlipwayError('DATA_PLANE_UNREACHABLE', `no data plane is configured for ${environment}`)
    if (plane.client) return plane.client
    plane.opening ??= this.#open(environment, plane).finally(() => {
      plane.opening = null
    })
    return plane.opening
  }

  async #open(environment: string, plane: Plane): Promise<DataPlaneClient> {
    const { processes, clock } = this.#options
    const path = socketPath(this.#options.runtimeFolder, `data-plane-${environment}`)
    let client = await connectDataPlane(path, clock, { timeoutMs: OBSERVE_MS }).catch(() => null)
    if (!client) {
      if (plane.process && processes.alive(plane.process)) processes.signal([plane.process], 'SIGKILL')
      plane.process = await this.#start(environment, plane, path)
      const until = clock.mono() + START_MS
      while (!client && clock.mono() < until) {
        await clock.sleep(10)
        client = await connectDataPlane(path, clock, { timeoutMs: OBSERVE_MS }).catch(() => null)
        if (!client && !processes.alive(plane.process)) {
          plane.failure = 'the data plane ended at its start; see `slipway local logs data-plane`'
          throw new SlipwayError('DATA_PLANE_UNREACHABLE', plane.failure, { next: ['slipway local logs data-plane'] })
        }
      }
      if (!client)
        throw new SlipwayError('DATA_PLANE_UNREACHABLE', 'the data plane did not listen in 10 s', {
          next: ['slipway local logs data-plane'],
        })
    }
    const hello = await client.call('hello', {})
    plane.process = processes.identify(hello.pid)
    plane.client = client
    plane.failure = null
    void client.gone.then(() => {
      if (plane.client !== client) return
      plane.client = null
      this.#options.onLost(environment)
    })
    return client
  }

  async #start(environment: string, { settings }: Plane, socket: string): Promise<ProcessIdentity> {
    const { stateFolder, dataPlane, hostCommand, controlToken, env, processes } = this.#options
    const run = join(stateFolder, 'run')
    mkdirSync(run, { recursive: true, mode: 0o700 })
    mkdirSync(join(stateFolder, 'logs'), { recursive: true, mode: 0o700 })
    const file = join(run, `data-plane-${environment}.json`)
    const options = {
      environment,
      listen: settings.listen,
      control: settings.control,
      socketPath: socket,
      controlToken,
      onHostLost: hostCommand,
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

  /** Ends all that runs for an environment: its data plane (`known`: of an earlier host) after its requests have drained, then its servers. */
  async down(environment: string, known: ProcessIdentity | null): Promise<void> {
    this.#ending.add(environment)
    try {
      await this.#stop(environment, known)
      await this.#options.supervisor.stop(environment)
    } finally {
      this.#ending.delete(environment)
    }
  }

  async #stop(environment: string, known: ProcessIdentity | null): Promise<void> {
    const { clock, runtimeFolder } = this.#options
    const plane = this.#planes.get(environment)
    const path = socketPath(runtimeFolder, `data-plane-${environment}`)
    const client = plane?.client ?? (await connectDataPlane(path, clock, { timeoutMs: OBSERVE_MS }).catch(() => null))
    const process = plane?.process ?? known
    this.#planes.delete(environment)
    await client?.call('close', { graceMs: DRAIN_MS }).catch(() => undefined)
    if (process) await this.#gone(process, DRAIN_MS)
    client?.close()
  }

  /** Waits for the end of a data plane, then ends it. */
  async #gone(process: ProcessIdentity, patienceMs: number): Promise<void> {
    const { clock, processes } = this.#options
    const until = clock.mono() + patienceMs
    while (processes.alive(process) && clock.mono() < until) await clock.sleep(LOOK_MS)
    processes.signal([process], 'SIGKILL')
  }
}
