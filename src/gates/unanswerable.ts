/** What a plan cannot answer, and the line that would make it answerable. */
import type { GateConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import type { TrafficSeen } from '../evidence/traffic.ts'
import { formatCount, formatDuration, formatShare } from '../kit/units.ts'
import type { PlanGate, ReleasePlan } from '../plan/types.ts'
import { answers, gateKind } from './index.ts'
import { formatPoints } from './kind.ts'
import { linesFor, linesNeeded, mostPassed } from './lines.ts'

export interface Refusal {
  /** JSON pointer into slipway.yaml. */
  readonly pointer: string
  /** What, why, and the line that helps. */
  readonly message: string
}

/** GATE_UNANSWERABLE with all of them at once; returns where there is none. */
export function refuse(refusals: readonly Refusal[]): void {
  if (refusals.length === 0) return
  throw new SlipwayError('GATE_UNANSWERABLE', refusals.map((refusal) => refusal.message).join('; '), {
    where: refusals.map(({ pointer }) => ({ pointer })),
    next: ['slipway plan'],
  })
}

const SEND = '`slipway local load --set NAME --rate 20 --for 60s` sends some'

/** `written`: the gates of slipway.yaml, to say where each stands. Waived gates need no answer. */
export function unanswerable(
  plan: ReleasePlan,
  traffic: TrafficSeen | null,
  written: readonly GateConfig[],
): Refusal[] {
  const refusals: Refusal[] = []
  const placeOf = (name: string): string =>
    `/release/gates/${Math.max(
      0,
      written.findIndex((gate) => gate.name === name),
    )}`
  for (const gate of plan.gates) {
    if (gate.waived !== null || gate.kind === 'labels-min') continue
    const message = answerFault(plan, gate) ?? setFault(plan, gate) ?? stepFault(plan, gate) ?? labelsFault(plan, gate)
    if (message !== null) refusals.push({ pointer: placeOf(gate.name), message: `gate ${gate.name}: ${message}` })
  }
  const repeated = repeatedSet(plan)
  if (repeated !== null)
    refusals.push({
      pointer: placeOf(repeated),
      message: `gate ${repeated}: another gate asks its set already; one gate asks a set`,
    })
  if (plan.steps[0]!.kind === 'shadow' && plan.requests.length === 0)
    refusals.push({
      pointer: '/release/steps/0',
      message: 'shadow has nothing that may be sent twice; add `serving.requests: ["POST /path"]`',
    })
  const silent = plan.gates.filter((gate) => needsTraffic(plan, gate)).map((gate) => gate.name)
  if (silent.length > 0 && !((traffic?.requestsPerSecond ?? 0) > 0))
    refusals.push({
      pointer: '/release/gates',
      message: `${silent.join(', ')}: no request was seen, so none will be judged within ${formatDuration(plan.horizonMs)}; send traffic (${SEND}), or add \`--waive all --reason TEXT\``,
    })
  return refusals
}

const isSet = (gate: PlanGate): boolean => gateKind(gate.kind).needs(gate).set !== null
const needsTraffic = (plan: ReleasePlan, gate: PlanGate): boolean =>
  plan.baseline !== null && gate.decides && gate.kind !== 'labels-min' && !isSet(gate)

function answerFault({ answer }: ReleasePlan, gate: PlanGate): string | null {
  if (answer !== null || !gateKind(gate.kind).needs(gate).answer) return null
  return 'nothing says what to compare in an answer; add `serving.answer: /label`'
}

function setFault(plan: ReleasePlan, gate: PlanGate): string | null {
  if (gate.kind !== 'quality' || !('set' in gate.source) || !gate.decides) return null
  const { set: name } = gate.source
  const lines = plan.sets.find((set) => set.name === name)?.lines ?? 0
  const first = plan.baseline === null
  if (!first && gate.margin === 0)
    return 'a set that is answered equally well can never pass a margin of 0; write `margin: 2pp`'
  const needed = linesNeeded(first ? null : gate.margin, gate.min, plan.alpha)
  if (lines === 0 || lines >= needed) return null
  const few = `${name} has ${formatCount(lines)} lines, and fewer than ${formatCount(needed)} can never pass`
  const most = mostPassed(lines, plan.alpha)
  if (gate.min !== null && linesNeeded(null, gate.min, plan.alpha) > lines)
    return `${few} min ${formatShare(gate.min, 0)}; add lines, or write \`min: ${Math.floor(100 * most.min)}%\``
  const margin = `margin: ${Math.ceil(200 * most.margin) / 2}pp`
  return `${few} ${formatPoints(gate.margin)} (about ${formatCount(linesFor(gate.margin, plan.alpha))} pass in 80 % of cases); add lines, or write \`${margin}\``
}

/** Traffic gates that decide need a step before `full` that answers them; in a swap, what the baseline showed before. */
function stepFault(plan: ReleasePlan, gate: PlanGate): string | null {
  if (plan.baseline === null || isSet(gate)) return null
  if (plan.steps[0]!.kind === 'swap') {
    if (gate.kind === 'agreement') return 'copies are compared in shadow only, and a swap has none; leave the gate out'
    if (gate.kind === 'quality' && !plan.history[gate.name])
      return 'a swap asks only sets before users come, and how the baseline is labelled is not known; use `{set: NAME}`'
    return null
  }
  if (plan.steps.some((step) => step.kind !== 'full' && answers(step, gate))) return null
  const shadow = plan.steps.find((step) => step.kind === 'shadow')
  if (shadow)
    return `copies of both versions are compared, and none go to the baseline; write \`- shadow: {noise: 20%}\``
  return gate.kind === 'agreement'
    ? 'copies are compared in shadow only; add `- shadow: {}` as the first of `release.steps`'
    : 'no step before full can answer it; add `- canary: {weight: 5%}`'
}

function labelsFault(plan: ReleasePlan, gate: PlanGate): string | null {
  const { arriveMs } = plan.labels
  if (plan.baseline === null || !gateKind(gate.kind).needs(gate).labels || arriveMs < plan.horizonMs) return null
  return `labels may take ${formatDuration(arriveMs)}, and the verdict must stand after ${formatDuration(plan.horizonMs)}; write \`release.horizon: ${formatDuration(2 * arriveMs)}\``
}

function repeatedSet(plan: ReleasePlan): string | null {
  const seen = new Set<string>()
  for (const gate of plan.gates) {
    const { set } = gateKind(gate.kind).needs(gate)
    if (set !== null && seen.has(set)) return gate.name
    if (set !== null) seen.add(set)
  }
  return null
}
