/** What the supervisor is to its host: desired versions in, statuses and a table of what runs out. */
import type { Clock } from '../../../io/clock.ts'
import type { Limiter, LimitsKind } from '../../../io/limits.ts'
import type { Processes, ProcessIdentity } from '../../../io/processes-contract.ts'
import type { Digest, ServingSpec } from '../../../model/types.ts'
import type { ServeOrder, VersionStatus } from '../../contract.ts'
import type { Dealt, Gpus } from '../gpus.ts'
import type { Capacity, Fit } from './capacity.ts'

/** A version's files as they lie on disk for serving; absolute paths. */
export interface LaidOut {
  readonly modelsFolder: string
  readonly appFolder: string
  /** What {model} stands for: a file or folder. */
  readonly modelPath: string
  readonly serving: ServingSpec
}

/** Where versions come from. */
export interface VersionSource {
  /** Lays a version's files out below `folder`, read-only. Repeated calls mend what is missing. */
  prepareVersion(digest: Digest, folder: string): Promise<LaidOut>
}

export interface SupervisorOptions {
  /** Absolute path of `.slipway`. */
  readonly stateFolder: string
  /** Absolute; envFile is relative to it. */
  readonly projectFolder: string
  readonly versions: VersionSource
  readonly clock: Clock
  readonly processes: Processes
  readonly limiter: Limiter
  readonly gpus: Gpus
  /** Requests a version still answers; null: nobody routes to it. */
  readonly inFlight: (environment: string, digest: string) => number | null
  /** Called after each change of the table; `records()` is then new and should be persisted. */
  readonly onEvent: (event: SupervisorEvent) => void
  /** What servers may inherit comes from here. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>
  /** Bytes of each log before it is cut; as much again is kept beside it. */
  readonly logBytes?: number
}

export interface SupervisorEvent {
  /** Wall clock, ms. */
  readonly at: number
  readonly kind: 'started' | 'ready' | 'unready' | 'exited' | 'failed' | 'draining' | 'stopped'
  readonly environment: string
  readonly digest: string
  /** null: the whole version. */
  readonly replica: number | null
  /** One sentence; null where nothing needs explaining. */
  readonly why: string | null
}

/**
 * waiting: no process, its next start is due at a time · starting: runs, not ready yet · ready · unready: three probes missed ·
 * draining: no longer wanted, ends its requests · stopping: was asked to end · gone: ended as asked.
 */
export type ReplicaPhase = 'waiting' | 'starting' | 'ready' | 'unready' | 'draining' | 'stopping' | 'gone'

export interface ProcessRecord extends ProcessIdentity {
  readonly mark: string
  readonly cgroup: string | null
  readonly port: number
  /** Wall clock, ms. */
  readonly startedAt: number
}

export interface ReplicaRecord {
  readonly replica: number
  readonly phase: ReplicaPhase
  readonly process: ProcessRecord | null
  /** Cards, or a share of one; null: none. */
  readonly dealt: Dealt | null
  readonly log: string
}

export interface VersionRecord {
  readonly environment: string
  readonly digest: Digest
  readonly wanted: boolean
  readonly order: ServeOrder
  readonly layout: LaidOut | null
  readonly incarnation: number
  readonly unaskedExits: number
  readonly failed: boolean
  readonly code: string | null
  readonly why: string | null
  readonly loadMs: number | null
  readonly replicas: readonly ReplicaRecord[]
}

/** All that the next host needs to go on; plain JSON. */
export interface SupervisorRecords {
  readonly versions: readonly VersionRecord[]
}

export interface Supervisor {
  /** Desired state of an environment: these versions and no others; what is not listed drains and stops. */
  serve(environment: string, orders: readonly ServeOrder[]): void
  status(environment: string): readonly VersionStatus[]
  /** What is wanted and does not run is tried at once, as if nothing had failed before. */
  retry(environment: string): void
  /** One look at everything; call every 250 ms. Never waits for anything outside. */
  tick(): void
  /** Takes over what an earlier host started: the living go on, the dead count as exits, what no record knows is ended. */
  adopt(records: SupervisorRecords): void
  records(): SupervisorRecords
  /** Everything that carries this project's mark and no record knows: what escaped, or was started and never written down. */
  sweep(): readonly ProcessIdentity[]
  /** Drains nothing: SIGTERM, after a grace SIGKILL, to all servers. Resolves when none is left. */
  stopAll(options?: { readonly graceMs?: number }): Promise<void>
  /** The same for one environment; others go on. Resolves too where the environment is wanted again. */
  stop(environment: string, options?: { readonly graceMs?: number }): Promise<void>
  capacity(): Promise<Capacity>
  /** Whether these versions can run at once in an environment, beside what other environments run. */
  fits(environment: string, orders: readonly ServeOrder[]): Promise<Fit>
  limitsKind(): LimitsKind
  /** Resolves when no start, probe or preparation is under way. */
  settled(): Promise<void>
}
