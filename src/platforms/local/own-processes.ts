/** Processes of a project: found by their mark, started in the background, ended. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../io/clock.ts'
import { kindOfMark, markOf, markPrefix } from '../../io/marks.ts'
import type { Processes } from '../../io/processes-contract.ts'

export interface OwnProcessesOptions {
  readonly processes: Processes
  readonly clock: Clock
  readonly stateFolder: string
  readonly projectFolder: string
  /** Argument vector of slipway itself. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const ENDING = ['host', 'data-plane', 'server', 'prepare']
const ENDING_MS = 5000
const LOOK_MS = 50

export function ownProcesses({ processes, clock, stateFolder, projectFolder, command, env }: OwnProcessesOptions) {
  const logs = join(stateFolder, 'logs')
  return {
    portHolder(port: number) {
      const holder = processes.holder(port)
      return holder && { pid: holder.pid, name: holder.pid === null ? null : processes.nameOf(holder.pid) }
    },
    ownProcess: (pid: number | null) => processes.marked(markPrefix(stateFolder)).some((p) => p.pid === pid),
    async sweep() {
      // What was asked to end may still write its last lines: only what stays is left over.
      const ending = () => processes.marked(markPrefix(stateFolder)).some((p) => ENDING.includes(kindOfMark(p.mark)))
      const until = clock.mono() + ENDING_MS
      while (ending() && clock.mono() < until) await clock.sleep(LOOK_MS)
      const left = processes.marked(markPrefix(stateFolder)).filter((p) => kindOfMark(p.mark) !== 'train')
      processes.signal(left, 'SIGKILL')
      const loads = left.filter((p) => kindOfMark(p.mark) === 'load').length
      const { endEvalLeftovers } = await import('./eval-servers.ts')
      return { loads, left: left.length - loads + endEvalLeftovers(processes, stateFolder) }
    },
    async again(args: readonly string[], what: 'load' | 'train') {
      mkdirSync(logs, { recursive: true, mode: 0o700 })
      const started = await processes.start({
        command: [...command, ...args],
        cwd: projectFolder,
        env: { ...env, SLIPWAY_ID: markOf(stateFolder, what, what) },
        log: join(logs, `${what}.log`),
        nice: 0,
        cgroup: null,
      })
      return started.pid
    },
  }
}
