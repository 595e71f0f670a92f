/** What follows from a plan alone: who serves before, what a step's split is, and how people call things. */
import { SlipwayError } from '../errors.ts'
import { judgePlanOf } from '../gates/judge-plan.ts'
import { formatDuration } from '../kit/units.ts'
import type { PlanStep, ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import type { Accepted, SplitEffect } from './types.ts'

/** `full` alone: nothing to compare with (a first release, or --no-baseline). */
export const isFirst = (plan: ReleasePlan): boolean => plan.baseline === null
export const isSwap = (plan: ReleasePlan): boolean => plan.steps[0]?.kind === 'swap'

/** Who serves users before the release: nobody, a version of ours, or a server that we never start or stop. */
export function formerOf(plan: ReleasePlan): 'none' | 'own' | 'outside' {
  if (plan.baseline === null) return plan.noBaseline?.former ? 'own' : 'none'
  return 'url' in plan.baseline ? 'outside' : 'own'
}

const short = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, 8)
export const candidateName = (plan: ReleasePlan): string => plan.candidate.tag ?? short(plan.candidate.digest)
export function formerName(plan: ReleasePlan): string {
  if (plan.baseline === null) return plan.noBaseline?.former ? short(plan.noBaseline.former) : 'nobody'
  return 'url' in plan.baseline ? plan.baseline.url : (plan.baseline.tag ?? short(plan.baseline.digest))
}
/** Name of where users go: `other` by its digest. */
export const targetName = (plan: ReleasePlan, target: 'baseline' | 'candidate' | { digest: string }): string =>
  target === 'candidate' ? candidateName(plan) : target === 'baseline' ? formerName(plan) : short(target.digest)

const percent = (ppm: number): string => `${ppm / 10_000} %`
export function stepName(step: PlanStep | undefined): string {
  if (!step) return 'start'
  return step.kind === 'canary' ? `canary ${percent(step.weightPpm)}` : step.kind
}
/** `canary 25 % (step 2 of 4), at least 5m`. */
export function stepText(plan: ReleasePlan, index: number): string {
  const step = plan.steps[index]
  const least = step && 'forMs' in step ? `, at least ${formatDuration(step.forMs)}` : ''
  return `${stepName(step)} (step ${index + 1} of ${plan.steps.length})${least}`
}

/** All to the former version, nothing counted. */
export const splitHome = (step: number, target: 'baseline' | 'other' = 'baseline'): SplitEffect => ({
  kind: 'split',
  step,
  weightPpm: 0,
  mirror: false,
  hold: false,
  watch: false,
  target,
})

/** The split that a step asks for. A swap gives all at once. */
export function splitOf(plan: ReleasePlan, index: number): SplitEffect {
  const step = plan.steps[index]!
  if (step.kind === 'shadow') return { ...splitHome(index), mirror: true }
  if (step.kind === 'canary') return { ...splitHome(index), weightPpm: step.weightPpm }
  return { ...splitHome(index), weightPpm: FULL_PPM, watch: !isFirst(plan), target: 'candidate' }
}

/** Does the data plane act on it? */
export function sameSplit(a: Omit<SplitEffect, 'kind'>, b: Omit<SplitEffect, 'kind'>): boolean {
  return (
    a.step === b.step &&
    a.weightPpm === b.weightPpm &&
    a.mirror === b.mirror &&
    a.hold === b.hold &&
    a.watch === b.watch &&
    a.target === b.target
  )
}

/** Does this split let users reach the candidate? */
export const reachesUsers = (split: SplitEffect): boolean =>
  !split.hold && (split.weightPpm > 0 || split.target === 'candidate')

/** Sets that a deciding gate names and that have no verdict yet, by the name of the set. */
export function setsToAsk(plan: ReleasePlan, verdicts: Readonly<Record<string, unknown>>): string[] {
  const names = new Set<string>()
  const { decidingSets } = judgePlanOf(plan)
  for (const gate of plan.gates) {
    if (gate.kind !== 'quality' || !('set' in gate.source)) continue
    if (decidingSets.includes(gate.name) && verdicts[gate.name] == null) names.add(gate.source.set)
  }
  return [...names]
}

/** A sequence of steps that no plan may have: shadow first, weights rising, `full` last; `swap` alone; `full` alone only without a baseline. */
export function checkShape(plan: ReleasePlan): void {
  const kinds = plan.steps.map((step) => step.kind)
  const alone = kinds.length === 1
  const rising = plan.steps.every((step, i) => {
    if (step.kind !== 'canary') return true
    const before = plan.steps[i - 1]
    return (
      step.weightPpm > 0 &&
      step.weightPpm < FULL_PPM &&
      (before?.kind !== 'canary' || before.weightPpm < step.weightPpm)
    )
  })
  const ordered = kinds.every(
    (kind, i) =>
      (kind !== 'shadow' || i === 0) && (kind !== 'full' || i === kinds.length - 1) && (kind !== 'swap' || alone),
  )
  const ended = kinds.at(-1) === 'full' || kinds[0] === 'swap'
  const fits = isSwap(plan)
    ? formerOf(plan) === 'own' && !isFirst(plan)
    : isFirst(plan) === (alone && kinds[0] === 'full')
  if (!(ordered && rising && ended && fits))
    throw new SlipwayError('BUG', `a plan with the steps ${kinds.join(', ') || '(none)'} reached the engine`)
}

const takenText = ({ gates, by, reason }: Accepted): string =>
  `${gates.join(', ')} stayed inconclusive and ${gates.length === 1 ? 'was' : 'were'} taken for passed by ${by}${reason === null ? '' : `: ${reason}`}`

/** What a promotion stands on: no gate is said to have passed that was not asked, did not decide, or was accepted by a person. `cut`: before its time was over. */
export function passedSentence(
  { baseline, gates }: ReleasePlan,
  accepted: readonly Accepted[] = [],
  cut = false,
): string {
  const deciding = gates.filter((gate) => gate.decides)
  const taken = accepted.flatMap((one) => one.gates)
  const left = deciding.filter(({ name }) => !taken.includes(name))
  const parts = accepted.map(takenText)
  if (baseline === null) parts.unshift(gates.length > 0 ? 'it is ready and answered what it was asked' : 'it is ready')
  else if (deciding.length === 0) parts.unshift(cut ? 'no gate decided' : 'its time is over, and no gate decided')
  else if (left.length > 0) parts.unshift(`every ${taken.length > 0 ? 'other ' : ''}deciding gate passed`)
  return parts.join('; ')
}
