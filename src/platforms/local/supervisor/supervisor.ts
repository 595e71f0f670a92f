/** Runs servers: brings what runs to what is wanted, a look every 250 ms. The host owns it and persists its table. */
import { endFamily } from '../../../io/launch.ts'
import { markPrefix } from '../../../io/marks.ts'
import type { MarkedProcess } from '../../../io/processes-contract.ts'
import type { ServeOrder } from '../../contract.ts'
import type { Dealt } from '../gpus.ts'
import { type Capacity, cardStates, coresOfMachine, type Fit, judgeFit, memoryOfMachine } from './capacity.ts'
import type { Context } from './context.ts'
import { boundLog, LOG_BYTES } from './logs.ts'
import { endMarked, markedOf } from './sweep.ts'
import type { Supervisor, SupervisorOptions, SupervisorRecords } from './types.ts'
import { Version } from './version.ts'

const STOP_GRACE_MS = 10_000
const STOP_LOOK_MS = 50
/** Stopped versions remembered per environment: for how long each took to load. */
const REMEMBERED = 50

export function createSupervisor(options: SupervisorOptions): Supervisor {
  let versions: Version[] = []
  const running = new Set<Promise<void>>()
  const replicas = () => versions.flatMap((version) => version.replicas)
  const context: Context = {
    options,
    logBytes: options.logBytes ?? LOG_BYTES,
    setups: new Map(),
    preparations: new Map(),
    ports: () => new Set(replicas().flatMap((replica) => replica.port ?? [])),
    dealt: () => replicas().flatMap((replica) => replica.dealt ?? []),
    emit: (event) => options.onEvent({ at: options.clock.now(), ...event }),
    background(work) {
      running.add(work)
      void work.finally(() => running.delete(work))
    },
  }
  const of = (environment: string) => versions.filter((version) => version.environment === environment)

  const strays = (): readonly MarkedProcess[] => strayProcesses(context, versions)

  function tick(): void {
    for (const version of versions) version.tick()
    watchPreparations(context, versions)
  }

  return {
    serve(environment, orders) {
      for (const version of of(environment))
        if (!orders.some((order) => order.digest === version.digest)) version.release()
      for (const order of orders) {
        const version = of(environment).find((v) => v.digest === order.digest)
        if (version !== undefined) version.want(order)
        else versions.push(new Version(context, environment, order))
      }
      versions = withoutOld(versions, environment)
      tick()
    },
    status: (environment) => of(environment).map((version) => version.status()),
    retry(environment) {
      for (const version of of(environment)) version.retry()
    },
    tick,
    adopt(records: SupervisorRecords) {
      versions = records.versions.map((record) => Version.adopted(context, record))
      options.processes.signal(strays(), 'SIGKILL')
      tick()
    },
    records: () => ({ versions: versions.map((version) => version.record()) }),
    sweep: strays,
    async stopAll({ graceMs = STOP_GRACE_MS } = {}) {
      for (const version of versions) version.stopNow(graceMs)
      for (const preparation of context.preparations.values()) endFamily(options.processes, preparation, 'SIGKILL')
      for (tick(); versions.some((version) => !version.stopped); tick()) await options.clock.sleep(STOP_LOOK_MS)
      await endMarked(options.processes, options.clock, markPrefix(options.stateFolder), ['server', 'prepare'])
    },
    async stop(environment, { graceMs = STOP_GRACE_MS } = {}) {
      const leaving = of(environment)
      for (const version of leaving) version.stopNow(graceMs)
      for (tick(); leaving.some((version) => !version.wanted && !version.stopped); tick())
        await options.clock.sleep(STOP_LOOK_MS)
    },
    capacity: () => measure(context, versions),
    fits: async (environment, orders) =>
      judge(context, versions, environment, orders, await measure(context, versions)),
    limitsKind: () => options.limiter.kind,
    settled: () => allOf(running),
  }
}

/** What carries the project's mark and no record knows. */
function strayProcesses({ options, preparations }: Context, versions: readonly Version[]): readonly MarkedProcess[] {
  const known = new Set([
    ...versions.flatMap((version) => version.replicas.flatMap((replica) => replica.process?.mark ?? [])),
    ...[...preparations.values()].map((preparation) => preparation.mark),
  ])
  const found = markedOf(options.processes, markPrefix(options.stateFolder), ['server', 'prepare'])
  return found.filter((process) => !known.has(process.mark))
}

/** Also what is added while it is waited for. */
async function allOf(running: ReadonlySet<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.all(running)
}

/** Of stopped versions the last ones are remembered. */
function withoutOld(versions: readonly Version[], environment: string): Version[] {
  const old = versions.filter((version) => version.environment === environment && version.stopped)
  const forgotten = new Set(old.slice(0, Math.max(0, old.length - REMEMBERED)))
  return versions.filter((version) => !forgotten.has(version))
}

/** Ends preparations that nobody waits for, or that take too long; bounds their logs. */
function watchPreparations(context: Context, versions: readonly Version[]): void {
  for (const [digest, preparation] of context.preparations) {
    boundLog(preparation.log, context.logBytes)
    const awaited = versions.some((version) => version.wanted && version.digest === digest)
    if (!awaited || context.options.clock.mono() > preparation.until)
      endFamily(context.options.processes, preparation, 'SIGKILL')
  }
}

async function measure(context: Context, versions: readonly Version[]): Promise<Capacity> {
  const memory = memoryOfMachine()
  const growth = versions.reduce((sum, version) => sum + version.growth(), 0)
  const cards = await context.options.gpus.cards()
  return {
    memoryBytes: memory.total,
    availableBytes: Math.max(0, memory.free - growth),
    cores: coresOfMachine(),
    cards: cardStates(cards, context.dealt()),
    limits: context.options.limiter.kind,
  }
}

/** What the environment would no longer run counts as free. */
function judge(
  context: Context,
  versions: readonly Version[],
  environment: string,
  orders: readonly ServeOrder[],
  capacity: Capacity,
): Fit {
  const here = versions.filter((version) => version.environment === environment && !version.stopped)
  const leaving = here.filter((version) => !orders.some((order) => order.digest === version.digest))
  const fresh = orders.filter((order) => !here.some((version) => version.digest === order.digest))
  const freed = leaving.flatMap((version) => version.replicas.flatMap((replica) => replica.dealt ?? []))
  const dealt: Dealt[] = context.dealt().filter((deal) => !freed.includes(deal))
  const cards = capacity.cards.map((card) => {
    const given = freed.filter((deal) => deal.cards.includes(card.uuid))
    const bytes = given.reduce((sum, deal) => sum + (deal.bytes ?? card.usedBytes), 0)
    return { ...card, usedBytes: Math.max(0, card.usedBytes - bytes) }
  })
  const held = leaving.reduce((sum, version) => sum + version.held() + version.growth(), 0)
  return judgeFit(
    orders,
    fresh,
    { ...capacity, availableBytes: capacity.availableBytes + held, cards: cardStates(cards, dealt) },
    dealt,
  )
}
