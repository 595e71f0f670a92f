/** Figures as people read them, with their units. A figure that is missing is `-`, never 0. Pure. */
import { gateKind } from '../gates/index.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import type { PlanGate } from '../plan/types.ts'

/** U+2212; views of screens without it turn it into a hyphen. */
const MINUS = '\u2212'
export const NONE = '-'

/** How long something took or takes: `0.18 s`, `21.5 s`, `3 min 10 s`, `2 h 5 min`, `1 d 3 h`. */
export function spokenTime(ms: number): string {
  const s = Math.max(0, ms) / 1000
  if (s === 0) return '0 s'
  if (s < 1) return `${s.toFixed(2)} s`
  if (s < 59.95) return `${Number(s.toFixed(1))} s`
  const units: readonly [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  const at = units.findIndex(([size]) => Math.round(s) >= size)
  const [size, unit] = units[at]!
  const [smaller, name] = units[at + 1]!
  const whole = Math.round(s / smaller) * smaller
  const rest = Math.round((whole % size) / smaller)
  return `${Math.floor(whole / size)} ${unit}${rest > 0 ? ` ${rest} ${name}` : ''}`
}

/** The same in whole seconds, rounded up: what is still to come. */
export const timeLeft = (ms: number): string => spokenTime(Math.max(1000, Math.ceil(ms / 1000) * 1000))

/** `0:17`, `1:02:03` */
export function span(ms: number): string {
  const s = Math.floor(Math.max(0, ms) / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(s / 3600)
  const m = Math.floor(s / 60) % 60
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`
}

/** True where views show the good share of a gate. */
export const showsGood = (gate: PlanGate): boolean => gateKind(gate.kind).words(gate).good

/** The share of a gate's rate that views show, in per cent: errors to hundredths, others to tenths. */
export function shownRate(gate: PlanGate, rate: number | null): string {
  if (rate === null) return NONE
  return formatShare(showsGood(gate) ? 1 - rate : rate, gate.kind === 'errors' ? 2 : 1)
}

const tenths = (difference: number): number => Math.round(difference * 1000) / 10

/** A difference of shares as "worse by": `+8.3`, `−0.7`, `0.0`; percentage points without their unit. */
export function signed(difference: number): string {
  const value = tenths(difference)
  return `${value > 0 ? '+' : value < 0 ? MINUS : ''}${Math.abs(value).toFixed(1)}`
}

/** `over 1,000`, `175.5`, `0.44`, `under 0.01`: an e-value. */
export function evidence(value: number): string {
  if (value > 1000) return 'over 1,000'
  if (value < 0.01) return 'under 0.01'
  return value >= 100 ? formatCount(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
