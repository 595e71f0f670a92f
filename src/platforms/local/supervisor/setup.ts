/** A version's files made ready for serving: laid out by the store, and its prepare commands run once in a copy of /app. */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../../../errors.ts'
import { launch } from '../../../io/launch.ts'
import { markOf } from '../../../io/marks.ts'
import { shorten, visible } from '../../../kit/text.ts'
import type { ServeOrder } from '../../contract.ts'
import { type Context, logFile, runFolder, shortDigest } from './context.ts'
import { locateCommand, readEnvFile, serverEnvironment } from './environment.ts'
import { lastLines, noteInLog } from './logs.ts'
import { describeExit } from './sentences.ts'
import type { LaidOut } from './types.ts'

const PREPARE_LIMIT_MS = 30 * 60_000

/** Lays out and prepares; environments that want the same version at once share the work. */
export function setUp(context: Context, environment: string, order: ServeOrder): Promise<LaidOut> {
  const running = context.setups.get(order.digest)
  if (running !== undefined) return running
  const work = layOut(context, environment, order).finally(() => context.setups.delete(order.digest))
  context.setups.set(order.digest, work)
  return work
}

async function layOut(context: Context, environment: string, order: ServeOrder): Promise<LaidOut> {
  const folder = runFolder(context.options.stateFolder, order.digest)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const layout = await context.options.versions.prepareVersion(order.digest, folder)
  if (layout.serving.prepare.length === 0) return layout
  const prepared: LaidOut = { ...layout, appFolder: join(folder, 'prepared') }
  const done = join(folder, 'prepared.done')
  if (!existsSync(done) || !existsSync(prepared.appFolder)) {
    rmSync(done, { force: true })
    rmSync(prepared.appFolder, { recursive: true, force: true })
    // In its final place: what tools install writes its own path into scripts.
    copyWritable(layout.appFolder, prepared.appFolder)
    for (const [k, command] of layout.serving.prepare.entries())
      await runPrepare(context, environment, order, prepared, command, k)
    writeFileSync(done, '')
  }
  return prepared
}

function copyWritable(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o755 })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) copyWritable(source, target)
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
    else {
      copyFileSync(source, target, constants.COPYFILE_FICLONE)
      chmodSync(target, statSync(source).mode | 0o200)
    }
  }
}

async function runPrepare(
  context: Context,
  environment: string,
  order: ServeOrder,
  layout: LaidOut,
  command: readonly string[],
  index: number,
): Promise<void> {
  const { options } = context
  const log = logFile(options.stateFolder, environment, order.digest, null)
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 })
  const home = join(runFolder(options.stateFolder, order.digest), 'prepare')
  const tmp = join(home, 'tmp')
  mkdirSync(tmp, { recursive: true, mode: 0o700 })
  const { values: secrets } = readEnvFile(options.projectFolder, order.envFile)
  const place = { port: 0, home, tmp, app: layout.appFolder, cards: [] }
  const shown = visible(shorten(command.join(' '), 120))
  noteInLog(log, `prepare: ${shown}`)
  const launched = await launch(
    options.processes,
    {
      command: locateCommand(command, { path: order.shell.path, command0: null }, layout.appFolder),
      cwd: layout.appFolder,
      env: serverEnvironment(options.hostEnvironment, order, layout, place, secrets),
      mark: markOf(options.stateFolder, 'prepare', `${shortDigest(order.digest)}-${index}`),
      log,
      nice: 0,
      limits: { memoryBytes: null, cpu: null },
    },
    options.limiter,
  )
  context.preparations.set(order.digest, { ...launched, log, until: options.clock.mono() + PREPARE_LIMIT_MS })
  const exit = await launched.exited
  context.preparations.delete(order.digest)
  if (exit.code === 0) return
  const said = lastLines(log, Object.values(secrets))
  throw new SlipwayError(
    'PREPARE_FAILED',
    `the prepare command ${shown} ${describeExit(exit)}${said === null ? '' : `; its log ends: ${said}`}`,
  )
}
