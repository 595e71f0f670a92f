/** Judgement: the state and the verdicts of the gates. Plain numbers, JSON-serialisable. */
import type { Counts } from '../evidence/types.ts'

export type Verdict = 'pass' | 'fail' | 'doubt' | 'inconclusive' | 'error'

/** State of one gate (rule: reference/statistics.md). */
export interface GateState {
  /** 9 numbers: ln of the weighted sum of products over the open beginnings, per rho of RHO_FAIL; NEVER = none yet. */
  readonly M: readonly number[]
  readonly open: number
  /** 8 numbers: ln of the plain product, per rho of RHO_PASS. */
  readonly LP: readonly number[]
  /** Counts by "step/kind". */
  readonly strata: Readonly<Record<string, Counts>>
  readonly pending: Readonly<Record<string, Counts>>
  /** Of which keys of `pending` counts must not decide yet, and why; while any waits the gate is unsure. Absent: none. */
  readonly waits?: Readonly<Record<string, string>> | undefined
  readonly passed: boolean
  readonly failed: boolean
  /** Why the last look brought no evidence; null after a good block. */
  readonly error: string | null
  /** The cause in `error` makes the gate inconclusive instead of in error. */
  readonly unsure: boolean
  /** ln of the fail and of the pass e-value, as they follow from M, open and LP. */
  readonly lnFail: number
  readonly lnPass: number
}

/** State of the judgement of a whole release: what `Release.dump()` of verdict-rule.py holds. */
export interface JudgeState {
  /** -1: sets; else index of the step. */
  readonly step: number
  /** Release time (s) at which the step began. */
  readonly since: number
  readonly judged: boolean
  readonly held: boolean
  readonly blocks: Readonly<Record<string, number>>
  /** Verdicts of the sets; null: not complete. */
  readonly sets: Readonly<Record<string, Verdict | null>>
  readonly accepted: readonly string[]
  readonly outcome: 'promoted' | 'rolled-back' | null
  readonly blame: string | null
  readonly gates: Readonly<Record<string, GateState>>
  readonly watch: {
    readonly bounds: Readonly<Record<string, number>>
    readonly gates: Readonly<Record<string, GateState>>
  } | null
}

/** What one look decides. */
export type JudgeAction = 'stay' | 'next' | 'full' | 'done' | 'rollback' | 'hold'

/** A gate's numbers for views: what was computed from what. Differences are "worse by": + is worse. */
export interface GateNumbers {
  readonly gate: string
  readonly verdict: Verdict
  /** Rates over all evidence so far, steps weighted nc*nb/(nc+nb), never pooled; null without evidence. */
  readonly baselineRate: number | null
  readonly candidateRate: number | null
  readonly baselineN: number
  readonly candidateN: number
  readonly pairs: number
  /** Newcombe 95 % interval of the difference; decides nothing. */
  readonly low: number | null
  readonly high: number | null
  readonly difference: number | null
  /** The step whose own evidence speaks most against the candidate (-1: a set), and the difference there. */
  readonly worst?: { readonly step: number; readonly difference: number } | null
  /** Upper 97.5 % bound of the difference by the once-only test; a pass at the horizon means that it lies below the margin. */
  readonly upper?: number | null
  readonly margin: number
  readonly eFail: number
  readonly ePass: number
  /** 2/alpha, or 1/0.02 in the watch. */
  readonly bar: number
  /** Frozen bound in the watch. */
  readonly bound: number | null
  readonly error: string | null
  /** About how many more candidate requests (or pairs) until it passes, if the rates stay; null: never, or passed. */
  readonly more: number | null
}
