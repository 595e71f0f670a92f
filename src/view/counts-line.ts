/** What one step brought a gate, as it was counted. */
import type { Counts } from '../evidence/types.ts'
import { formatCount } from '../kit/units.ts'

const n = (value: number): string => (Number.isInteger(value) ? formatCount(value) : value.toFixed(1))

/** `candidate 15 bad of 74, baseline 7 of 211`; for pairs what only one and both got wrong. */
export const countsLine = (counts: Counts): string =>
  counts.kind === 'pairs'
    ? `${n(counts.n)} pairs: only the candidate bad ${n(counts.x10)}, only the baseline ${n(counts.x01)}, both ${n(counts.x11)}`
    : `candidate ${n(counts.xc)} bad of ${n(counts.nc)}${counts.nb === 0 ? '' : `, baseline ${n(counts.xb)} of ${n(counts.nb)}`}`
