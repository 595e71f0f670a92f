import { formatShare } from '../kit/units.ts'
import type { GateKind, GateOf } from './kind.ts'

/** `min` of a quality gate of labels: the candidate alone against a share of its own (r = 0, delta = 1 - min). */
export const labelsMin: GateKind<GateOf<'labels-min'>> = {
  kind: 'labels-min',
  copies: false,
  steps: () => ['shadow', 'canary', 'swap', 'full'],
  counterSpec: () => null,
  needs: () => ({ answer: true, labels: true, set: null }),
  question: (gate, { candidate }) =>
    `Are fewer than ${formatShare(gate.min)} of ${candidate}'s answers right, by their labels?`,
  words: (gate) => ({
    rate: 'labelled answers that are right',
    good: true,
    detail: `at least ${formatShare(gate.min)}`,
    unit: 'requests',
  }),
}
