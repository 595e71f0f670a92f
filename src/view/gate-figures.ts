/** A gate's numbers as the words that every view shows. */
import { gateKind } from '../gates/index.ts'
import type { Sides } from '../gates/kind.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import type { Bursts, PlanGate } from '../plan/types.ts'
import { evidence, NONE, shownRate, signed, spokenTime } from '../record/figures.ts'
import { points, stepName } from '../record/sentences.ts'
import type { GateView, ReleaseView } from '../record/types.ts'

const sidesOf = (view: Pick<ReleaseView, 'candidate' | 'baseline'>): Sides => ({
  candidate: view.candidate.name,
  baseline: view.baseline?.name ?? 'nothing',
})

/** One arm: its share, and how many answers it comes from. */
export interface ArmFigures {
  readonly rate: string
  readonly count: string
}
export interface GateFigures {
  readonly name: string
  readonly baseline: ArmFigures
  readonly candidate: ArmFigures
  /** "Worse by", without unit: `+8.3`. */
  readonly difference: string
  /** `+6.3 to +10.3 pp`, the 95 % interval of the difference. */
  readonly interval: string
  /** `+5 pp`; in the watch the frozen bound; for `min` the share asked for. */
  readonly allowed: string
  /** Evidence to fail, and to pass. */
  readonly fail: string
  readonly pass: string
  readonly bar: string
  readonly verdict: string
}

/** Of whom nothing can be said. */
const NOTHING: ArmFigures = { rate: NONE, count: '' }

/** `pass`, `fail`, `doubt`, `inconclusive`, `no evidence`, `error`, `report`, `waived (would be pass)`. */
export function verdictWord({ plan, numbers }: GateView): string {
  const none = numbers.candidateN === 0 && numbers.verdict === 'inconclusive'
  const word = none ? 'no evidence' : numbers.verdict
  if (plan.waived !== null) return `waived (would be ${word})`
  return plan.decides ? word : 'report'
}

function allowedOf({ plan, numbers }: GateView): string {
  if (numbers.bound !== null) return `to ${shownRate(plan, numbers.bound)}`
  if (plan.kind === 'labels-min') return `from ${shownRate(plan, plan.margin)}`
  if (plan.kind === 'agreement' && !plan.decides) return NONE
  return `+${points(plan.margin)}`
}

export function gateFigures(gate: GateView): GateFigures {
  const { plan, numbers } = gate
  const { difference, low, high } = numbers
  const compared = difference !== null && plan.ratio === 1 && numbers.baselineRate !== null
  const arm = (rate: number | null, n: number): ArmFigures =>
    rate === null ? NOTHING : { rate: shownRate(plan, rate), count: formatCount(n) }
  return {
    name: plan.name,
    baseline: arm(numbers.baselineRate, numbers.baselineN),
    candidate: arm(numbers.candidateRate, numbers.candidateN),
    difference: compared ? signed(difference) : NONE,
    interval: compared && low !== null && high !== null ? `${signed(low)} to ${signed(high)} pp` : NONE,
    allowed: allowedOf(gate),
    fail: evidence(numbers.eFail),
    pass: evidence(numbers.ePass),
    bar: formatCount(numbers.bar),
    verdict: verdictWord(gate),
  }
}

/** What phi is, where it comes from, and what it does. */
export const burstsWords = ({ phi, over, n, rough }: Bursts): string =>
  n === 0
    ? 'it was not known before the start how far the requests of one key hang together, so each counts for itself (phi 1)'
    : rough
      ? `how far the requests of one key hang together is estimated from few keys or a short time before the start (${formatCount(n)} keys): phi ${phi.toFixed(2)}; all evidence counts by 1/phi`
      : `bad answers came in bursts: phi ${phi.toFixed(2)}, variance over mean of ${formatCount(n)} ${over === 'keys' ? 'keys' : 'batches of 2 min'} before the start; all evidence counts by 1/phi`

/** What a set asks of a version that is compared with nothing; null: the gate compares. */
export function questionAlone(gate: PlanGate, candidate: string): string | null {
  if (gate.kind !== 'quality' || !('set' in gate.source)) return null
  const { set } = gate.source
  return gate.min === null
    ? `Does ${candidate} answer every line of ${set}?`
    : `Does ${candidate} answer at least ${formatShare(gate.min)} of ${set} right?`
}

/** The sentence of a gate's question. */
export function questionOf(view: ReleaseView, { plan }: GateView): string {
  const alone = view.baseline === null ? questionAlone(plan, view.candidate.name) : null
  return alone ?? gateKind(plan.kind).question(plan, sidesOf(view))
}

/** When a verdict fell: `after 21.5 s, in canary 25 %`; null: it has not. */
export function decidedWhen(view: ReleaseView, gate: GateView): string | null {
  if (gate.decidedAt === null) return null
  const step = gate.decidedIn === null || gate.decidedIn < 0 ? 'the sets' : stepName(view.plan.steps[gate.decidedIn])
  return `after ${spokenTime(gate.decidedAt - view.startedAt)}, in ${step}`
}

/** How far the interval's upper end reaches into the margin: gates are sorted by it, worst first. */
function strain({ plan, numbers }: GateView): number {
  const far = numbers.high === null || plan.margin <= 0 ? Number.NEGATIVE_INFINITY : numbers.high / plan.margin
  return numbers.verdict === 'fail' ? far + 1e6 : far
}

/** The blamed gate first, then worst first; gates that do not decide last. */
export function worstFirst(view: Pick<ReleaseView, 'gates' | 'cause'>): GateView[] {
  const blamed = view.cause?.kind === 'gate' ? view.cause.gate : null
  const rank = (gate: GateView) => (gate.plan.name === blamed ? 1e9 : strain(gate) - (gate.plan.decides ? 0 : 1e7))
  return [...view.gates].sort((a, b) => rank(b) - rank(a) || (a.plan.name < b.plan.name ? -1 : 1))
}
