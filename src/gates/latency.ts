import { formatPoints, type GateKind, type GateOf } from './kind.ts'

const what = (gate: GateOf<'latency'>): string => (gate.of === 'total' ? 'answers' : 'first bytes')

/** Share of requests slower than a bound of the grid that was chosen before the start. */
export const latency: GateKind<GateOf<'latency'>> = {
  kind: 'latency',
  copies: true,
  steps: () => ['shadow', 'canary', 'swap', 'full'],
  counterSpec: (gate) => ({ gate: gate.name, kind: 'latency', of: gate.of, boundMs: gate.boundMs }),
  needs: () => ({ answer: false, labels: false, set: null }),
  question: (gate, { candidate, baseline }) =>
    `Is ${candidate} slower than ${baseline}: do more of its ${what(gate)} take over ${gate.boundMs} ms, by more than ${formatPoints(gate.margin)}?`,
  words: (gate) => ({
    rate: `${what(gate)} above ${gate.boundMs} ms`,
    good: false,
    detail: `share above ${gate.boundMs} ms${/^p\d/.test(gate.above) ? ` (the baseline's ${gate.above})` : ` (${gate.above})`}`,
    unit: 'requests',
  }),
}
