/** slipway.yaml as the rest of slipway sees it: units resolved (ms, shares, bytes), defaults filled in, templates applied. */
import type { Evaluator, Sticky } from '../plan/types.ts'

export interface Config {
  readonly apiVersion: 'slipway.dev/v1'
  /** Absolute path of slipway.yaml, and its folder. */
  readonly file: string
  readonly folder: string
  readonly model: string
  readonly artifact: ArtifactConfig
  readonly serving: ServingConfig
  readonly training: TrainingConfig | null
  readonly evaluation: EvaluationConfig
  readonly release: ReleaseConfig
  readonly environments: Readonly<Record<string, EnvironmentConfig>>
}

export interface ArtifactConfig {
  readonly path: string
  /** The path is the default: nobody wrote it. */
  readonly assumed?: true
  /** null: the default of the contract (files that the command names …). */
  readonly code: readonly string[] | null
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly links: 'refuse' | 'follow'
  readonly allow: readonly {
    readonly file: string
    readonly kind: string
    readonly reason: string
    readonly sha256: string | null
  }[]
}

export interface ServingConfig {
  /** node-classifier | llamacpp | custom */
  readonly template: string
  readonly command: readonly string[]
  readonly port: number | null
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly prepare: readonly (readonly string[])[]
  readonly env: Readonly<Record<string, string>>
  readonly envFile: string | null
  readonly ready: { readonly path: string | null; readonly timeoutMs: number }
  readonly drainMs: number
  readonly replicas: number
  readonly resources: ResourcesConfig
  /** null: the template's, else the sets' paths, else every POST. */
  readonly requests: readonly string[] | null
  readonly answer: string | null
  readonly sticky: Sticky | null
}
export interface ResourcesConfig {
  readonly memoryBytes: number | null
  readonly cpu: number | null
  readonly gpu: { readonly cards: number } | { readonly memoryBytes: number } | null
}

export interface TrainingConfig {
  readonly template: string | null
  readonly command: readonly string[]
  readonly data: { readonly path: string; readonly checks: DataChecks } | null
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly resources: ResourcesConfig
}
export interface DataChecks {
  readonly rows: { readonly min: number | null; readonly max: number | null } | null
  readonly label: { readonly field: string; readonly minShare: number | null } | null
  readonly fields: Readonly<Record<string, FieldCheck>>
  readonly duplicates: { readonly maxShare: number } | null
}
export interface FieldCheck {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | null
  readonly length: number | null
  readonly min: number | null
  readonly max: number | null
}

export interface EvaluationConfig {
  readonly sets: Readonly<Record<string, { readonly path: string; readonly evaluator: Evaluator }>>
  readonly request: Readonly<Record<string, unknown>>
  readonly labels: { readonly arriveMs: number; readonly key: { readonly body: string } | null }
  readonly keepAnswers: boolean
  /** `evaluation.labels` is written. */
  readonly labelled?: boolean
}

export type StepConfig =
  | {
      readonly kind: 'shadow'
      readonly fraction: number
      readonly noise: number | null
      readonly forMs: number
      readonly pairs: 'auto' | number
    }
  | { readonly kind: 'canary'; readonly weight: number; readonly forMs: number }
  | { readonly kind: 'swap'; readonly waitMs: number; readonly watchMs: number }
  | { readonly kind: 'full'; readonly watchMs: number; readonly keepWarmMs: number }

export type GateConfig =
  | {
      readonly kind: 'errors'
      readonly name: string
      readonly margin: number
      readonly bad: readonly string[]
      readonly except: readonly number[]
    }
  | {
      readonly kind: 'latency'
      readonly name: string
      readonly of: 'total' | 'first-byte'
      /** A quantile of the baseline (p50…p99.9 as a share below, 0..1), or a duration. */
      readonly above: { readonly quantile: number } | { readonly ms: number }
      readonly margin: number
    }
  | {
      readonly kind: 'quality'
      readonly name: string
      readonly source: { readonly set: string } | { readonly labels: true }
      readonly evaluator: Evaluator | null
      readonly margin: number
      readonly min: number | null
    }
  | {
      readonly kind: 'agreement'
      readonly name: string
      readonly evaluator: Evaluator
      readonly maxDisagreement: number | null
    }

export interface ReleaseConfig {
  /** null: the default steps. */
  readonly steps: readonly StepConfig[] | null
  /** null: the default gates. */
  readonly gates: readonly GateConfig[] | null
  readonly horizonMs: number
  readonly alpha: number
  readonly holdMs: number
}

export interface EnvironmentConfig {
  readonly name: string
  readonly platform: 'local'
  readonly listen: { readonly host: string; readonly port: number }
  readonly control: { readonly host: string; readonly port: number }
  readonly limits: { readonly inFlight: number; readonly queue: number; readonly bodyBytes: number }
  readonly timeouts: { readonly connectMs: number; readonly firstByteMs: number; readonly idleMs: number }
  /** Overrides already merged: what this environment serves and releases with. */
  readonly serving: ServingConfig
  readonly release: ReleaseConfig
  readonly baseline: { readonly url: string } | { readonly ref: string } | null
  readonly notify: readonly string[] | null
}

/** What a template gives; what slipway.yaml says wins. One file per template in config/templates/, one line in its index. */
export interface ServingTemplate {
  readonly name: string
  readonly command: readonly string[] | null
  readonly readyPath: string | null
  readonly requests: readonly string[] | null
  readonly answer: string | null
  readonly drainMs: number | null
  readonly params: Readonly<Record<string, string | number | boolean>>
  /** Files of templates/serving/NAME that the command needs; `init --template` copies them into the project. */
  readonly files: readonly string[]
}
