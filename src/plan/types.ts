/** The full intent of a release as one versioned, hashed value. Times are milliseconds, weights ppm, shares and margins 0..1. */
import type { AnswerClass } from '../evidence/types.ts'
import type { Digest } from '../model/types.ts'

export const PLAN_SCHEMA = 'slipway.dev/plan/v1'
export const FULL_PPM = 1_000_000

export type Evaluator =
  | { readonly kind: 'exact-match' | 'contains' | 'regex' | 'json-subset' }
  | { readonly kind: 'numeric'; readonly tolerance: number }
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly timeoutMs: number }

export type Sticky = { readonly header: string } | { readonly cookie: string } | { readonly body: string }

/** Which gates each step can answer: names of traffic gates (errors, latency, quality of labels, agreement); sets never. */
export type PlanStep =
  | {
      readonly kind: 'shadow'
      readonly fraction: number
      readonly noise: number
      readonly forMs: number
      /** How many pairs each gate must have: resolved numbers. Its keys are the gates that shadow can answer. */
      readonly pairs: Readonly<Record<string, number>>
    }
  | { readonly kind: 'canary'; readonly weightPpm: number; readonly forMs: number; readonly gates: readonly string[] }
  | { readonly kind: 'swap'; readonly waitMs: number; readonly watchMs: number; readonly gates: readonly string[] }
  | { readonly kind: 'full'; readonly watchMs: number; readonly keepWarmMs: number; readonly gates: readonly string[] }

interface GateBase {
  readonly name: string
  /** False for reports and waived gates: computed, shown, deciding nothing. */
  readonly decides: boolean
  readonly waived: string | null
  /** delta: the candidate may be worse by this much. */
  readonly margin: number
  /** r of the rule: 1 against the baseline, 0 against a fixed objective. */
  readonly ratio: 0 | 1
  /** How bad answers of the baseline came in bursts before the start; absent: they did not (phi = 1), or nothing asks. */
  readonly bursts?: Bursts
}
/** phi of the rule: variance over mean of the bad answers of so many keys of `serving.sticky`, or batches of minutes; `n` 0: not known, taken for 1; `rough`: of few keys or a short time. */
export interface Bursts {
  readonly phi: number
  readonly over: 'keys' | 'batches'
  readonly n: number
  readonly rough?: true
}
export type PlanGate =
  | (GateBase & {
      readonly kind: 'errors'
      readonly bad: readonly (AnswerClass | '4xx')[]
      readonly except: readonly number[]
    })
  | (GateBase & {
      readonly kind: 'latency'
      readonly of: 'total' | 'first-byte'
      /** What was written: `p95` or a duration. */
      readonly above: string
      /** Bound of the grid, frozen before the start. */
      readonly boundMs: number
    })
  | (GateBase & {
      readonly kind: 'quality'
      readonly source: { readonly set: string } | { readonly labels: true }
      readonly evaluator: Evaluator
      /** For sets: the `min` share; with labels `min` is a gate of its own (`labels-min`). */
      readonly min: number | null
    })
  | (GateBase & {
      readonly kind: 'labels-min'
      readonly of: string
      readonly evaluator: Evaluator
      readonly min: number
    })
  | (GateBase & { readonly kind: 'agreement'; readonly evaluator: Evaluator })

export interface PlanSet {
  readonly name: string
  /** sha256 of the file's bytes: a changed set is another plan. */
  readonly sha256: string
  readonly lines: number
}

/** How a version runs beyond what its digest holds. */
export interface RunSpec {
  readonly replicas: number
  readonly memoryBytes: number | null
  readonly cpu: number | null
  /** Whole cards, or a share by memory. */
  readonly gpu: { readonly cards: number } | { readonly memoryBytes: number } | null
  readonly readyTimeoutMs: number
  readonly drainMs: number
  /** A fixed port, for servers that cannot be told theirs. */
  readonly port: number | null
}

export type PlanBaseline = { readonly digest: Digest; readonly tag: string | null } | { readonly url: string }

export interface ReleasePlan {
  readonly schema: typeof PLAN_SCHEMA
  readonly model: string
  readonly environment: string
  readonly candidate: { readonly digest: Digest; readonly tag: string | null }
  /** null: a first release, or --no-baseline. */
  readonly baseline: PlanBaseline | null
  /** Set with --no-baseline: why, and the version that serves and is not compared with. */
  readonly noBaseline: { readonly reason: string; readonly former: Digest | null } | null
  readonly salt: string
  readonly sticky: Sticky | null
  readonly requests: readonly string[]
  readonly answer: string | null
  readonly run: RunSpec
  readonly steps: readonly PlanStep[]
  readonly gates: readonly PlanGate[]
  readonly sets: readonly PlanSet[]
  /** Laid over bodies of golden requests and of copies that agreement compares: JSON pointer -> value. */
  readonly overlay: Readonly<Record<string, unknown>>
  readonly labels: { readonly arriveMs: number; readonly key: { readonly body: string } | null }
  readonly keepAnswers: boolean
  readonly horizonMs: number
  readonly alpha: number
  readonly holdMs: number
  /** For `swap`: what the baseline showed in the minutes before, per gate. */
  readonly history: Readonly<Record<string, { readonly bad: number; readonly total: number }>>
}
