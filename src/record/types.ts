/** What happened: journal entries, and the one value that every view renders. */
import type { ErrorCode, Exit } from '../errors.ts'
import type { Counts } from '../evidence/types.ts'
import type { WholePair } from '../evidence/whole-pairs.ts'
import type { GateNumbers } from '../gates/types.ts'
import type { Digest, Lineage } from '../model/types.ts'
import type { PlanGate, ReleasePlan } from '../plan/types.ts'
import type { Cause, NoteKind, Outcome, Phase, Status, SwapState } from '../release/types.ts'
import type { UsersRequests } from './runtime.ts'

/** One point of a strip in the timeline. Rates are shares; at = wall ms; null ribbon: too few answers. */
export interface StripPoint {
  readonly at: number
  readonly baseline: number | null
  readonly baselineLow: number | null
  readonly baselineHigh: number | null
  readonly candidate: number | null
  readonly candidateLow: number | null
  readonly candidateHigh: number | null
  /** Highest share allowed: r * baseline + margin, or the frozen bound. */
  readonly limit: number | null
  readonly doubt: boolean
}
/** One sample of the whole release, as often as evidence is looked at, thinned when long. */
export interface TimelinePoint {
  readonly at: number
  /** Release time, ms. */
  readonly clockMs: number
  /** True where release time stood still. */
  readonly still: boolean
  readonly weightPpm: number
  readonly mirroring: boolean
  readonly phase: Phase
  readonly step: number
  readonly requestsPerSecond: number
  readonly gates: Readonly<Record<string, StripPoint>>
}

/** One line of the journal as people read it. */
export interface NoteView {
  readonly at: number
  readonly what: NoteKind | 'started' | 'host' | 'person' | 'server' | 'concluded' | 'label' | 'data-plane'
  readonly text: string
}

/** What one step brought a gate. */
export interface StepCounts {
  readonly step: number
  readonly counts: Counts
}

export interface GateView {
  readonly plan: PlanGate
  readonly numbers: GateNumbers
  /** When the verdict fell, wall ms. */
  readonly decidedAt: number | null
  /** Index of the step it fell in; -1: the sets. */
  readonly decidedIn: number | null
  /** What was counted, by step; -1: the sets. */
  readonly steps: readonly StepCounts[]
  /** What would change it, one sentence; null for a pass. */
  readonly wouldChange: string | null
  /** Lines of a set, or pairs with a label, newly wrong and newly right, by id, first 20 each, with what was answered. */
  readonly newlyWrong: readonly ExampleView[]
  readonly newlyRight: readonly ExampleView[]
  /** Of a gate of labels: those that came after the end, which change no verdict; absent: none did. */
  readonly late?: LateLabels
}
export interface LateLabels {
  readonly labels: number
  /** Only the newest were looked at: there are more. */
  readonly atLeast: boolean
  /** Bad shares; null: not known. */
  readonly candidate: number | null
  readonly baseline: number | null
}
export interface ExampleView {
  readonly id: string
  readonly expect: unknown
  readonly baseline: unknown
  readonly candidate: unknown
}

export interface VersionView {
  /** `v3`, or the short digest, or the URL of an outside baseline. */
  readonly name: string
  readonly digest: string
  readonly lineage: Lineage
  readonly parameters: number | null
  readonly bytes: number | null
}

/** What differs between the two versions. */
export interface ChangeView {
  readonly what: string
  readonly baseline: string
  readonly candidate: string
}

export interface ReleaseView {
  readonly release: string
  readonly model: string
  readonly environment: string
  readonly planHash: string
  readonly plan: ReleasePlan
  readonly startedBy: string
  readonly startedAt: number
  readonly endedAt: number | null
  /** When this view was folded, wall ms. */
  readonly now: number
  readonly status: Status
  readonly phase: Phase
  readonly swap: SwapState | null
  readonly step: number
  /** Release time in the present step and its minimum; ms. */
  readonly stepElapsedMs: number
  readonly stepForMs: number
  readonly clockMs: number
  readonly timeStands: string | null
  readonly outcome: Outcome | null
  readonly cause: Cause | null
  readonly exit: Exit | null
  readonly code: ErrorCode | null
  readonly candidate: VersionView
  readonly baseline: VersionView | null
  readonly weightPpm: number
  /** Measured share of the candidate under the present split; null: too few. */
  readonly measuredShare: number | null
  readonly requestsPerSecond: number
  readonly requests: UsersRequests
  readonly gates: readonly GateView[]
  readonly notes: readonly NoteView[]
  readonly timeline: readonly TimelinePoint[]
  readonly changes: readonly ChangeView[]
  /** Who was affected, now, asked of you: sentences. */
  readonly affected: string
  readonly nowSentence: string
  readonly asked: string | null
  readonly commands: readonly string[]
  readonly nextSentence: string | null
  /** ms from the verdict that took users back to 100 % on the baseline; measured in the data plane. */
  readonly takebackMs: number | null
  /** Gates not judged or waived, first line of a report; null: all judged. */
  readonly unjudged: string | null
  readonly heldUntil: number | null
  /** Whole answers of some pairs, those that disagree first; empty without `evaluation.keepAnswers`. */
  readonly answers: readonly WholePair[]
  readonly quarantined: Digest | null
}
