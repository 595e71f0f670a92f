/** Configuration, versions, sets and the traffic seen become a release plan; what it cannot answer is refused. */
import { defaultGates, defaultSteps } from '../config/defaults.ts'
import type { EnvironmentConfig, StepConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { FEW_KEYS, spanOf } from '../evidence/bursts.ts'
import { requestsOf } from '../evidence/sets.ts'
import type { TrafficSeen } from '../evidence/traffic.ts'
import { formatDuration, formatShare } from '../kit/units.ts'
import type { Digest } from '../model/types.ts'
import { saltOf } from '../plan/sticky.ts'
import type { PlanGate, PlanSet, PlanStep, ReleasePlan, RunSpec } from '../plan/types.ts'
import { FULL_PPM, PLAN_SCHEMA } from '../plan/types.ts'
import { type BurstSource, unknownBursts, withBursts } from './bursts.ts'
import { composeGates } from './compose-gates.ts'
import type { ComposeInput, Shape } from './compose-input.ts'
import { baselineRate, perSecond } from './expected.ts'
import { answers } from './index.ts'
import { autoPairs } from './stats/samples.ts'
import { refuse, unanswerable } from './unanswerable.ts'

/** Of the copies that also go to the baseline, where nothing is written. */
const NOISE = 0.2
const NOISE_ON_SHARED_CARD = 0.1
const KEEP_WARM_MS = 30 * 60_000
/** Bad answers or slow ones that are enough to know a quantile by. */
const FEW = 10

/**
 * The plan with every default filled in and every number resolved, and sentences for whoever reads it.
 * GATE_UNANSWERABLE with the lines that help for all gates that nothing in this plan can answer; CONFIG_INVALID for steps that
 * do not fit what serves; USAGE for a waiver of an unknown gate.
 */
export function composePlan(input: ComposeInput): { readonly plan: ReleasePlan; readonly warnings: readonly string[] } {
  const { environment, evaluation, candidate } = input
  const compared = input.noBaseline === null ? input.baseline : null
  const requests = requestsFor(input)
  const written = environment.release.gates ?? defaultGates(Object.keys(evaluation.sets), false)
  const shape = { ...input, compared, requests }
  const composed = composeGates(written, shape)
  const gates = withBursts(composed.gates, burstSource(shape))
  const steps = composeSteps(shape, gates)
  const used = new Set(gates.flatMap((g) => (g.kind === 'quality' && 'set' in g.source ? [g.source.set] : [])))
  const plan: ReleasePlan = {
    schema: PLAN_SCHEMA,
    model: input.model,
    environment: environment.name,
    candidate: { digest: candidate.version.digest, tag: candidate.tag },
    baseline: baselineOf(compared),
    noBaseline: input.noBaseline && { reason: input.noBaseline.reason, former: digestOf(input.baseline) },
    salt: saltOf(nameOf(compared), candidate.version.digest),
    sticky: environment.serving.sticky,
    requests,
    answer: candidate.version.serving.answer,
    run: runOf(environment),
    steps,
    gates,
    sets: [...used].map((name) => setOf(name, input.sets)),
    overlay: evaluation.request,
    labels: evaluation.labels,
    keepAnswers: evaluation.keepAnswers,
    horizonMs: environment.release.horizonMs,
    alpha: environment.release.alpha,
    holdMs: environment.release.holdMs,
    history: steps[0]!.kind === 'swap' ? historyOf(gates, input.traffic) : {},
  }
  refuse([...composed.refusals, ...unanswerable(plan, input.traffic, written)])
  return { plan, warnings: [...composed.warnings, ...warningsOf(plan, shape)] }
}

const burstSource = ({ environment, compared, traffic }: Shape): BurstSource => ({
  baseline: nameOf(compared),
  sticky: environment.serving.sticky,
  traffic,
  horizonMs: environment.release.horizonMs,
})

/** The version's own, else what the sets ask; empty: every POST, never copied. */
const requestsFor = ({ candidate, sets }: ComposeInput): readonly string[] => {
  const { requests } = candidate.version.serving
  if (requests.length > 0) return requests
  return [...new Set(Object.values(sets).flatMap((set) => requestsOf(set.lines)))]
}

const nameOf = (side: ComposeInput['baseline']): string =>
  side === null ? '' : 'url' in side ? side.url : side.version.digest
const digestOf = (side: ComposeInput['baseline']): Digest | null =>
  side === null || 'url' in side ? null : side.version.digest
const baselineOf = (side: ComposeInput['baseline']): ReleasePlan['baseline'] =>
  side === null ? null : 'url' in side ? { url: side.url } : { digest: side.version.digest, tag: side.tag }

const setOf = (name: string, sets: ComposeInput['sets']): PlanSet => {
  const set = sets[name]
  return { name, sha256: set?.sha256 ?? '', lines: set?.lines.length ?? 0 }
}

const runOf = ({ serving }: EnvironmentConfig): RunSpec => ({
  replicas: serving.replicas,
  memoryBytes: serving.resources.memoryBytes,
  cpu: serving.resources.cpu,
  gpu: serving.resources.gpu,
  readyTimeoutMs: serving.ready.timeoutMs,
  drainMs: serving.drainMs,
  port: serving.port,
})

function composeSteps(shape: Shape, gates: readonly PlanGate[]): PlanStep[] {
  const { environment, evaluation, compared, requests } = shape
  const written = environment.release.steps
  const chosen = written ?? defaultSteps(environment.serving, evaluation)
  if (compared === null) {
    const full = chosen.find((step) => step.kind === 'full')
    const keepWarmMs = shape.noBaseline && shape.baseline ? (full?.keepWarmMs ?? KEEP_WARM_MS) : 0
    return [{ kind: 'full', watchMs: 0, keepWarmMs, gates: [] }]
  }
  if (chosen.length === 1 && chosen[0]!.kind === 'full') refuseFullAlone()
  return chosen
    .filter((step) => step.kind !== 'shadow' || written !== null || requests.length > 0)
    .map((step) => resolved(step, shape, gates))
}

function resolved(step: StepConfig, shape: Shape, gates: readonly PlanGate[]): PlanStep {
  const named = () => gates.filter((gate) => answers(step as PlanStep, gate)).map((gate) => gate.name)
  switch (step.kind) {
    case 'shadow': {
      const noise = step.noise ?? (shape.shareCard ? NOISE_ON_SHARED_CARD : NOISE)
      const shadow = { kind: 'shadow', fraction: step.fraction, noise, forMs: step.forMs, pairs: {} } as const
      const pairs = gates
        .filter((gate) => answers(shadow, gate))
        .map((gate) => [gate.name, step.pairs === 'auto' ? pairsFor(gate, shadow, shape, gates) : step.pairs] as const)
      return { ...shadow, pairs: Object.fromEntries(pairs) }
    }
    case 'canary':
      return { kind: 'canary', weightPpm: Math.round(step.weight * FULL_PPM), forMs: step.forMs, gates: named() }
    case 'swap': {
      const history = historyOf(gates, shape.traffic)
      const watched = gates.filter((gate) => answers(step, gate) && (gate.ratio === 0 || history[gate.name]))
      return { ...step, gates: watched.map((gate) => gate.name) }
    }
    case 'full':
      return { ...step, gates: named() }
  }
}

/** Of a report without a limit: pairs that would show a difference of this size. */
const REPORTED = 0.05

/** `pairs: auto`; a `min` of labels asks for those of the gate that it belongs to. */
function pairsFor(gate: PlanGate, step: PlanStep, shape: Shape, gates: readonly PlanGate[]): number {
  const asked = (gate.kind === 'labels-min' && gates.find((g) => g.name === gate.of)) || gate
  const pairs = autoPairs({
    pb: baselineRate(asked, shape.traffic).rate,
    delta: asked.margin > 0 ? asked.margin : REPORTED,
    perSecond: perSecond(asked, step, shape.traffic),
    horizon: shape.environment.release.horizonMs / 1000,
    gates: Math.max(1, gates.filter((g) => g.decides).length),
    alpha: shape.environment.release.alpha,
    phi: asked.bursts?.phi ?? 1,
  })
  return Math.max(1, pairs)
}

function historyOf(gates: readonly PlanGate[], traffic: TrafficSeen | null): ReleasePlan['history'] {
  const known = gates
    .filter((gate) => gate.ratio === 1 && answers({ kind: 'swap' }, gate))
    .map((gate) => [gate.name, baselineRate(gate, traffic)] as const)
    .filter(([, { total }]) => total > 0)
  return Object.fromEntries(known.map(([name, { bad, total }]) => [name, { bad, total }]))
}

function refuseFullAlone(): never {
  throw new SlipwayError(
    'CONFIG_INVALID',
    'full alone is for a first release, and a version serves already; add a canary before it, `- canary: {weight: 5%}`',
    { where: [{ pointer: '/release/steps' }], next: ['slipway plan'] },
  )
}

function warningsOf(plan: ReleasePlan, shape: Shape): string[] {
  const warnings: string[] = []
  const { compared, traffic } = shape
  if (compared === null) return warnings
  if (plan.requests.length === 0)
    warnings.push(
      'there is no shadow step: nothing says which requests may be sent twice; add `serving.requests: ["POST /path"]`',
    )
  const shadow = plan.steps.find((step) => step.kind === 'shadow')
  if (shadow && shape.shareCard)
    warnings.push(
      `both versions share a card, so ${formatShare(shadow.noise, 0)} of the copies go to the baseline too: copies and users' requests share its time`,
    )
  if (!('url' in compared)) {
    const before = compared.version.serving.answer
    if (before !== null && plan.answer !== null && before !== plan.answer)
      warnings.push(
        `the answer pointer changes from ${before} to ${plan.answer}; both versions' answers are read at the new one`,
      )
  }
  if (plan.keepAnswers && !shadow)
    warnings.push('evaluation.keepAnswers keeps answers of pairs, and there is no shadow step: none will be kept')
  const byLabels = plan.gates.some((gate) => gate.kind === 'quality' && 'labels' in gate.source)
  if (byLabels && traffic && traffic.labelledShare === null)
    warnings.push('it is not known yet how many answers get a label; the forecast counts on all')
  if (byLabels && traffic?.labelledShare === 0) warnings.push('no answer of the last minutes has a label')
  if (!byLabels && (traffic?.labelledShare ?? 0) > 0)
    warnings.push('labels come, and nothing judges them; add `evaluation.labels: {arrive: 1m}`')
  const unknown = unknownBursts(plan.gates)
  if (unknown.length > 0)
    warnings.push(
      `it is not known yet how far the requests of one key hang together, so ${unknown.join(', ')} counts each for itself; wait for the traffic of ${FEW_KEYS} keys or more, over at least ${formatDuration(spanOf(plan.horizonMs) / 2)}`,
    )
  for (const gate of plan.gates) {
    if (gate.kind !== 'latency' || !gate.above.startsWith('p')) continue
    const { bad, total } = baselineRate(gate, traffic)
    if (bad < FEW && total < FEW / (1 - Number(gate.above.slice(1)) / 100))
      warnings.push(`the bound of ${gate.name}, ${gate.boundMs} ms, comes from ${total} answers only`)
  }
  return warnings
}
