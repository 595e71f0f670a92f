/** What a plan is composed from. */
import type { EnvironmentConfig, EvaluationConfig } from '../config/types.ts'
import type { EvaluationSet } from '../evidence/sets.ts'
import type { TrafficSeen } from '../evidence/traffic.ts'
import type { ModelVersion } from '../model/types.ts'

/** `--waive`: gates that are computed and do not decide, and why. */
export interface Waive {
  readonly gates: readonly string[] | 'all'
  readonly reason: string
}

export interface PlannedVersion {
  readonly version: ModelVersion
  readonly tag: string | null
}

export interface ComposeInput {
  readonly model: string
  readonly environment: EnvironmentConfig
  readonly evaluation: EvaluationConfig
  readonly candidate: PlannedVersion
  /** null: nothing serves yet. What serves also where `noBaseline` is given. */
  readonly baseline: PlannedVersion | { readonly url: string } | null
  /** `--no-baseline`: why. */
  readonly noBaseline: { readonly reason: string } | null
  /** The sets of `evaluation.sets`, read. */
  readonly sets: Readonly<Record<string, EvaluationSet>>
  /** null: no data plane runs. */
  readonly traffic: TrafficSeen | null
  /** Both versions run on one card. */
  readonly shareCard: boolean
  readonly waive: Waive | null
}

/** An input with what follows from it. */
export type Shape = ComposeInput & {
  /** What is compared with: null in a first release and with --no-baseline. */
  readonly compared: ComposeInput['baseline']
  readonly requests: readonly string[]
}
