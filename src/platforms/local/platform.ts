/** The embedded platform: servers by the supervisor, users' requests by one data plane process per environment. */

import { SlipwayError } from '../../errors.ts'
import type { Reading } from '../../evidence/types.ts'
import type { Clock } from '../../io/clock.ts'
import { markOf } from '../../io/marks.ts'
import type { ProcessIdentity } from '../../io/processes-contract.ts'
import { socketPath } from '../../io/runtime-folder.ts'
import type { EnvironmentSettings } from '../../record/entries.ts'
import type {
  Platform,
  RouteOrders,
  ServeOrder,
  SetAnswer,
  SetRequest,
  TakenLabel,
  VersionStatus,
} from '../contract.ts'
import { askServer } from './ask.ts'
import { connectDataPlane, type DataPlaneClient } from './data-plane/client.ts'
import {
  type Connected,
  connectPlane,
  moved,
  PLANE_CALL_MS,
  type Plane,
  type PlaneStart,
  startPlane,
} from './host/planes.ts'
import type { Supervisor } from './supervisor/types.ts'

export interface LocalOptions extends PlaneStart {
  readonly supervisor: Supervisor
  readonly runtimeFolder: string
  readonly clock: Clock
  readonly epoch: number
  /** Called when a data plane has got ready: the next turn should come now. */
  onOpen(): void
  /** Called when a data plane goes away: the next turn should come now. */
  onLost(environment: string): void
  say(environment: string, text: string): void
}

/** How long a new data plane may take to listen. */
const START_MS = 10_000
/** A turn waits so long for one that is started. */
const OPEN_WAIT_MS = 1000
/** Requests of a data plane that ends get so long. */
const DRAIN_MS = 5000
const LOOK_MS = 50

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
        at: null,
        opening: null,
        inFlight: new Map(),
        failure: null,
        labels: { cursor: 0, boot: null },
      })
  }

  processOf(environment: string): ProcessIdentity | null {
    return this.#planes.get(environment)?.process ?? null
  }
  /** True where its data plane answers, at the addresses of these settings. */
  listening(environment: string, settings: EnvironmentSettings): boolean {
    const plane = this.#planes.get(environment)
    return plane?.client != null && !moved({ at: plane.at, settings })
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

  async retry(environment: string): Promise<void> {
    this.#options.supervisor.retry(environment)
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

  async takeLabels(environment: string, take: (labels: readonly TakenLabel[]) => void): Promise<void> {
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
    if (plane.client && !moved(plane)) return plane.client
    plane.opening ??= this.#open(environment, plane).finally(() => {
      plane.opening = null
    })
    const { clock } = this.#options
    const late = new AbortController()
    const waited = clock.sleep(OPEN_WAIT_MS, late.signal).then(() => null)
    // A turn waits for a moment only; the opening goes on beside it.
    const client = await Promise.race([plane.opening, waited]).finally(() => late.abort())
    if (client) return client
    throw new SlipwayError('DATA_PLANE_UNREACHABLE', `the data plane of ${environment} is not there yet`)
  }

  async #open(environment: string, plane: Plane): Promise<DataPlaneClient> {
    const { processes } = this.#options
    if (plane.client) await this.#leave(plane, plane.client)
    const path = socketPath(this.#options.runtimeFolder, `data-plane-${environment}`)
    let found = await connectPlane(path, this.#options.clock)
    if (found === 'other-protocol') {
      this.#options.say(environment, 'the data plane is of another slipway: another one takes its place')
      this.#kill(environment, plane)
      found = null
    }
    if (!found) {
      if (plane.process && processes.alive(plane.process)) processes.signal([plane.process], 'SIGKILL')
      plane.process = await startPlane(this.#options, environment, plane.settings, path)
      found = await this.#started(plane, plane.process, path)
    }
    const { client, hello } = found
    plane.process = processes.identify(hello.pid)
    plane.client = client
    plane.at = { listen: hello.listen, control: hello.control }
    plane.failure = null
    void client.gone.then(() => {
      if (plane.client !== client) return
      plane.client = null
      this.#options.onLost(environment)
    })
    this.#options.onOpen()
    return client
  }

  async #started(plane: Plane, process: ProcessIdentity, path: string): Promise<Connected> {
    const { clock, processes } = this.#options
    const fail = (why: string): never => {
      plane.failure = why
      throw new SlipwayError('DATA_PLANE_UNREACHABLE', why, { next: ['slipway local logs data-plane'] })
    }
    const until = clock.mono() + START_MS
    while (clock.mono() < until) {
      await clock.sleep(10)
      const found = await connectPlane(path, clock)
      if (found && found !== 'other-protocol') return found
      if (!processes.alive(process))
        return fail('the data plane ended at its start; see `slipway local logs data-plane`')
    }
    return fail('the data plane did not listen in 10 s')
  }

  /** Ends a data plane that listens elsewhere than it should by now. */
  async #leave(plane: Plane, client: DataPlaneClient): Promise<void> {
    plane.client = null
    await client.call('close', { graceMs: DRAIN_MS }).catch(() => undefined)
    if (plane.process) await this.#gone(plane.process, DRAIN_MS + PLANE_CALL_MS)
    client.close()
  }

  /** Kills a data plane that cannot be asked to end: the one known, or the one that bears this environment's mark. */
  #kill(environment: string, plane: Plane): void {
    const { processes, stateFolder } = this.#options
    const mark = markOf(stateFolder, 'data-plane', environment)
    const marked = processes.marked(mark).filter((process) => process.mark === mark)
    processes.signal(plane.process ? [plane.process, ...marked] : marked, 'SIGKILL')
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
    // What is just being started would be left behind.
    await plane?.opening?.catch(() => undefined)
    const path = socketPath(runtimeFolder, `data-plane-${environment}`)
    const client =
      plane?.client ?? (await connectDataPlane(path, clock, { timeoutMs: PLANE_CALL_MS }).catch(() => null))
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
