/** What the `train` commands print with --json. */
import * as z from 'zod/mini'
import { outputOf } from '../../config/json-schema.ts'
import { about, count, counts, digest, maybe, maybeMoment, moment, numbers, text, texts, yes } from './words.ts'

const report = z.strictObject({
  rows: count('Rows of the data.'),
  labels: counts('How many rows have each label.'),
  duplicates: count('Rows that stood there before.'),
  results: z.array(
    z.strictObject({ check: text('The check.'), passed: yes('Whether it passed.'), text: text('With its numbers.') }),
  ),
  passed: yes('Whether all passed.'),
})
const run = {
  id: text('Name of the run.'),
  model: text('The model.'),
  status: about(z.enum(['running', 'done', 'failed', 'cancelled']), 'How it is.'),
  by: text('Who started it.'),
  startedAt: moment('When it began'),
  endedAt: maybeMoment('When it ended'),
  params: about(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), 'Parameters of the trainer.'),
  seed: about(z.number(), 'Its seed.'),
  data: about(
    z.nullable(z.strictObject({ path: text('Relative to the project.'), digest, report })),
    'What it is trained on; null: no data is configured.',
  ),
  command: texts('Command of the trainer, as slipway.yaml has it.'),
  process: about(
    z.nullable(
      z.strictObject({
        pid: count('Process that leads its group.'),
        startTime: text('Tells it from a later process of the same number.'),
        mark: text('What its processes are marked with.'),
        cgroup: maybe('Its control group; null: none.'),
      }),
    ),
    'Its process; null: none runs.',
  ),
  codeCommit: maybe('Commit of the code; null: no repository.'),
  metrics: numbers('What the trainer wrote into metrics.json.'),
  why: maybe('Why it failed; null: it did not.'),
  packed: about(z.nullable(z.strictObject({ digest, tag: text('Its tag.') })), 'The version it became; null: none.'),
}

export const trainingRunSchema = outputOf('training-run', run)
export const trainingRunsSchema = outputOf('training-runs', {
  runs: about(z.array(z.strictObject(run)), 'Oldest first.'),
})
export const cancelledSchema = outputOf('cancelled', {
  run: z.strictObject(run),
  text: text('What was done.'),
  undo: about(z.nullable(z.string()), 'The command that undoes it; null: nothing was done.'),
})
