/** What `plan`, `label add` and `local prune` print with --json. */
import * as z from 'zod/mini'
import { outputOf } from '../../config/json-schema.ts'
import { planSchema } from '../../plan/schema.ts'
import { about, count, maybe, ms, share, text, texts, undo, yes } from './words.ts'

const reach = z.nullable(
  z.strictObject({
    count: about(z.number(), 'Requests, copies or lines of the candidate.'),
    minutes: about(z.nullable(z.number()), 'Minutes of release time; null: at no time.'),
  }),
)
const forecast = z.strictObject({
  gates: z.array(
    z.strictObject({
      gate: text('Name of the gate.'),
      decides: yes('False: a report, or waived.'),
      unit: about(z.enum(['requests', 'lines', 'copies']), 'What is counted.'),
      rate: share('Bad share of the baseline that is counted with.'),
      known: yes('True: it was seen; false: it is assumed.'),
      toPass: about(reach, 'With 80 % probability, where the candidate is equal; null: never.'),
      toFail: about(reach, 'Likewise, where it is worse by twice the margin; null: never.'),
      suffices: yes('A pass is likely within the horizon.'),
    }),
  ),
  requestsPerSecond: about(z.number(), 'Judged requests a second, as seen.'),
  rateSeconds: z.optional(about(z.number(), 'Of how many seconds of requests that is.')),
  horizonMs: ms('When the verdict must stand'),
  suffices: yes('Every deciding gate is likely to pass within the horizon.'),
  horizonNeededMs: about(z.nullable(z.number()), 'The horizon that would do, ms; null: this one does, or none.'),
  minimumMs: ms('Release time until all users get the candidate, at least'),
  likelyMs: about(z.nullable(z.number()), 'The same if it is equal to the baseline, ms; null: unlikely.'),
  watchMs: ms('The watch after it'),
  timeoutMs: ms('The default of --timeout'),
})
export const plannedSchema = outputOf('planned', {
  plan: about(planSchema, 'The plan, as `slipway schema plan` has it.'),
  hash: about(z.string().check(z.regex(/^[0-9a-f]{64}$/)), 'SHA-256 of its canonical JSON (RFC 8785).'),
  forecast: about(forecast, 'What it can take at the traffic seen; promises nothing.'),
  warnings: texts('What a person should know first.'),
  unlikely: maybe('Why a verdict is unlikely in the horizon; null: it is likely.'),
  refused: about(
    z.array(z.strictObject({ code: text('Error code.'), message: text('Why.'), next: texts('What to type next.') })),
    'What `release start` would be refused for now.',
  ),
  changes: about(
    z.array(z.strictObject({ what: text('Where they differ.'), before: text('There.'), after: text('Here.') })),
    'What differs from the plan of the last release.',
  ),
  against: maybe('That release; null: none.'),
  kept: yes('Whether it is kept under its hash; false with --dry-run.'),
  file: maybe('Where -o wrote it; null: nowhere.'),
  undo,
  room: about(
    z.nullable(
      z.strictObject({
        memoryBytes: count('Memory of the machine.'),
        availableBytes: about(z.number(), 'What of it is left beside what runs.'),
        cores: count('Cores.'),
        cards: z.array(
          z.strictObject({
            memoryBytes: count('Memory of the card.'),
            freeBytes: count('What of it is left.'),
            whole: yes('Whether it can be given whole.'),
          }),
        ),
      }),
    ),
    'What is there for it, bytes; null: no host lives that could say.',
  ),
  loadMs: about(
    z.strictObject({
      candidate: about(z.nullable(z.number()), 'Of the version under test.'),
      baseline: about(z.nullable(z.number()), 'Of what it is compared with.'),
    }),
    'How long loading took last time, ms; null: not known here.',
  ),
  start: text('The command that starts exactly this plan.'),
})

export const labelledSchema = outputOf('labelled', {
  dryRun: yes('True: nothing was taken; the numbers are what would be.'),
  taken: count('Labels that were taken.'),
  repeated: count('Had a label already: the first counts.'),
  unknown: count('No answer of that id is known yet; kept in case it comes.'),
})

export const prunedSchema = outputOf('pruned', {
  dryRun: yes('True: nothing was removed.'),
  versions: texts('Digests of the versions that went, or would go.'),
  files: count('Files that went, or would go.'),
  releases: texts('Releases, as ENVIRONMENT/NAME, of which only a line of the history is left.'),
  bytes: count('Their bytes.'),
})
