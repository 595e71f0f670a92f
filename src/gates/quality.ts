import { formatPoints, type GateKind, type GateOf } from './kind.ts'

/** Answers compared with what was expected: an evaluation set before users come, or labels that come later. */
export const quality: GateKind<GateOf<'quality'>> = {
  kind: 'quality',
  copies: false,
  steps: ({ source }) => ('set' in source ? [] : ['shadow', 'canary', 'swap', 'full']),
  counterSpec: () => null,
  needs: ({ source }) => ({
    answer: true,
    labels: 'labels' in source,
    set: 'set' in source ? source.set : null,
  }),
  question: (gate, { candidate, baseline }) =>
    'set' in gate.source
      ? `Does ${candidate} answer the set ${gate.source.set} worse than ${baseline}, by more than ${formatPoints(gate.margin)}?`
      : `Are ${candidate}'s answers wrong more often than ${baseline}'s, by their labels, by more than ${formatPoints(gate.margin)}?`,
  words: ({ source }) => ({
    rate: 'set' in source ? `lines of ${source.set} answered right` : 'labelled answers that are right',
    good: true,
    detail: null,
    unit: 'set' in source ? 'lines' : 'requests',
  }),
}
