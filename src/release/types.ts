/** The engine's state, events and effects. step(plan, state, event) -> {state, effects}; no clock, no randomness, no promises. */
import type { ErrorCode } from '../errors.ts'
import type { Evidence } from '../evidence/types.ts'
import type { JudgeState } from '../gates/types.ts'

/** Life of a release. `start`: the candidate is being started; `sets`: asked; `steps`: shadow, canary; `swap`; `watch`; `end`: users are being
 * taken to where the outcome wants them; `keep-warm`: concluded, the former version still warm; `over`. */
export type Phase = 'start' | 'sets' | 'steps' | 'swap' | 'watch' | 'end' | 'keep-warm' | 'over'
export type SwapState =
  | 'holding'
  | 'old-stopped'
  | 'new-starting'
  | 'asked'
  | 'open'
  | 'back-holding'
  | 'back-stopped'
  | 'back-starting'
export type Status = 'running' | 'paused' | 'held' | 'concluded'
export type Outcome = 'promoted' | 'rolled-back' | 'aborted' | 'inconclusive'

/** Why it ended, in one word that views turn into a sentence. */
export type Cause =
  | { readonly kind: 'passed' }
  | { readonly kind: 'cut-short' }
  | { readonly kind: 'gate'; readonly gate: string; readonly where: 'sets' | 'shadow' | 'canary' | 'swap' | 'watch' }
  | { readonly kind: 'version'; readonly code: ErrorCode; readonly why: string }
  | {
      readonly kind: 'person'
      readonly by: string
      readonly reason: string | null
      readonly verb: 'abort' | 'rollback' | 'replace'
    }
  | { readonly kind: 'hold-ended' }

export interface ReleaseState {
  readonly phase: Phase
  readonly status: Status
  readonly swap: SwapState | null
  /** Release time, ms: runs only while the ordered split is observed with the baseline ready. */
  readonly clockMs: number
  /** Wall time of the last look; null right after a start, so that a gap adds nothing. */
  readonly lastAt: number | null
  readonly startedAt: number
  readonly phaseAt: number
  /** Wall time since when it is held. */
  readonly heldAt: number | null
  /** A person ended the present step's minimum time. */
  readonly advanced: boolean
  readonly judge: JudgeState
  /** The split that should hold now. */
  readonly weightPpm: number
  readonly exits: number
  readonly everReady: boolean
  readonly outcome: Outcome | null
  readonly cause: Cause | null
  /** Where users go when it ends (baseline, or `--to`). */
  readonly target: 'baseline' | 'candidate' | { readonly digest: string }
  readonly endedAt: number | null
  readonly usersOffAt: number | null
}

export type PersonVerb = 'pause' | 'resume' | 'advance' | 'accept' | 'abort' | 'rollback'

export type Event =
  /** One look at the world. */
  | {
      readonly kind: 'look'
      /** Wall ms. */
      readonly at: number
      readonly candidate: {
        readonly ready: boolean
        readonly stopped: boolean
        readonly exits: number
        readonly failed: { code: ErrorCode; why: string } | null
      }
      readonly baseline: {
        readonly ready: boolean
        readonly stopped: boolean
        readonly failed: { code: ErrorCode; why: string } | null
      }
      /** What the data plane acts on now. */
      readonly applied: {
        readonly step: number
        readonly weightPpm: number
        readonly holding: boolean
        readonly target: 'baseline' | 'candidate' | 'other'
      } | null
      readonly evidence: readonly Evidence[]
      /** Lines of sets that the candidate did not answer (first release): breaks it. */
      readonly unanswered: string | null
    }
  /** Another host took over: time since the last look does not count. */
  | { readonly kind: 'host-started'; readonly at: number }
  | {
      readonly kind: 'person'
      readonly at: number
      readonly verb: PersonVerb
      readonly by: string
      readonly reason: string | null
      readonly to?: string
      readonly replace?: boolean
    }

/** A desired state; performing it twice is harmless. */
export type Effect =
  | { readonly kind: 'serve'; readonly candidate: boolean; readonly baseline: boolean; readonly other: string | null }
  | {
      readonly kind: 'split'
      /** Index of the step that counts belong to. */
      readonly step: number
      readonly weightPpm: number
      readonly mirror: boolean
      readonly hold: boolean
      readonly watch: boolean
      readonly target: 'baseline' | 'candidate' | 'other'
    }
  | { readonly kind: 'ask'; readonly sets: readonly string[]; readonly versions: readonly ('baseline' | 'candidate')[] }
  | { readonly kind: 'quarantine'; readonly gate: string }
  | { readonly kind: 'conclude'; readonly outcome: Outcome; readonly cause: Cause }
  /** What people read: one line of the journal. */
  | { readonly kind: 'note'; readonly what: NoteKind; readonly text: string }
export type NoteKind =
  | 'step'
  | 'verdict'
  | 'held'
  | 'paused'
  | 'resumed'
  | 'advanced'
  | 'accepted'
  | 'fault'
  | 'weight'
  | 'taken-back'
  | 'promoted'
  | 'refused'

/** `refused` is set where a person's verb is not possible: RELEASE_STATE with this sentence. */
export interface StepResult {
  readonly state: ReleaseState
  readonly effects: readonly Effect[]
  readonly refused: string | null
}
