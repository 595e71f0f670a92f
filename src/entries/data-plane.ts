/** The process of a data plane. Its one argument is a JSON file with DataPlaneOptions, in `.slipway/run`. Imports everything at start. */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { systemClock } from '../io/clock.ts'
import { markOf } from '../io/marks.ts'
import { type DataPlaneOptions, startDataPlane } from '../platforms/local/data-plane/start.ts'

const say = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

function hostLog(stateFolder: string): number | 'ignore' {
  try {
    return openSync(join(stateFolder, 'logs', 'host.log'), 'a', 0o600)
  } catch {
    return 'ignore'
  }
}

/** Detached, with a log and a mark of its own: it outlives this process. */
function startHost(command: readonly string[], stateFolder: string): void {
  const [program, ...args] = command
  if (program === undefined) return
  say('no word from a host: starting one')
  const log = hostLog(stateFolder)
  const env = { ...process.env, SLIPWAY_ID: markOf(stateFolder, 'host', 'host') }
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env })
  child.on('error', (error) => say(`the host did not start: ${error.message}`))
  child.unref()
  if (log !== 'ignore') closeSync(log)
}

async function main(): Promise<void> {
  const file = process.argv[2]
  if (file === undefined) throw new SlipwayError('USAGE', 'the data plane needs its options file')
  const options = JSON.parse(readFileSync(file, 'utf8')) as DataPlaneOptions
  const plane = await startDataPlane(options, {
    clock: systemClock,
    random: Math.random,
    pid: process.pid,
    startHost: (command) => startHost(command, dirname(dirname(resolve(file)))),
    closed: () => process.exit(0),
  })
  say(`serves ${options.environment} at ${plane.listen.host}:${plane.listen.port}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void plane.close().then(() => process.exit(0)))
}

main().catch((error: unknown) => {
  const known = error instanceof SlipwayError
  say(JSON.stringify({ error: { code: known ? error.code : 'BUG', message: String((error as Error).message) } }))
  process.exit(known ? error.exit : 1)
})
