/** A release as every view has it: the shape of record/types.ts, for programs. */
import * as z from 'zod/mini'
import { planSchema } from '../../plan/schema.ts'
import { about, count, lineage, maybe, maybeMoment, moment, ms, text, texts, yes } from './words.ts'

const rate = (description: string) => about(z.nullable(z.number()), `${description}; null: too little was seen.`)

export const outcome = z.enum(['promoted', 'rolled-back', 'aborted', 'inconclusive'])
const phase = z.enum(['start', 'sets', 'steps', 'swap', 'watch', 'end', 'keep-warm', 'drain', 'over'])
const cause = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['passed', 'cut-short', 'hold-ended']) }),
  z.strictObject({
    kind: z.literal('gate'),
    gate: text('The gate that failed.'),
    where: z.enum(['sets', 'shadow', 'canary', 'swap', 'watch']),
  }),
  z.strictObject({ kind: z.literal('version'), code: text('Error code.'), why: text('What it did.') }),
  z.strictObject({
    kind: z.literal('person'),
    by: text('Who.'),
    reason: maybe('Why; null: not said.'),
    verb: z.enum(['abort', 'rollback', 'replace']),
  }),
  z.strictObject({ kind: z.literal('undecided'), gates: texts('Gates that could not decide.') }),
])

const nc = { nc: z.number(), xc: z.number(), nb: z.number(), xb: z.number(), xw: z.optional(z.number()) }
const pairs = { x10: z.number(), x01: z.number(), x11: z.number(), n: z.number(), xw: z.optional(z.number()) }
const counted = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('arms'), ...nc }),
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
  id: text('Id of the line.'),
  expect: z.optional(z.unknown()),
  baseline: z.optional(z.unknown()),
  candidate: z.optional(z.unknown()),
})
const gate = z.strictObject({
  plan: planSchema.shape.gates.def.element,
  numbers,
  decidedAt: maybeMoment('When the verdict fell'),
  decidedIn: about(z.nullable(z.int()), 'Index of the step it fell in; -1: the sets; null: not yet.'),
  steps: about(z.array(z.strictObject({ step: z.int(), counts: counted })), 'What was counted, by step; -1: the sets.'),
  wouldChange: maybe('What would change it; null: nothing has to.'),
  newlyWrong: about(z.array(example), 'Lines that the baseline answered better.'),
  newlyRight: about(z.array(example), 'Lines that it answers better than the baseline.'),
})

export const note = z.strictObject({
  at: moment('When'),
  what: about(
    z.enum([
      ...(['step', 'verdict', 'held', 'paused', 'resumed', 'advanced', 'accepted', 'fault', 'weight'] as const),
      ...(['taken-back', 'promoted', 'started', 'host', 'person', 'server', 'concluded', 'label'] as const),
      'data-plane',
    ]),
    'What kind of event.',
  ),
  text: text('In words.'),
})
const version = z.strictObject({
  name: text('Tag, short digest, or the address of an outside baseline.'),
  digest: text('Digest or address.'),
  lineage,
  parameters: about(z.nullable(z.number()), 'Parameters; null: not known.'),
  bytes: about(z.nullable(z.number()), 'Bytes; null: not known.'),
})
const strip = z.strictObject({
  at: moment('When'),
  baseline: rate('Bad share of the baseline'),
  baselineLow: rate('Lower end of its ribbon'),
  baselineHigh: rate('Upper end of its ribbon'),
  candidate: rate('Bad share of the candidate'),
  candidateLow: rate('Lower end of its ribbon'),
  candidateHigh: rate('Upper end of its ribbon'),
  limit: rate('Share that is allowed'),
  doubt: yes('Fail evidence stands at 2 or more.'),
})
const point = z.strictObject({
  at: moment('When'),
  clockMs: ms('Release time'),
  still: yes('Release time stood still.'),
  weightPpm: count("The candidate's weight, of a million."),
  mirroring: yes('Copies go to the candidate.'),
  phase,
  step: about(z.int(), 'Index of the step; -1 before the first.'),
  requestsPerSecond: about(z.number(), 'Judged requests a second.'),
  gates: z.record(z.string(), strip),
})

export const view = {
  release: text('The release.'),
  model: text('The model.'),
  environment: text('The environment.'),
  planHash: text('Hash of the plan.'),
  plan: about(planSchema, 'The plan, as `slipway schema plan` has it.'),
  startedBy: text('Who started it.'),
  startedAt: moment('When it began'),
  endedAt: maybeMoment('When it was concluded'),
  now: moment('When this was written'),
  status: z.enum(['running', 'paused', 'held', 'concluded']),
  phase,
  swap: z.nullable(
    z.enum([
      ...(['holding', 'old-stopped', 'new-starting', 'asked', 'open'] as const),
      ...(['back-holding', 'back-stopped', 'back-starting'] as const),
    ]),
  ),
  step: about(z.int(), 'Index of the step; -1 before the first.'),
  stepElapsedMs: ms('Release time in this step'),
  stepForMs: ms('Its minimum'),
  clockMs: ms('Release time'),
  timeStands: maybe('Why release time stands still; null: it runs.'),
  outcome: about(z.nullable(outcome), 'null: not concluded.'),
  cause: about(z.nullable(cause), 'Why it ended; null: not yet.'),
  exit: about(z.nullable(z.int()), 'Exit of those that wait for it; null: not yet.'),
  code: maybe('Error code of a bad end; null: none.'),
  candidate: about(version, 'The version under test.'),
  baseline: about(z.nullable(version), 'The version that it is compared with; null: none.'),
  weightPpm: count("The candidate's weight, of a million."),
  measuredShare: rate("The candidate's measured share"),
  requestsPerSecond: about(z.number(), 'Judged requests a second.'),
  requests: about(
    z.strictObject({
      total: count('All.'),
      candidate: count('Answered by the candidate.'),
      failed: count('Failed at the data plane.'),
    }),
    "Users' requests during the release.",
  ),
  gates: z.array(gate),
  notes: about(z.array(note), 'What happened, oldest first.'),
  timeline: about(z.array(point), 'The release in samples; thinned when it is long.'),
  changes: about(
    z.array(z.strictObject({ what: z.string(), baseline: z.string(), candidate: z.string() })),
    'What differs between the versions.',
  ),
  affected: text('Who was affected.'),
  nowSentence: text('What is so now.'),
  asked: maybe('What is asked of a person; null: nothing.'),
  commands: texts('What to type next.'),
  nextSentence: maybe('What comes next; null: nothing.'),
  takebackMs: about(z.nullable(z.number()), 'From the verdict to all users on the baseline, ms; null: not taken back.'),
  unjudged: maybe('What was not judged or waived; null: all was judged.'),
  heldUntil: maybeMoment('When holding ends'),
  quarantined: about(z.nullable(z.string()), 'Its digest where it is quarantined; else null.'),
}
