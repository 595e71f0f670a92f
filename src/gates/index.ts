/** The registry of gate kinds: one file and one line each. */
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'
import type { PlanGate, PlanStep } from '../plan/types.ts'
import { agreement } from './agreement.ts'
import { errors } from './errors.ts'
import type { GateKind } from './kind.ts'
import { labelsMin } from './labels-min.ts'
import { latency } from './latency.ts'
import { quality } from './quality.ts'

const KINDS = {
  errors,
  latency,
  quality,
  'labels-min': labelsMin,
  agreement,
} as const satisfies { readonly [K in PlanGate['kind']]: GateKind<Extract<PlanGate, { kind: K }>> }

/** Kinds that slipway.yaml may name; `labels-min` comes from `min` of a quality gate. */
const GATE_KINDS: readonly string[] = Object.keys(KINDS).filter((kind) => kind !== 'labels-min')

/** What a kind of gate says of itself; CONFIG_INVALID naming the known kinds where it is none of them. */
export function gateKind(kind: string): GateKind {
  if (Object.hasOwn(KINDS, kind)) return KINDS[kind as PlanGate['kind']] as GateKind
  throw new SlipwayError(
    'CONFIG_INVALID',
    `unknown kind of gate ${visible(kind)}; known are ${GATE_KINDS.join(', ')}`,
    { next: ['slipway validate'] },
  )
}

/** Whether a step of a plan brings evidence for a gate. Copies of both versions exist only in a shadow with noise. */
export function answers(step: Pick<PlanStep, 'kind'> & { readonly noise?: number }, gate: PlanGate): boolean {
  const kind = gateKind(gate.kind)
  if (!kind.steps(gate).includes(step.kind)) return false
  return step.kind !== 'shadow' || !kind.copies || (step.noise ?? 0) > 0
}
