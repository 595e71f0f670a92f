/** The process of a data plane. Its one argument is a JSON file with DataPlaneOptions. Imports everything at start. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { SlipwayError } from '../errors.ts'
import { systemClock } from '../io/clock.ts'
import { type DataPlaneOptions, startDataPlane } from '../platforms/local/data-plane/start.ts'

const say = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

/** Detached and with no stdio of ours: it outlives this process. */
function startHost(command: readonly string[]): void {
  const [program, ...args] = command
  if (program === undefined) return
  say('no word from a host: starting one')
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  child.on('error', (error) => say(`the host did not start: ${error.message}`))
  child.unref()
}

async function main(): Promise<void> {
  const file = process.argv[2]
  if (file === undefined) throw new SlipwayError('USAGE', 'the data plane needs its options file')
  const options = JSON.parse(readFileSync(file, 'utf8')) as DataPlaneOptions
  const plane = await startDataPlane(options, {
    clock: systemClock,
    random: Math.random,
    pid: process.pid,
    startHost,
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
