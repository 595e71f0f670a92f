/** Processes of the operating system: started detached, known by pid and start time, read and ended as whole families. */
import { spawn } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { Exit, Processes, ProcessIdentity, ProcessReading, Started, StartSpec } from './processes-contract.ts'
import { linuxReading } from './processes-linux.ts'
import { psReading } from './processes-ps.ts'

const LOWEST = 19

/** A path for a command as `execvp` would find it in `path`, relative ones from `cwd`; null: none is executable. */
export function findCommand(name: string, path: string, cwd: string): string | null {
  const executable = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK)
      return statSync(file).isFile()
    } catch {
      return false
    }
  }
  if (name === '') return null
  if (name.includes('/')) {
    const file = isAbsolute(name) ? name : resolve(cwd, name)
    return executable(file) ? file : null
  }
  for (const folder of path.split(delimiter)) {
    const file = resolve(cwd, folder === '' ? '.' : folder, name)
    if (executable(file)) return file
  }
  return null
}

// Joins the cgroup and lowers the priority before the command begins: both must hold for every thread and child.
const LAUNCHER = 'if [ -n "$1" ]; then echo $$ > "$1/cgroup.procs" || exit 126; fi; shift; exec "$@"'

function launcher(spec: StartSpec): readonly string[] {
  const path = `${process.env.PATH ?? ''}${delimiter}/usr/bin${delimiter}/bin`
  const nice = spec.nice > 0 ? findCommand('nice', path, '/') : null
  // The lowest of all is the kernel's idle class: a mere nice process may hold a core for some milliseconds once it has it.
  const idle = spec.nice >= LOWEST && process.platform === 'linux' ? findCommand('chrt', path, '/') : null
  const lowered = idle === null ? spec.command : [idle, '--idle', '0', ...spec.command]
  const niced = nice === null ? lowered : [nice, '-n', String(spec.nice), ...lowered]
  return spec.cgroup === null ? niced : ['/bin/sh', '-c', LAUNCHER, 'slipway', spec.cgroup, ...niced]
}

/**
 * Where Linux schedules by session (sched(7), "The autogroup feature"), nice and idle only order the processes of one session,
 * and each session gets the same: the session of the command must be lowered, too.
 */
function lowerSession(pid: number, nice: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // Not Linux, or it schedules by process.
  }
}

function start(reading: ProcessReading, spec: StartSpec): Promise<Started> {
  const [file = '', ...args] = launcher(spec)
  const log = openSync(spec.log, 'a', 0o600)
  try {
    const child = spawn(file, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    })
    const exited = new Promise<Exit>((settle) => {
      child.once('exit', (code, signal) => settle({ code, signal }))
    })
    child.unref()
    if (child.pid !== undefined && spec.nice > 0) lowerSession(child.pid, spec.nice)
    // Read before the loop turns: until then even a process that has ended is not reaped.
    const identity = child.pid === undefined ? null : reading.identify(child.pid)
    return new Promise((settle, reject) => {
      child.once('error', reject)
      if (child.pid !== undefined) settle({ pid: child.pid, startTime: identity?.startTime ?? 'ended', exited })
    })
  } finally {
    closeSync(log)
  }
}

function family(reading: ProcessReading, root: ProcessIdentity | null, mark: string): readonly ProcessIdentity[] {
  const table = reading.table()
  const found = new Map<number, ProcessIdentity>()
  if (root !== null) {
    const here = table.find((entry) => entry.pid === root.pid)
    // While the pid is not somebody else's, the group of that number is still the one that was started.
    if (here === undefined || here.startTime === root.startTime) {
      const below = new Set([root.pid])
      for (let size = 0; size !== below.size; ) {
        size = below.size
        for (const entry of table) if (below.has(entry.parent) || entry.group === root.pid) below.add(entry.pid)
      }
      for (const entry of table) if (below.has(entry.pid)) found.set(entry.pid, entry)
    }
  }
  for (const entry of reading.marked(mark)) if (entry.mark === mark) found.set(entry.pid, entry)
  found.delete(process.pid)
  return [...found.values()].map(({ pid, startTime }) => ({ pid, startTime }))
}

/** The processes of this machine: by /proc on Linux, by `ps` and `lsof` on macOS. */
export function systemProcesses(reading: ProcessReading = defaultReading()): Processes {
  const alive = (identity: ProcessIdentity) => reading.identify(identity.pid)?.startTime === identity.startTime
  return {
    ...reading,
    alive,
    start: (spec) => start(reading, spec),
    family: (root, mark) => family(reading, root, mark),
    signal(who, signal) {
      for (const identity of who) {
        if (identity.pid <= 1 || identity.pid === process.pid || !alive(identity)) continue
        try {
          process.kill(identity.pid, signal)
        } catch {
          // It ended meanwhile, or became another user's.
        }
      }
    },
  }
}

const defaultReading = (): ProcessReading =>
  process.platform === 'linux' ? linuxReading(join('/', 'proc')) : psReading()
