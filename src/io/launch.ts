/** Starts a command in a process group of its own with its limits; the one way for servers, preparations and trainings. */
import { type Limiter, type LimitSpec, pollingLimiter } from './limits.ts'
import type { Exit, Processes, ProcessIdentity } from './processes-contract.ts'

export interface LaunchSpec {
  /** Argument vector; the first is a path. */
  readonly command: readonly string[]
  readonly cwd: string
  /** The whole environment, without SLIPWAY_ID. */
  readonly env: Readonly<Record<string, string>>
  /** Value of SLIPWAY_ID: finds what escapes the process group. */
  readonly mark: string
  /** stdout and stderr are appended to this file. */
  readonly log: string
  readonly nice: number
  readonly limits: LimitSpec
}

export interface Launched extends ProcessIdentity {
  readonly exited: Promise<Exit>
  readonly mark: string
  /** Folder of its cgroup; null: its memory is to be looked at by `overMemory`. */
  readonly cgroup: string | null
}

/** What identifies a launched command later, also in another process than the one that launched it. */
export interface LaunchedRef extends ProcessIdentity {
  readonly mark: string
  readonly cgroup: string | null
}

// Where cpu is limited and no cgroup can do it, the command stands behind what serves users.
const LIMITED_NICE = 5

export async function launch(
  processes: Processes,
  spec: LaunchSpec,
  limiter: Limiter = pollingLimiter,
): Promise<Launched> {
  const cgroup = limiter.group(spec.mark.replace(/[^\w.-]/g, '-'), spec.limits)
  const nice = Math.max(spec.nice, spec.limits.cpu !== null && cgroup === null ? LIMITED_NICE : 0)
  const env = { ...spec.env, SLIPWAY_ID: spec.mark }
  const started = await processes.start({ command: spec.command, cwd: spec.cwd, env, log: spec.log, nice, cgroup })
  return { pid: started.pid, startTime: started.startTime, exited: started.exited, mark: spec.mark, cgroup }
}

/** Bytes that the command's tree holds, exact above `limit`; null: a cgroup keeps the limit. `whole`: also who left the tree. */
export function heldMemory(processes: Processes, of: LaunchedRef, limit: number, whole: boolean): number | null {
  if (of.cgroup !== null) return null
  const members = whole ? processes.family(of, of.mark) : processes.descendants(of)
  return processes.memoryHeld(
    members.map((member) => member.pid),
    limit,
  )
}

/** The same where it is above `limit`; null: it keeps its limit, or a cgroup does that. */
export function overMemory(processes: Processes, of: LaunchedRef, limit: number, whole: boolean): number | null {
  const held = heldMemory(processes, of, limit, whole)
  return held !== null && held > limit ? held : null
}

/** One pass over everything that came from a launched command; how many it found alive. Call again until that is 0. */
export function endFamily(processes: Processes, of: LaunchedRef, signal: 'SIGTERM' | 'SIGKILL'): number {
  const members = processes.family(of, of.mark)
  processes.signal(members, signal)
  return members.length
}
