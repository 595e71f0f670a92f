/** How much evidence of one step a gate needs. */
import type { PlanGate, PlanStep } from '../plan/types.ts'
import { normalQuantile } from './stats/normal.ts'
import { type Ask, armsNeeded, discordant, onceNeeded, pairsNeeded } from './stats/samples.ts'

/** Candidate answers or pairs, if all came from this step, with 80 % probability: at any look, and at the horizon. */
export interface Need {
  readonly anyTime: number
  readonly once: number
}
const POWER = 0.8
const NEVER: Need = { anyTime: Number.POSITIVE_INFINITY, once: Number.POSITIVE_INFINITY }
/** A bad rate of 1 leaves no variance to reckon with. */
const MOST_RATE = 0.999

/** Evidence that comes in bursts counts phi times less. */
const burst = ({ anyTime, once }: Need, { bursts }: PlanGate): Need => {
  const phi = bursts?.phi ?? 1
  return { anyTime: phi * anyTime, once: phi * once }
}

/**
 * To pass where the candidate's bad rate equals the baseline's `rate`; to fail where it is worse by twice the margin. Infinity:
 * never. `gates`: how many decide in the release.
 */
export function needOf(
  gate: PlanGate,
  step: PlanStep,
  side: 'pass' | 'fail',
  rate: number,
  { alpha, gates }: { readonly alpha: number; readonly gates: number },
): Need {
  const delta = gate.margin
  const ask: Ask = { side, delta, power: POWER, alpha, gates }
  const worse = side === 'fail' ? 2 * delta : 0
  if (gate.ratio === 0) {
    // Against a share of its own: no baseline, so any weight does.
    const pc = Math.min(MOST_RATE, side === 'fail' ? 2 * delta : rate)
    if (side === 'pass' && pc >= delta) return NEVER
    const rates = { pc, pb: 0, w: 0.5, r: 0 }
    return burst({ anyTime: armsNeeded(ask, rates), once: onceNeeded(ask, rates) }, gate)
  }
  if (step.kind === 'shadow') {
    const { p10, p01 } = discordant(rate, worse)
    return burst({ anyTime: pairsNeeded(ask, p10, p01), once: oncePairs(ask, p10, p01) }, gate)
  }
  if (step.kind !== 'canary') return NEVER
  const rates = { pc: Math.min(MOST_RATE, rate + worse), pb: rate, w: step.weightPpm / 1_000_000, r: 1 }
  return burst({ anyTime: armsNeeded(ask, rates), once: onceNeeded(ask, rates) }, gate)
}

/** Pairs for which the once-only test decides, from the variance at the margin (Tango 1998) and the true one. */
export function oncePairs(
  { side, delta, power = POWER, alpha = 0.05, gates = 1 }: Ask,
  p10: number,
  p01: number,
): number {
  const difference = p10 - p01
  const distance = Math.abs(difference - delta)
  if (distance === 0) return Number.POSITIVE_INFINITY
  const B = (2 - difference) * delta - p10 - p01
  const q = Math.max(0, (Math.sqrt(Math.max(0, B * B + 8 * p01 * delta * (1 - delta))) - B) / 4)
  const atMargin = 2 * q + delta * (1 - delta)
  const z = normalQuantile(1 - alpha / (2 * (side === 'fail' ? gates : 1)))
  const spread = Math.sqrt(Math.max(0, p10 + p01 - difference * difference))
  return ((z * Math.sqrt(atMargin) + normalQuantile(power) * spread) / distance) ** 2
}
