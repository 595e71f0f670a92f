/** Why a server ended or never began to serve, told with the end of its log. */
import { overMemory } from '../../../io/launch.ts'
import type { Exit } from '../../../io/processes-contract.ts'
import { formatSize } from '../../../kit/units.ts'
import type { ServeOrder } from '../../contract.ts'
import type { Context } from './context.ts'
import { readEnvFile } from './environment.ts'
import { lastLines, sinceStart } from './logs.ts'
import { describeAge, describeExit, withLog } from './sentences.ts'
import type { ProcessRecord } from './types.ts'

interface Served {
  readonly context: Context
  readonly order: ServeOrder
}

/** A sentence with the last lines of a log, values of the envFile blackened. */
export function tellWithLog({ context, order }: Served, log: string, sentence: string): string {
  let secrets: readonly string[]
  try {
    secrets = Object.values(readEnvFile(context.options.projectFolder, order.envFile).values)
  } catch {
    // Without its file there is nothing to know secrets by: then the log is not quoted.
    return `${sentence}; see its log`
  }
  return withLog(sentence, lastLines(log, secrets))
}

/** `exit` is null where nobody saw it end. `ageMs` since its start. */
export function explainExit(
  served: Served,
  log: string,
  process: ProcessRecord,
  exit: Exit | null,
  ageMs: number,
  beforeReady: boolean,
): string {
  const { limiter } = served.context.options
  const atLimit = process.cgroup !== null && limiter.memoryKills(process.cgroup) > 0
  const limit = formatSize(served.order.run.memoryBytes ?? 0)
  const how = atLimit ? `was ended by the kernel at its memory limit of ${limit}` : describeExit(exit)
  const when = ` after ${describeAge(ageMs)}${beforeReady ? ', before it was ready' : ''}`
  return tellWithLog(served, log, `it ${how}${exit === null ? '' : when}`)
}

/** True where it could not listen because somebody took its port after it was chosen: no fault of its own. */
export function lostItsPort(served: Served, log: string, port: number): boolean {
  if (served.order.run.port !== null) return false
  if (!/EADDRINUSE|address already in use/i.test(sinceStart(log) ?? '')) return false
  return served.context.options.processes.holder(port) !== null
}

/** One sentence where its tree holds more than its limit; null: it does not, or a cgroup sees to it. */
export function overLimit(served: Served, process: ProcessRecord, whole: boolean): string | null {
  const limit = served.order.run.memoryBytes
  if (limit === null) return null
  const held = overMemory(served.context.options.processes, process, limit, whole)
  if (held === null) return null
  return `it held ${formatSize(held)} of memory, more than its limit of ${formatSize(limit)} (serving.resources.memory), and was ended`
}
