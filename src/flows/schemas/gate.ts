/** A gate as every view has it. */
import * as z from 'zod/mini'
import { planSchema } from '../../plan/schema.ts'
import { about, maybe, maybeMoment, rate, text } from './words.ts'

const arms = { nc: z.number(), xc: z.number(), nb: z.number(), xb: z.number(), xw: z.optional(z.number()) }
const pairs = { x10: z.number(), x01: z.number(), x11: z.number(), n: z.number(), xw: z.optional(z.number()) }
const counted = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('arms'), ...arms }),
  z.strictObject({ kind: z.literal('pairs'), ...pairs }),
])
const numbers = z.strictObject({
  gate: text('Name of the gate.'),
  verdict: z.enum(['pass', 'fail', 'doubt', 'inconclusive', 'error']),
  baselineRate: rate('Bad share of the baseline'),
  candidateRate: rate('Bad share of the candidate'),
  baselineN: about(z.number(), 'Answers of the baseline.'),
  candidateN: about(z.number(), 'Answers of the candidate.'),
  pairs: about(z.number(), 'Pairs of answers to one request.'),
  low: rate('Lower end of the 95 % interval of the difference; decides nothing'),
  high: rate('Its upper end'),
  difference: rate('How much worse the candidate is'),
  worst: z.optional(
    about(
      z.nullable(z.strictObject({ step: z.int(), difference: z.number() })),
      'The step whose own evidence speaks most against the candidate, and the difference there; -1: a set.',
    ),
  ),
  upper: z.optional(rate('Upper 97.5 % bound of the difference, by the test that is made once, at the horizon')),
  margin: about(z.number(), 'How much worse it may be.'),
  eFail: about(z.nullable(z.number()), 'Evidence that it is worse; null: beyond what a number can hold.'),
  ePass: about(z.nullable(z.number()), 'Evidence that it is not; null: beyond what a number can hold.'),
  bar: about(z.number(), 'Evidence that decides.'),
  bound: about(z.nullable(z.number()), 'Share that is allowed in the watch; null: not in the watch.'),
  error: maybe('Why the last look brought no evidence; null: it did.'),
  more: about(z.nullable(z.number()), 'About how many more until it passes; null: never, or it has.'),
})
const example = z.strictObject({
  id: text('Id of the line, or of the request.'),
  expect: z.optional(z.unknown()),
  baseline: z.optional(z.unknown()),
  candidate: z.optional(z.unknown()),
})
export const gate = z.strictObject({
  plan: planSchema.shape.gates.def.element,
  numbers,
  decidedAt: maybeMoment('When the verdict fell'),
  decidedIn: about(z.nullable(z.int()), 'Index of the step it fell in; -1: the sets; null: not yet.'),
  steps: about(z.array(z.strictObject({ step: z.int(), counts: counted })), 'What was counted, by step; -1: the sets.'),
  wouldChange: maybe('What would change it; null: nothing has to.'),
  newlyWrong: about(z.array(example), 'Lines, or labelled requests, that the baseline answered better.'),
  newlyRight: about(z.array(example), 'Lines, or labelled requests, that it answers better than the baseline.'),
  late: z.optional(
    about(
      z.strictObject({
        labels: about(z.number(), 'How many came.'),
        atLeast: about(z.boolean(), 'Only the newest were looked at.'),
        candidate: rate('Bad share of the candidate by them'),
        baseline: rate('Bad share of the baseline by them'),
      }),
      'Labels that came after the end; they change no verdict.',
    ),
  ),
})
