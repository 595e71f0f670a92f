import { formatPoints, type GateKind, type GateOf } from './kind.ts'

/** How often the two versions answer the same request differently, beyond how often the baseline differs from itself. */
export const agreement: GateKind<GateOf<'agreement'>> = {
  kind: 'agreement',
  copies: true,
  steps: () => ['shadow'],
  counterSpec: () => null,
  needs: () => ({ answer: true, labels: false, set: null }),
  question: (gate, { candidate, baseline }) =>
    gate.margin > 0
      ? `Does ${candidate} answer differently from ${baseline}, by more than ${formatPoints(gate.margin)} beyond how ${baseline} differs from itself?`
      : `How often does ${candidate} answer differently from ${baseline}?`,
  words: () => ({ rate: 'copies answered differently', good: false, detail: null, unit: 'copies' }),
}
