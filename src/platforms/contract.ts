/** What a platform must do for a release. Every call states a desired state, is idempotent and may be repeated by anyone. */
import type { Reading } from '../evidence/types.ts'
import type { Digest } from '../model/types.ts'
import type { RunSpec, Sticky } from '../plan/types.ts'

export type ServerState = 'starting' | 'ready' | 'unready' | 'stopped' | 'failed'

/** One version as the platform holds it. */
export interface VersionStatus {
  readonly digest: string
  readonly state: ServerState
  readonly replicas: number
  readonly readyReplicas: number
  /** Exits that nobody asked for, since `serve` began. */
  readonly unaskedExits: number
  /** Changes with each start of one of its processes. */
  readonly incarnation: number
  /** How long it took from start to ready, last time. */
  readonly loadMs: number | null
  /** For `failed` and exits: one sentence, with the last lines of its log. */
  readonly why: string | null
  /** NEVER_READY, WRONG_PORT, CRASHED, PREPARE_FAILED, COMMAND_NOT_FOUND … for `failed`. */
  readonly code: string | null
  readonly addresses: readonly string[]
}

/** A version that should run. */
export interface ServeOrder {
  readonly digest: Digest
  readonly run: RunSpec
  /** PATH and working command as recorded by `release start`. */
  readonly shell: { readonly path: string; readonly command0: string | null }
  readonly envFile: string | null
}

/** Which counters the data plane keeps for the gates of a release. */
export type CounterSpec =
  | {
      readonly gate: string
      readonly kind: 'errors'
      readonly bad: readonly string[]
      readonly except: readonly number[]
    }
  | { readonly gate: string; readonly kind: 'latency'; readonly of: 'total' | 'first-byte'; readonly boundMs: number }

/** The whole of what a data plane should do for an environment; orders of an older epoch or revision are refused. */
export interface RouteOrders {
  readonly epoch: number
  readonly revision: number
  readonly model: string
  /** null: nothing serves yet (503). */
  readonly baseline: RouteTarget | null
  readonly candidate: RouteTarget | null
  /** Candidate's weight, ppm of 1,000,000. */
  readonly weightPpm: number
  readonly salt: string
  readonly sticky: Sticky | null
  /** "METHOD /path" patterns that are judged, split and may be repeated; empty: every POST, never mirrored. */
  readonly requests: readonly string[]
  readonly answer: string | null
  readonly labelKey: { readonly body: string } | null
  readonly mirror: {
    readonly fraction: number
    readonly noise: number
    readonly overlay: Readonly<Record<string, unknown>> | null
  } | null
  /** The release and step that counts belong to; null: none runs. */
  readonly counting: {
    readonly release: string
    readonly step: number
    readonly watch: boolean
    readonly specs: readonly CounterSpec[]
  } | null
  /** Keep answers' values for joining with labels. */
  readonly keepValues: boolean
  /** Keep some pairs' whole answers, for reports; absent: no. */
  readonly keepAnswers?: boolean
  /** Requests wait (swap), at most so long; null: they do not. */
  readonly hold: { readonly waitMs: number } | null
  /** On missing renewal for 60 s: give the candidate's weight back, or keep it (watch). */
  readonly onSilence: 'give-back' | 'keep'
  readonly limits: { readonly inFlight: number; readonly queue: number; readonly bodyBytes: number }
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number }
}
export interface RouteTarget {
  /** `sha256:…`, or the URL of an outside baseline. */
  readonly digest: string
  readonly tag: string | null
  /** http://127.0.0.1:port of each ready replica. */
  readonly addresses: readonly string[]
  /** Changes when a process of it starts anew: begins a warm-up of 50 answers for a candidate. */
  readonly incarnation: number
}

export interface Platform {
  /** Makes these versions run, and no others of this environment (drains and stops what is not listed). */
  serve(environment: string, orders: readonly ServeOrder[]): Promise<void>
  status(environment: string): Promise<readonly VersionStatus[]>
  /** A person asks: what failed, or waits for its next attempt, is tried at once. */
  retry(environment: string): Promise<void>
  /** Hands the whole routing to the data plane; resolves when it acts on it. */
  route(environment: string, orders: RouteOrders): Promise<void>
  /** Pulls counts, and answers after the cursor of a boot; of another boot it means the beginning. */
  observe(environment: string, after: { readonly cursor: number; readonly boot: string | null }): Promise<Reading>
  /** A whole turn of the environment went well: what the data plane acts on is still meant. */
  renew(environment: string): Promise<void>
  /** Labels that came over HTTP, also while no host took them, are handed to `take`, and forgotten where it returns. */
  takeLabels(environment: string, take: (labels: readonly TakenLabel[]) => void): Promise<void>
  /** Sends one request to a version, outside the users' path; for evaluation sets. */
  ask(
    environment: string,
    digest: string,
    request: SetRequest,
    answer: string | null,
    timeoutMs: number,
  ): Promise<SetAnswer>
}
/** `at`: wall ms when it came. */
export interface TakenLabel {
  readonly id: string
  readonly label: unknown
  readonly at: number
}
export interface SetRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}
export interface SetAnswer {
  readonly status: number | null
  /** Value at the pointer, JSON; undefined: none. */
  readonly value: unknown
  readonly fault: string | null
  readonly ms: number
}

/** Whether versions fit; the sentences hold numbers. */
export type Fit =
  | { readonly fits: true }
  | { readonly fits: false; readonly lacks: readonly string[]; readonly waysOut: readonly string[] }
export interface HostServers {
  /** How limits are kept: by cgroup or by polling. */
  readonly limits: string
  readonly environments: Readonly<
    Record<
      string,
      {
        readonly versions: readonly VersionStatus[]
        readonly failure: string | null
        /** The data plane answers, where the settings say. */
        readonly listening: boolean
        /** It is up, or something of it still ends. */
        readonly running: boolean
      }
    >
  >
}

/** Servers that nobody but an evaluation uses. */
export interface EvalServers {
  /** Starts a version in place of the one before; its address once it is ready. Throws NEVER_READY, CRASHED, WRONG_PORT, CAPACITY … */
  start(order: ServeOrder, signal: AbortSignal): Promise<string>
  ask(address: string, request: SetRequest, answer: string | null, timeoutMs: number): Promise<SetAnswer>
  /** Why a server of this version ended unasked; null: none did. `silent`: a request got no answer, so an exit may show shortly. */
  broke(digest: string, silent: boolean): Promise<string | null>
  /** Ends what was started and removes its folder. */
  stop(): Promise<void>
}

/** What the machine has, and what of it is left beside what runs. Bytes. */
export interface Room {
  readonly memoryBytes: number
  readonly availableBytes: number
  readonly cores: number
  readonly cards: readonly { readonly memoryBytes: number; readonly freeBytes: number; readonly whole: boolean }[]
}

/** The host of a project, as commands see it. */
export interface HostLink {
  /** Starts a host where none lives, and wakes it. Throws HOST_UNREACHABLE. */
  wake(): Promise<void>
  /** True where one lives. */
  alive(): Promise<boolean>
  /** Can these versions run at once, beside what runs? Wakes the host. */
  fits(environment: string, orders: readonly ServeOrder[]): Promise<Fit>
  /** What runs, as the host sees it; null: no host lives, or it did not say in time. */
  servers(): Promise<HostServers | null>
  /** What room there is; null: no host lives, or it did not say in time. */
  room(): Promise<Room | null>
}
