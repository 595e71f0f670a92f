/** What a gate may expect of the traffic seen: the baseline's bad rate, and how much evidence each step brings a second. */
import type { TrafficSeen } from '../evidence/traffic.ts'
import { bucketOf, shareAbove } from '../kit/grid.ts'
import type { PlanGate, PlanStep } from '../plan/types.ts'
import { answers, gateKind } from './index.ts'

/** Bad rate of the baseline; `total` 0: nothing is known, and `rate` is assumed. */
export interface BaselineRate {
  readonly rate: number
  readonly bad: number
  readonly total: number
}

/** Where nothing is known: nine of ten answers are right, one of twenty repeated requests is answered differently. */
const ASSUMED = { errors: 0.01, latency: 0.05, quality: 0.1, 'labels-min': 0.1, agreement: 0.05 } as const

export function baselineRate(gate: PlanGate, traffic: TrafficSeen | null): BaselineRate {
  const { bad, total } = seen(gate, traffic)
  return total > 0 ? { rate: bad / total, bad, total } : { rate: ASSUMED[gate.kind], bad: 0, total: 0 }
}

function seen(gate: PlanGate, traffic: TrafficSeen | null): { bad: number; total: number } {
  const nothing = { bad: 0, total: 0 }
  if (traffic === null) return nothing
  switch (gate.kind) {
    case 'errors': {
      // A 4xx counts only beside the other version's answer, so what was seen before says nothing of it.
      const bad = gate.bad.reduce((sum, code) => (code === '4xx' ? sum : sum + (traffic.codes[code] ?? 0)), 0)
      return { bad, total: traffic.requests }
    }
    case 'latency': {
      const buckets = gate.of === 'total' ? traffic.totalBuckets : traffic.firstByteBuckets
      const total = buckets.reduce((sum, n) => sum + n, 0)
      return total === 0 ? nothing : { bad: Math.round(total * shareAbove(buckets, bucketOf(gate.boundMs))), total }
    }
    case 'labels-min':
      return traffic.judged[gate.of] ?? nothing
    default:
      return traffic.judged[gate.name] ?? nothing
  }
}

/** The share of answers that a gate can judge: those with a label, where it needs one. Unknown counts as all. */
const judgedShare = (gate: PlanGate, traffic: TrafficSeen): number =>
  gateKind(gate.kind).needs(gate).labels ? (traffic.labelledShare ?? 1) : 1

/** Pairs (shadow) or candidate requests (canary) a second that a step brings to a gate; 0 where it cannot answer it. */
export function perSecond(gate: PlanGate, step: PlanStep, traffic: TrafficSeen | null): number {
  if (traffic === null || !answers(step, gate)) return 0
  const requests = traffic.requestsPerSecond * judgedShare(gate, traffic)
  switch (step.kind) {
    case 'shadow':
      return requests * step.fraction * (gateKind(gate.kind).copies ? step.noise : 1)
    case 'canary':
      return (requests * step.weightPpm) / 1_000_000
    default:
      return requests
  }
}
