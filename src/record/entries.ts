/** The kinds of journal entries, as discriminated values over JournalRow.data. */
import type { ErrorCode, Exit } from '../errors.ts'
import type { ReleasePlan, RunSpec, Sticky } from '../plan/types.ts'
import type { Cause, NoteKind, Outcome, PersonVerb } from '../release/types.ts'

/** One line of the journal. `data` is JSON; `seq` counts from 1 without gaps. */
export interface JournalRow {
  readonly seq: number
  readonly at: number
  readonly kind: string
  readonly environment: string
  readonly release: string
  readonly data: unknown
}
export type NewRow = Omit<JournalRow, 'seq'>

/** What an environment is, recorded when it is brought up or a release starts, so that it outlives the working folder. */
export interface EnvironmentSettings {
  readonly listen: { readonly host: string; readonly port: number }
  readonly control: { readonly host: string; readonly port: number }
  readonly limits: { readonly inFlight: number; readonly queue: number; readonly bodyBytes: number }
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number }
  readonly notify: readonly string[] | null
}

/** A version as an environment serves it: everything needed to start it again after a reboot. */
export interface Served {
  /** `sha256:…`, or the URL of an outside baseline. */
  readonly digest: string
  readonly outside: boolean
  /** Of a server outside: the GET path that tells whether it is ready; absent or null: its port answers. */
  readonly readyPath?: string | null
  readonly tag: string | null
  readonly run: RunSpec
  readonly shell: { readonly path: string; readonly command0: string | null }
  readonly envFile: string | null
  readonly requests: readonly string[]
  readonly answer: string | null
  readonly sticky: Sticky | null
  readonly labelKey: { readonly body: string } | null
  /** How long its answers are kept for labels. */
  readonly arriveMs: number
  /** Labels are used: its answers' values are kept outside of releases too. */
  readonly labelled?: boolean
}

export type RequestData =
  | {
      readonly id: string
      readonly verb: 'start'
      readonly by: string
      readonly plan: ReleasePlan
      readonly planHash: string
      readonly candidate: Served
      readonly baseline: Served | null
      readonly settings: EnvironmentSettings
      readonly replace: boolean
      readonly reason: string | null
    }
  | {
      readonly id: string
      readonly verb: PersonVerb
      readonly by: string
      readonly reason: string | null
      /** `--to`: the version to go to. */
      readonly to: Served | null
      readonly quarantine: boolean
    }
  | {
      readonly id: string
      readonly verb: 'up'
      readonly by: string
      readonly settings: EnvironmentSettings
      /** The baseline that slipway.yaml names: it serves where no version does yet. */
      readonly serving?: Served | null
    }
  | { readonly id: string; readonly verb: 'down'; readonly by: string }

export type Entry =
  /** A host began to drive; its epoch is the number of such entries. */
  | { readonly kind: 'host'; readonly data: { readonly epoch: number; readonly version: string } }
  | { readonly kind: 'request'; readonly data: RequestData }
  /** The host's answer to a request. */
  | {
      readonly kind: 'answer'
      readonly data: {
        readonly request: string
        readonly release: string | null
        readonly refused: {
          readonly code: ErrorCode
          readonly message: string
          readonly next: readonly string[]
        } | null
        readonly text: string | null
      }
    }
  | {
      readonly kind: 'started'
      readonly data: {
        readonly n: number
        readonly plan: ReleasePlan
        readonly planHash: string
        readonly by: string
        readonly candidate: Served
        readonly baseline: Served | null
        readonly settings: EnvironmentSettings
      }
    }
  | {
      readonly kind: 'note'
      readonly data: {
        readonly what: NoteKind | 'person' | 'server' | 'host' | 'data-plane' | 'label'
        readonly text: string
      }
    }
  | {
      readonly kind: 'concluded'
      readonly data: {
        readonly outcome: Outcome
        readonly cause: Cause
        readonly exit: Exit
        readonly code: ErrorCode | null
        readonly usersOffMs: number | null
      }
    }
  /** Who serves the environment's users from here on. */
  | {
      readonly kind: 'serving'
      readonly data: { readonly serving: Served | null; readonly former: Served | null; readonly why: string }
    }
  | {
      readonly kind: 'settings'
      readonly data: { readonly settings: EnvironmentSettings | null; readonly up: boolean }
    }
  | {
      readonly kind: 'quarantine'
      readonly data: {
        readonly digest: string
        readonly model: string
        readonly tag: string | null
        readonly reason: string
        readonly by: string
        readonly gate: string | null
        readonly weights: readonly string[]
      }
    }
  | { readonly kind: 'lift'; readonly data: { readonly digest: string; readonly reason: string; readonly by: string } }
  /** What the sets came out as; examples are bounded. */
  | {
      readonly kind: 'asked'
      readonly data: {
        readonly set: string
        readonly gate: string
        readonly lines: number
        readonly newlyWrong: readonly unknown[]
        readonly newlyRight: readonly unknown[]
      }
    }
