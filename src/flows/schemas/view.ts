/** A release as every view has it: the shape of record/types.ts, for programs. */
import * as z from 'zod/mini'
import { planSchema } from '../../plan/schema.ts'
import { cause, outcome, phase, status } from './ends.ts'
import { gate } from './gate.ts'
import { pair } from './pair.ts'
import { about, count, lineage, maybe, maybeMoment, moment, ms, rate, text, texts, yes } from './words.ts'

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
  status,
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
      candidateFailed: z.optional(count('Failed at the candidate.')),
      baseline: z.optional(count('Answered by the baseline.')),
      baselineFailed: z.optional(count('Failed at the baseline.')),
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
  answers: about(
    z.array(pair),
    'Whole answers of pairs, those that disagree first; empty without evaluation.keepAnswers.',
  ),
  quarantined: about(z.nullable(z.string()), 'Its digest where it is quarantined; else null.'),
}
