/** phi of the rule for each gate of a plan, from what was seen before the start (reference: "Bursts"). */
import {
  batchesOf,
  type Dispersion,
  keysAbove,
  keysOfClasses,
  keysOfScores,
  overSpan,
  spanOf,
} from '../evidence/bursts.ts'
import type { LabelledKeys, TrafficSeen } from '../evidence/traffic.ts'
import type { Bursts, PlanGate, Sticky } from '../plan/types.ts'

/** What phi is reckoned with: who is compared with, and whether its requests have keys. */
export interface BurstSource {
  readonly baseline: string
  readonly sticky: Sticky | null
  readonly traffic: TrafficSeen | null
  readonly horizonMs: number
}

/**
 * How a gate's bad answers hang together: over keys where requests have them, else over batches of the last hour, which tells
 * only of errors (a common load cancels between the versions). null: nothing is known. Sets and copies know no bursts.
 */
function dispersionOf(gate: PlanGate, { baseline, sticky, traffic, horizonMs }: BurstSource): Dispersion | null {
  const together = traffic?.together
  if (!together) return null
  // Between arms of keys, and before an hour that nobody was compared in, a 4xx is nobody's.
  const bad = gate.kind === 'errors' ? gate.bad.filter((code) => code !== '4xx') : []
  if (sticky === null) return gate.kind === 'errors' ? batchesOf(together.minutes, baseline, bad) : null
  const { keys, labelled } = together
  const span = spanOf(horizonMs)
  const byLabels = ({ ms, scores }: LabelledKeys = NONE) => overSpan(keysOfScores(scores), ms, span)
  switch (gate.kind) {
    case 'errors':
      return keys && overSpan(keysOfClasses(keys, bad), keys.ms, span)
    case 'latency':
      return keys && overSpan(keysAbove(keys, gate.of, gate.boundMs), keys.ms, span)
    case 'labels-min':
      return byLabels(labelled[gate.of])
    case 'quality':
      return 'labels' in gate.source ? byLabels(labelled[gate.name]) : null
    default:
      return null
  }
}

const NONE: LabelledKeys = { ms: 0, scores: [] }
/** What a plan holds of a gate of which phi is taken for 1 because nothing is known. */
const UNKNOWN: Bursts = { phi: 1, over: 'keys', n: 0 }

/** Is a gate asked of arms of keys? Sets and copies are not. */
const byKeys = (gate: PlanGate, { sticky, baseline }: BurstSource): boolean =>
  sticky !== null && baseline !== '' && gate.kind !== 'agreement' && !(gate.kind === 'quality' && 'set' in gate.source)

/** Bursts of a gate as its plan holds them; null: phi is 1. */
function burstsOf(gate: PlanGate, source: BurstSource): Bursts | null {
  const found = dispersionOf(gate, source)
  if (!found) return byKeys(gate, source) ? UNKNOWN : null
  if (found.phi <= 1 && !found.rough) return null
  const over = source.sticky === null ? 'batches' : 'keys'
  return { phi: Number(found.phi.toPrecision(6)), over, n: found.n, ...(found.rough && { rough: true }) }
}

export const withBursts = (gates: readonly PlanGate[], source: BurstSource): PlanGate[] =>
  gates.map((gate) => {
    const bursts = burstsOf(gate, source)
    return bursts === null ? gate : { ...gate, bursts }
  })

/** Gates of arms of keys of which it is not known how a key's requests hang together: their phi is taken for 1. */
export const unknownBursts = (gates: readonly PlanGate[]): string[] =>
  gates.filter(({ kind, bursts }) => kind !== 'labels-min' && bursts?.n === 0).map(({ name }) => name)
