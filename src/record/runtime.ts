/** Snapshots that the host keeps beside the journal, replaced in the same transaction as entries are appended. */
import type { LineAnswer } from '../evidence/set-answers.ts'
import type { Counts, KeyMoments } from '../evidence/types.ts'
import type { ReleaseState, SplitEffect } from '../release/types.ts'
import type { Served } from './entries.ts'
import type { ExampleView } from './types.ts'

/** Of one release; its keys stand in release-id.ts. */
export interface ReleaseRuntime {
  readonly state: ReleaseState
  /** Sets to ask, and which are answered. */
  readonly asked: Readonly<Record<string, SetResult>>
  /** Answers of a set of which one version is still to be asked. */
  readonly setAnswers: Readonly<
    Record<string, { readonly baseline?: readonly LineAnswer[]; readonly candidate?: readonly LineAnswer[] }>
  >
  /** Boot of the data plane and cumulative counts already taken as evidence, by "gate step". */
  readonly boot: string | null
  readonly counted: Readonly<Record<string, Counts>>
  /** Joined labels and answers already taken, by gate. */
  readonly taken: Readonly<Record<string, number>>
  /** How often the baseline differed from itself, by agreement gate. */
  readonly noise: Readonly<Record<string, { readonly bad: number; readonly pairs: number }>>
  /** When each gate's verdict last changed, and to what. */
  readonly verdicts: Readonly<Record<string, { readonly verdict: string; readonly at: number; readonly step: number }>>
  readonly requests: UsersRequests
  /** Cumulative codes at the last pull, to difference. */
  readonly codes: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly requestsPerSecond: number
  readonly measured: readonly [number, number]
  /** ms from the verdict to the data plane acting on 100 % baseline. */
  readonly takebackMs: number | null
  readonly lastPointAt: number
  /** A version named by `--to`, or that serves beside both. */
  readonly other: Served | null
}

/**
 * Judged requests of users during a release: all, answered by the candidate, failed; and of each version what it answered or
 * failed to (absent in what older hosts kept). What neither did was refused.
 */
export interface UsersRequests {
  readonly total: number
  readonly candidate: number
  readonly failed: number
  readonly candidateFailed?: number
  readonly baseline?: number
  readonly baselineFailed?: number
}

/** What a set came out as. */
export interface SetResult {
  readonly gate: string
  readonly counts: Counts | { readonly error: string }
  readonly newlyWrong: readonly ExampleView[]
  readonly newlyRight: readonly ExampleView[]
  readonly unanswered: string | null
}

/** Keys of the snapshots of environments. */
export const ENVIRONMENT = 'environment:'
export const environmentKey = (environment: string): string => `${ENVIRONMENT}${environment}`

export interface EnvironmentRuntime {
  readonly revision: number
  /** Canonical text of the last orders without epoch and revision. */
  readonly orders: string
  /** The split those orders stand for. */
  readonly applied: SplitEffect | null
  /** Digest of the version with ready servers that they send users to, where no release splits them. */
  readonly users: string | null
  /** Answers taken so far, of this boot of the data plane. */
  readonly cursor: number
  readonly boot: string | null
  /** A person took users to another version while no release ran. */
  readonly move: {
    readonly to: Served
    readonly by: string
    readonly reason: string | null
    readonly request: string
    readonly since: number
    /** Where both do not run at once, users wait: until requests are held, the old version is stopped, the new one is ready. */
    readonly swap?: 'holding' | 'stopping' | 'starting' | null
    /** Digest of the version to be stopped first, where it is not the one that serves: of a release that could not take users back itself. */
    readonly leaves?: string
  } | null
}

/** How requests of one key hang together, and when (wall ms) the data plane told so. */
export interface KeptKeys extends KeyMoments {
  readonly at: number
}
/** Snapshot of it, by version: KeptKeys[]. */
export const keysKey = (environment: string): string => `keys:${environment}`

/** What is kept of a minute of one version (table minutes). */
export interface MinuteCounts {
  readonly codes: Readonly<Record<string, number>>
  /** Sparse buckets of kit/grid: index -> count. */
  readonly total: Readonly<Record<string, number>>
  readonly firstByte: Readonly<Record<string, number>>
  /** How long was looked; and the part of it in which requests came, silence between them left out (absent in older rows). */
  readonly seconds: number
  readonly busy?: number
}
