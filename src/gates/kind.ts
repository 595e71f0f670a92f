/** What a kind of gate says of itself. A new kind is one file with such a value and one line in index.ts. */
import type { PlanGate, PlanStep } from '../plan/types.ts'
import type { CounterSpec } from '../platforms/contract.ts'

/** The two versions as people call them: tag, short digest or URL. */
export interface Sides {
  readonly candidate: string
  readonly baseline: string
}

/** How a view names a gate's numbers. */
export interface GateWords {
  /** What the rate is a share of, and of what: `bad answers`, `answers above 4 ms`. */
  readonly rate: string
  /** True: views show the good share, 1 - bad. */
  readonly good: boolean
  /** One more line under the gate; null: none. */
  readonly detail: string | null
  /** What evidence is counted in. */
  readonly unit: 'requests' | 'lines' | 'copies'
}

export interface GateKind<G extends PlanGate = PlanGate> {
  readonly kind: G['kind']
  /** Steps whose traffic brings evidence for it; empty: it is asked before them. `shadow` needs copies to the baseline where `copies`. */
  steps(gate: G): readonly PlanStep['kind'][]
  /** Shadow compares copies of both versions, so that step needs noise above 0. */
  readonly copies: boolean
  /** What the data plane counts for it; null: answers are compared by the host. */
  counterSpec(gate: G): CounterSpec | null
  needs(gate: G): { readonly answer: boolean; readonly labels: boolean; readonly set: string | null }
  /** One sentence that ends with a question mark. */
  question(gate: G, sides: Sides): string
  words(gate: G): GateWords
}

/** A kind's own view of a gate: narrows by `kind`, so that each file handles only its own. */
export type GateOf<K extends PlanGate['kind']> = Extract<PlanGate, { kind: K }>

/** A margin in percentage points as slipway.yaml writes it: 0.025 -> `2.5pp`. */
export const formatPoints = (margin: number): string => `${Number((margin * 100).toPrecision(6))}pp`
