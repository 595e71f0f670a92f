import { formatPoints, type GateKind, type GateOf } from './kind.ts'

/** Share of answers that the list in `bad` calls bad. */
export const errors: GateKind<GateOf<'errors'>> = {
  kind: 'errors',
  copies: false,
  steps: () => ['shadow', 'canary', 'swap', 'full'],
  counterSpec: (gate) => ({ gate: gate.name, kind: 'errors', bad: gate.bad, except: gate.except }),
  needs: () => ({ answer: false, labels: false, set: null }),
  question: (gate, { candidate, baseline }) =>
    `Does ${candidate} fail more requests than ${baseline}, by more than ${formatPoints(gate.margin)}?`,
  words: () => ({ rate: 'failed requests', good: false, detail: null, unit: 'requests' }),
}
