/** Starts one process of a version: card, port, folders, environment, launch. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../../../errors.ts'
import { launch } from '../../../io/launch.ts'
import { markOf } from '../../../io/marks.ts'
import type { Exit } from '../../../io/processes-contract.ts'
import { leftOutSentence } from '../../../kit/env-file.ts'
import { formatSize } from '../../../kit/units.ts'
import type { ServeOrder } from '../../contract.ts'
import { type Dealt, deal } from '../gpus.ts'
import { type Context, runFolder, shortDigest } from './context.ts'
import { fillCommand, locateCommand, readEnvFile, serverEnvironment } from './environment.ts'
import { noteInLog } from './logs.ts'
import { choosePort, portFree } from './ports.ts'
import { describeHolder } from './sentences.ts'
import type { LaidOut, ProcessRecord } from './types.ts'

/** The fixed port is still held by a server of ours that is about to end: try again soon. */
export class PortBusy extends Error {
  override readonly name = 'PortBusy'
}

interface Starting {
  readonly index: number
  port: number | null
  dealt: Dealt | null
}
interface Starter {
  readonly context: Context
  readonly environment: string
  readonly digest: ServeOrder['digest']
  readonly order: ServeOrder
  nextIncarnation(): number
}

export async function startProcess(
  owner: Starter,
  replica: Starting,
  layout: LaidOut,
  log: string,
): Promise<{ readonly record: ProcessRecord; readonly exited: Promise<Exit> }> {
  const { order, environment, context } = owner
  const { options } = context
  await dealCards(context, order, replica)
  const port = await takePort(context, order, replica)
  const own = join(runFolder(options.stateFolder, order.digest), `${encodeURIComponent(environment)}-${replica.index}`)
  const place = {
    port,
    home: join(own, 'home'),
    tmp: join(own, 'tmp'),
    app: layout.appFolder,
    cards: replica.dealt?.cards ?? [],
  }
  clear(place.tmp)
  for (const folder of [place.home, place.tmp, dirname(log)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const envFile = readEnvFile(options.projectFolder, order.envFile)
  const command = locateCommand(fillCommand(order, layout, place), order.shell, place.app)
  const incarnation = owner.nextIncarnation()
  const name = `${environment}/${shortDigest(order.digest)}/${replica.index}/${incarnation}`
  const leftOut = leftOutSentence(envFile)
  if (leftOut !== null) noteInLog(log, `serving.envFile: ${leftOut}`)
  noteInLog(log, `start ${incarnation} at ${new Date(options.clock.now()).toISOString()}, port ${place.port}`)
  const launched = await launch(
    options.processes,
    {
      command,
      cwd: place.app,
      env: serverEnvironment(options.hostEnvironment, order, layout, place, envFile.values),
      mark: markOf(options.stateFolder, 'server', name),
      log,
      nice: 0,
      limits: { memoryBytes: order.run.memoryBytes, cpu: order.run.cpu },
    },
    options.limiter,
  )
  const { pid, startTime, mark, cgroup, exited } = launched
  return { record: { pid, startTime, mark, cgroup, port: place.port, startedAt: options.clock.now() }, exited }
}

function clear(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // A server may leave what cannot be removed; it hinders nobody.
  }
}

// Other replicas start at the same time: what is found free is taken in the same breath.
async function dealCards(context: Context, { run }: ServeOrder, replica: Starting): Promise<void> {
  if (run.gpu === null) return
  const cards = await context.options.gpus.cards()
  replica.dealt = deal(run.gpu, cards, context.dealt())
  if (replica.dealt !== null) return
  const need = 'cards' in run.gpu ? `${run.gpu.cards} whole` : `${formatSize(run.gpu.memoryBytes)} of one`
  throw new SlipwayError(
    'CAPACITY',
    `no card is left: ${need} needed, ${cards.length} in this machine; free one or release by \`swap\``,
  )
}

async function takePort(context: Context, { run }: ServeOrder, replica: Starting): Promise<number> {
  for (;;) {
    const port = run.port ?? (await choosePort())
    const free = run.port === null || (await portFree(port))
    if (!context.ports().has(port)) {
      if (!free) throw taken(context, port)
      replica.port = port
      return port
    }
    if (run.port !== null) throw new PortBusy()
  }
}

function taken({ options }: Context, port: number): SlipwayError {
  const holder = options.processes.holder(port)
  const name = holder?.pid == null ? null : options.processes.nameOf(holder.pid)
  return new SlipwayError('PORT_TAKEN', `${describeHolder(port, holder, name)}; stop it or change serving.port`)
}
