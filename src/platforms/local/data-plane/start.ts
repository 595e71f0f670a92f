/** A data plane: the address that users call, the control address, and the socket to the host. */
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { Clock } from '../../../io/clock.ts'
import { AnswerRing } from './answer-ring.ts'
import { Budget } from './budget.ts'
import { controlServer } from './control.ts'
import { Deadlines } from './deadlines.ts'
import { GateBook } from './gate-counters.ts'
import { Hold } from './hold.ts'
import { KeyBook } from './key-book.ts'
import { Labels } from './labels.ts'
import { type Address, bind } from './listen.ts'
import { type MetricsSource, prometheusText } from './metrics.ts'
import { Mirror } from './mirror.ts'
import type { Plane } from './plane.ts'
import { type Hello, PROTOCOL } from './protocol.ts'
import { Routing } from './routing.ts'
import { SilenceWatch } from './silence.ts'
import { type Answers, serveSocket } from './socket-server.ts'
import { Upgrades } from './upgrade.ts'
import { userServer } from './user-server.ts'
import { TrafficBook } from './version-counters.ts'

const MOST_BODY_BYTES = 256 * 2 ** 20

/** What a data plane is started with; JSON but for what `Surroundings` holds. */
export interface DataPlaneOptions {
  readonly environment: string
  readonly listen: Address
  readonly control: Address
  /** Short by law of the kernel. */
  readonly socketPath: string
  readonly controlToken: string
  /** Starts a host, detached; null: nobody does. */
  readonly onHostLost: readonly string[] | null
  /** slipway's version, for `hello`. */
  readonly version: string
  /** Default 5 s and 60 s. */
  readonly hostLostMs?: number
  readonly silenceMs?: number
}
export interface Surroundings {
  readonly clock: Clock
  readonly random: () => number
  readonly pid: number
  startHost(command: readonly string[]): void
  /** Called when the host asked for the end and all has drained. */
  closed(): void
}
export interface DataPlane {
  readonly listen: Address
  readonly control: Address
  readonly boot: string
  /** Takes no new connections, lets open requests end for `graceMs`, then cuts them. */
  close(graceMs?: number): Promise<void>
}

/** Binds all three or nothing. PORT_TAKEN names the holder. */
export async function startDataPlane(options: DataPlaneOptions, around: Surroundings): Promise<DataPlane> {
  const { clock } = around
  const boot = randomUUID()
  const book = new GateBook()
  const labels = new Labels()
  const plane = emptyPlane(around, book, options.controlToken)
  const { routing } = plane
  const upgrades = new Upgrades(plane)
  const users = userServer(plane, upgrades)
  const control = controlServer({
    token: options.controlToken,
    host: options.control.host,
    labels,
    now: () => clock.now(),
    health: () => ({ status: 'ok', serving: serving(routing), boot, version: options.version, epoch: routing.epoch }),
    metrics: () => prometheusText(metricsOf(plane, options.environment)),
  })
  const listen = await bind(users, options.listen, 'listen')
  const controlAt = await bind(control, options.control, 'control').catch(async (error) => {
    await closed(users, 0)
    throw error
  })
  const silence = new SilenceWatch(clock, {
    hostLostMs: options.hostLostMs ?? 5000,
    silenceMs: options.silenceMs ?? 60_000,
    startHost: () => options.onHostLost && around.startHost(options.onHostLost),
    giveBack: () => routing.silence(),
  })
  const close = async (graceMs = 10_000): Promise<void> => {
    silence.close()
    const drained = closed(users, graceMs)
    plane.mirror.close()
    await Promise.all([drained, closed(control, 0)])
    upgrades.close()
    plane.deadlines.close()
    routing.close()
    await socket.close()
  }
  const hello = (): Hello => ({
    protocol: PROTOCOL,
    version: options.version,
    boot,
    pid: around.pid,
    environment: options.environment,
    epoch: routing.epoch,
    revision: routing.revision,
    listen,
    control: controlAt,
  })
  const answers = hostAnswers({ plane, book, labels, silence, boot, hello, close, closed: around.closed })
  const socket = await serveSocket(options.socketPath, answers).catch(async (error) => {
    silence.close()
    await Promise.all([closed(users, 0), closed(control, 0)])
    throw error
  })
  return { listen, control: controlAt, boot, close }
}

function emptyPlane({ clock, random }: Surroundings, book: GateBook, token: string): Plane {
  const mono = () => clock.mono()
  const routing = new Routing(book, mono)
  const hold = new Hold(mono)
  routing.onChange = () => {
    if (!routing.orders?.hold) hold.open()
  }
  return {
    clock,
    random,
    routing,
    traffic: new TrafficBook(),
    deadlines: new Deadlines(mono),
    ring: new AnswerRing(),
    hold,
    mirror: new Mirror(),
    keys: new KeyBook(token),
    bodies: new Budget(MOST_BODY_BYTES),
  }
}

const serving = (routing: Routing): boolean =>
  routing.orders?.baselineVersion?.ready === true || routing.orders?.candidateVersion?.ready === true

interface HostSide {
  readonly plane: Plane
  readonly book: GateBook
  readonly labels: Labels
  readonly silence: SilenceWatch
  readonly boot: string
  hello(): Hello
  close(graceMs: number): Promise<void>
  closed(): void
}

function hostAnswers({ plane, book, labels, silence, boot, hello, close, closed }: HostSide): Answers {
  const { routing, traffic, ring, mirror, keys, hold, clock } = plane
  const of = (params: { after: number; boot?: string }) =>
    params.boot !== undefined && params.boot !== boot ? 0 : params.after
  return {
    hello,
    route: ({ orders }) => {
      routing.route(orders)
      silence.heard()
      silence.renewed()
      return { epoch: routing.epoch, revision: routing.revision }
    },
    renew: ({ epoch }) => {
      routing.renew(epoch)
      silence.heard()
      silence.renewed()
      return { epoch: routing.epoch }
    },
    observe: (params) => {
      silence.heard()
      const known = keys.read(clock.mono())
      return {
        boot,
        at: clock.now(),
        epoch: routing.epoch,
        revision: routing.revision,
        gates: book.read(),
        versions: traffic.all().map((one) => one.read()),
        refused: traffic.refused,
        split: routing.split,
        mirrored: { ...mirror.counts },
        ...ring.pull(of(params)),
        answersDropped: ring.dropped,
        ...(known ? { keys: known } : {}),
        waiting: hold.waiting + routing.waiting,
        weightPpm: routing.orders?.weightPpm ?? 0,
        holding: routing.orders?.hold != null,
        givenBack: routing.givenBack,
      }
    },
    labels: (params) => ({ boot, ...labels.pull(of(params)) }),
    close: ({ graceMs }) => {
      void close(graceMs).then(closed)
      return { closing: true }
    },
  }
}

function metricsOf(plane: Plane, environment: string): MetricsSource {
  const { orders } = plane.routing
  const weights: { version: string; role: 'baseline' | 'candidate'; ppm: number }[] = []
  if (orders?.baselineVersion)
    weights.push({ version: orders.baselineVersion.name, role: 'baseline', ppm: 1_000_000 - orders.weightPpm })
  if (orders?.candidateVersion)
    weights.push({ version: orders.candidateVersion.name, role: 'candidate', ppm: orders.weightPpm })
  return {
    environment,
    model: orders?.model ?? '',
    traffic: plane.traffic.all(),
    weights,
    mirrored: plane.mirror.counts,
  }
}

/** Resolves when a server's connections have ended, by themselves or by the end of the grace. */
function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
