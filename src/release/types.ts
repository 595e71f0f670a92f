/** The engine's state, events and effects. step(plan, state, event) -> {state, effects}; no clock, no randomness, no promises. */
import type { ErrorCode } from '../errors.ts'
import type { Evidence } from '../evidence/types.ts'
import type { JudgeState } from '../gates/types.ts'

/** Life of a release. `start`: what it needs first is being started; `sets`: asked; `steps`: shadow, canary; `swap`; `watch`; `end`: users are
 * being taken to where the outcome wants them; then it is concluded: `keep-warm`: the former version still runs; `drain`: what nobody needs any
 * more is being stopped; `over`: nothing is left to do. */
export type Phase = 'start' | 'sets' | 'steps' | 'swap' | 'watch' | 'end' | 'keep-warm' | 'drain' | 'over'
/** `open` also names the watch of a swap; the back-* states lead to the old version, in the end or before the next try. */
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

/** Inconclusive gates that a person took for passed. */
export interface Accepted {
  readonly gates: readonly string[]
  readonly by: string
  readonly reason: string | null
}

/** Why it ended, in one word that views turn into a sentence. */
export type Cause =
  | { readonly kind: 'passed'; readonly accepted?: readonly Accepted[] }
  | { readonly kind: 'cut-short'; readonly accepted?: readonly Accepted[] }
  | { readonly kind: 'gate'; readonly gate: string; readonly where: 'sets' | 'shadow' | 'canary' | 'swap' | 'watch' }
  | { readonly kind: 'version'; readonly code: ErrorCode; readonly why: string }
  | {
      readonly kind: 'person'
      readonly by: string
      readonly reason: string | null
      readonly verb: 'abort' | 'rollback' | 'replace'
    }
  | { readonly kind: 'hold-ended' }
  /** A swap whose sets cannot decide ends at once: users wait, so it is not held. */
  | { readonly kind: 'undecided'; readonly gates: readonly string[] }

export interface ReleaseState {
  readonly phase: Phase
  readonly status: Status
  readonly swap: SwapState | null
  /** The way back of a swap leads to another try, not to the end. */
  readonly again: boolean
  /** Wall time since when the new version of a swap, ready once, is asked while users wait; null: it is not. */
  readonly askingAt: number | null
  /** Release time, ms: runs only while the ordered split is observed with the baseline ready. */
  readonly clockMs: number
  /** Wall time of the last look at which release time ran; null: it stands, so that a gap adds nothing. */
  readonly lastAt: number | null
  readonly startedAt: number
  readonly phaseAt: number
  /** Wall time since when it is held. */
  readonly heldAt: number | null
  /** A person ended the present step's minimum time. */
  readonly advanced: boolean
  readonly judge: JudgeState
  /** Absent: nobody accepted anything. */
  readonly accepts?: readonly Accepted[]
  /** What should run now, and the split that should hold now. */
  readonly serve: ServeEffect
  readonly split: SplitEffect
  /** The data plane acted on `split` at the last look; and has done so at least once since it was ordered. */
  readonly observed: boolean
  readonly everObserved: boolean
  /** No split was ordered yet that takes users off the baseline, or lets them wait. */
  readonly untouched: boolean
  /** What the last look said. */
  readonly ready: { readonly candidate: boolean; readonly baseline: boolean; readonly other: boolean }
  /** Unasked exits of the candidate in this release, and the count that the last look reported; null: none yet. */
  readonly exits: number
  readonly exitsSeen: number | null
  readonly everReady: boolean
  /** Set when it is decided, before users have arrived where it wants them. */
  readonly outcome: Outcome | null
  readonly cause: Cause | null
  /** Where users go when it ends (baseline, or `--to`). */
  readonly target: 'baseline' | 'candidate' | { readonly digest: string }
  /** When it was concluded. */
  readonly endedAt: number | null
  readonly usersOffAt: number | null
}

export type PersonVerb = 'pause' | 'resume' | 'advance' | 'accept' | 'abort' | 'rollback'

/** How one version is, besides the candidate. */
export interface VersionSeen {
  readonly ready: boolean
  /** No process of it runs. */
  readonly stopped: boolean
  readonly failed: { readonly code: ErrorCode; readonly why: string } | null
}

export interface LookEvent {
  readonly kind: 'look'
  /** Wall ms. */
  readonly at: number
  /** `exits`: unasked ones since the candidate was last ordered to run; survives the host. Those of the first look are of an earlier life. */
  readonly candidate: VersionSeen & { readonly exits: number }
  /** With --no-baseline: the former version. A first release without one: not ready, stopped. Outside: ready if it answers. */
  readonly baseline: VersionSeen
  /** The version named by `rollback --to`; absent: none. */
  readonly other?: VersionSeen
  /** What the data plane acts on now; null: it cannot be asked. */
  readonly applied: Omit<SplitEffect, 'kind'> | null
  readonly evidence: readonly Evidence[]
  /** Which versions have answered every line of the sets asked. */
  readonly answered: { readonly baseline: boolean; readonly candidate: boolean }
  /** Lines of sets that the candidate did not answer (first release): breaks it. */
  readonly unanswered: string | null
}

export interface PersonEvent {
  readonly kind: 'person'
  readonly at: number
  readonly verb: PersonVerb
  readonly by: string
  readonly reason: string | null
  readonly to?: string
  readonly replace?: boolean
}

export type Event =
  /** One look at the world. */
  | LookEvent
  /** Another host took over: time since the last look does not count. */
  | { readonly kind: 'host-started'; readonly at: number }
  | PersonEvent
  /** A newer release needs the room of the former version. */
  | { readonly kind: 'make-room'; readonly at: number; readonly by: string }

/** What should run. An outside baseline is never started or stopped: false. With --no-baseline `baseline` is the former version. */
export interface ServeEffect {
  readonly kind: 'serve'
  readonly candidate: boolean
  readonly baseline: boolean
  readonly other: string | null
}
export interface SplitEffect {
  readonly kind: 'split'
  /** Index of the step that counts belong to; -1 before the first. */
  readonly step: number
  /** The candidate's share of what is judged. */
  readonly weightPpm: number
  readonly mirror: boolean
  /** Requests wait (swap). */
  readonly hold: boolean
  readonly watch: boolean
  /** Who gets the rest, and all that is not judged. */
  readonly target: 'baseline' | 'candidate' | 'other'
}

/** A desired state; performing it twice is harmless. */
export type Effect =
  | ServeEffect
  | SplitEffect
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

/** `refused` is set where a person's verb is not possible: RELEASE_STATE with this sentence. */
export interface StepResult {
  readonly state: ReleaseState
  readonly effects: readonly Effect[]
  readonly refused: string | null
}
