/** Which sequences of steps make a release, and where they come from the gates' view. */
import type { PlanStep } from './types.ts'

/** A step as far as its place matters: of slipway.yaml (`weight`, a share) or of a plan (`weightPpm`). */
interface StepShape {
  readonly kind: PlanStep['kind']
  readonly weight?: number
  readonly weightPpm?: number
}

const weightOf = (step: StepShape): number => step.weight ?? (step.weightPpm ?? 0) / 1_000_000

/**
 * The first step that stands wrong, and why; null where the sequence is one of: swap · full · shadow? canary* full with
 * weights rising below 100 %. `full` alone is for a first release; whoever knows the baseline says so.
 */
export function sequenceFault(steps: readonly StepShape[]): { index: number; message: string } | null {
  if (steps.length === 0) return { index: 0, message: 'a release needs at least one step' }
  const swap = steps.findIndex((step) => step.kind === 'swap')
  if (swap >= 0 && steps.length > 1)
    return { index: swap, message: 'swap is the only step where it is used: nothing can stand beside it' }
  let before = 0
  for (const [index, step] of steps.entries()) {
    if (step.kind === 'shadow' && index > 0) return { index, message: 'shadow comes at most once, and first' }
    if (step.kind === 'full' && index < steps.length - 1)
      return { index, message: 'full is the last step: nothing comes after it' }
    if (step.kind !== 'canary') continue
    const weight = weightOf(step)
    if (!(weight > 0 && weight < 1))
      return { index, message: 'a canary weight lies above 0 % and below 100 %; full takes all' }
    if (weight <= before) return { index, message: 'canary weights rise from step to step' }
    before = weight
  }
  const last = steps.at(-1)!.kind
  if (last !== 'full' && last !== 'swap')
    return { index: steps.length - 1, message: 'the last step is full: add `- full: {}`' }
  return null
}
