/** What stands for steps and gates that slipway.yaml leaves out. */
import type { EvaluationConfig, GateConfig, ServingConfig, StepConfig } from './types.ts'

const MINUTES = 60_000
const FAULTS = ['5xx', 'timeout', 'reset', 'no-answer', '4xx'] as const
const NOBODYS = [401, 404, 429] as const

/** Errors and latency; quality by labels where they are announced, and one gate for each set. Margins: statistics of the gates. */
export function defaultGates(sets: readonly string[], labels: boolean): readonly GateConfig[] {
  const quality = (name: string, source: { readonly set: string } | { readonly labels: true }): GateConfig => ({
    kind: 'quality',
    name,
    source,
    evaluator: null,
    margin: 0.03,
    min: null,
  })
  return [
    { kind: 'errors', name: 'errors', margin: 0.01, bad: FAULTS, except: NOBODYS },
    { kind: 'latency', name: 'latency', of: 'total', above: { quantile: 0.95 }, margin: 0.03 },
    ...(labels ? [quality('quality', { labels: true })] : []),
    ...sets.map((set, index) => quality(index === 0 && !labels ? 'quality' : set, { set })),
  ]
}

/** True where it is known which requests may be repeated: only then can there be a shadow. */
export const requestsKnown = (serving: ServingConfig, evaluation: EvaluationConfig): boolean =>
  serving.requests !== null || Object.keys(evaluation.sets).length > 0

/** The default steps of a release that has a baseline. */
export function defaultSteps(serving: ServingConfig, evaluation: EvaluationConfig): readonly StepConfig[] {
  if (serving.port !== null) return [{ kind: 'swap', waitMs: 2 * MINUTES, watchMs: 30 * MINUTES }]
  const canary = (weight: number): StepConfig => ({ kind: 'canary', weight, forMs: 5 * MINUTES })
  const shadow: StepConfig = { kind: 'shadow', fraction: 1, noise: null, forMs: 0, pairs: 'auto' }
  return [
    ...(requestsKnown(serving, evaluation) ? [shadow] : []),
    canary(0.05),
    canary(0.25),
    canary(0.5),
    { kind: 'full', watchMs: 30 * MINUTES, keepWarmMs: 30 * MINUTES },
  ]
}
