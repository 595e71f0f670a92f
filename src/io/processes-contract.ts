/** Contract for processes of the operating system. */

/** A process for good: pids are used again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Opaque: boot and ticks on Linux, `lstart` elsewhere. */
  readonly startTime: string
}

export interface ProcessEntry extends ProcessIdentity {
  readonly parent: number
  readonly group: number
}

export interface MarkedProcess extends ProcessIdentity {
  /** Value of SLIPWAY_ID in its environment. */
  readonly mark: string
}

/** A listening TCP socket. `pid` is null where its owner cannot be seen. */
export interface Listener {
  readonly address: string
  readonly port: number
  readonly pid: number | null
}

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

export interface StartSpec {
  /** Argument vector; the first is a path. */
  readonly command: readonly string[]
  readonly cwd: string
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>
  /** stdout and stderr are appended to this file, mode 0600. */
  readonly log: string
  /** Added to the priority number; 0 is that of this process, 19 the lowest priority. */
  readonly nice: number
  /** A cgroup v2 folder that the process joins before its command begins; null: none. */
  readonly cgroup: string | null
}

export interface Started extends ProcessIdentity {
  readonly exited: Promise<Exit>
}

/** What can be seen of running processes. Zombies are never listed. */
export interface ProcessReading {
  identify(pid: number): ProcessIdentity | null
  table(): readonly ProcessEntry[]
  /** Processes below this one by parentage, itself included. Cheap; misses some: those that gave themselves to init, and children of side threads. */
  descendants(root: ProcessIdentity): readonly ProcessIdentity[]
  /** Processes whose SLIPWAY_ID begins with `prefix`. */
  marked(prefix: string): readonly MarkedProcess[]
  /** Bytes that only these processes hold: anonymous and shared memory, not mapped files. Exact when above `limit`. */
  memoryHeld(pids: readonly number[], limit: number): number
  /** Listening sockets of these processes. */
  listeners(pids: readonly number[]): readonly Listener[]
  /** Who listens on a local port; null: nobody. */
  holder(port: number): Listener | null
  /** Open connections to a local port; null: cannot be known here. */
  connections(port: number): number | null
  /** Short name of a process, for messages. */
  nameOf(pid: number): string | null
}

export interface Processes extends ProcessReading {
  /** Starts a process in a group and session of its own, which outlives this one. Rejects where it cannot be executed. */
  start(spec: StartSpec): Promise<Started>
  alive(identity: ProcessIdentity): boolean
  /** Everything that came from a process: its descendants, its group, and whoever carries its mark. Never this process. */
  family(root: ProcessIdentity | null, mark: string): readonly ProcessIdentity[]
  /** Signals those that are still the same processes. */
  signal(who: readonly ProcessIdentity[], signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}
