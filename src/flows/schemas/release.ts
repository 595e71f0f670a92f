/** What the `release`, `rollback` and `quarantine` commands print with --json. */
import * as z from 'zod/mini'
import { outputOf } from '../../config/json-schema.ts'
import { outcome, status } from './ends.ts'
import { users } from './users.ts'
import { note, view } from './view.ts'
import { about, count, maybe, maybeMoment, moment, text, texts, undo, yes } from './words.ts'

const exit = (description: string) => about(z.int().check(z.gte(0), z.lte(130)), description)

const served = z.strictObject({ digest: maybe('Its digest or address.'), tag: maybe('Its tag; null: none.') })

/** Also what a report in JSON holds. */
export const releaseSchema = outputOf('release', view)

export const releaseEndSchema = outputOf('release-end', {
  release: maybe('The release; null: nothing was started.'),
  exit: exit('Exit code: that of the outcome.'),
  code: maybe('Error code of a bad end, or HELD; null: promoted, detached, or nothing to do.'),
  text: text('One sentence.'),
  view: about(z.nullable(z.strictObject(view)), 'The release, as `release status` prints it; null: not waited for.'),
  undo,
})

/** One line of `release watch`. */
export const noteSchema = outputOf('note', { release: text('The release.'), ...note.shape })

export const explainSchema = outputOf('explain', {
  view: about(
    z.nullable(z.strictObject(view)),
    'The release, as `release status` prints it; null: none is known here.',
  ),
  gate: maybe('Of --gate; null: all of them.'),
  users,
})

export const historySchema = outputOf('history', {
  environment: text('The environment.'),
  serving: maybe('Version that serves; null: none.'),
  releases: about(
    z.array(
      z.strictObject({
        name: text('The release.'),
        n: count('Its number in the environment.'),
        environment: text('The environment.'),
        model: text('The model.'),
        candidate: text('Digest of the version under test.'),
        candidateTag: maybe('Its tag; null: none.'),
        baseline: maybe('Digest or address of what it was compared with; null: nothing.'),
        baselineTag: maybe('Its tag; null: none.'),
        planHash: text('Hash of its plan.'),
        by: text('Who started it.'),
        startedAt: moment('When it began'),
        endedAt: maybeMoment('When it was concluded'),
        outcome: about(z.nullable(outcome), 'null: it runs.'),
        exit: about(z.nullable(z.int()), 'Exit of those that waited for it; null: it runs.'),
        code: maybe('Error code; null: none.'),
        blame: maybe('The gate that failed; null: none.'),
        accepted: z.optional(texts('Inconclusive gates that persons took for passed; absent: none.')),
        status: about(status, 'How it stands.'),
      }),
    ),
    'Newest first.',
  ),
  moves: about(
    z.array(
      z.strictObject({
        at: moment('When users were there'),
        to: about(served, 'Where users were taken.'),
        from: about(served, 'What they left.'),
        by: maybe('Who; null: not known any more.'),
        reason: maybe('Why; null: not said.'),
      }),
    ),
    'Rollbacks while no release ran, newest first.',
  ),
  older: count('Releases that are older than those shown.'),
})

export const reportSchema = outputOf('report', {
  release: text('The release.'),
  format: about(z.enum(['markdown', 'html', 'svg', 'junit', 'json']), 'Format.'),
  file: maybe('Where -o wrote it; null: `text` holds it.'),
  bytes: count('Its size.'),
  text: maybe('The report; null with -o.'),
})

export const askedSchema = outputOf('asked', {
  release: maybe('The release; null: none ran.'),
  verb: about(z.enum(['pause', 'resume', 'advance', 'accept', 'abort', 'rollback']), 'What was asked.'),
  done: yes('False with --dry-run.'),
  text: text('What was done.'),
  undo,
})

export const quarantineSchema = outputOf('quarantine', {
  quarantined: z.array(
    z.strictObject({
      digest: text('Digest of the version.'),
      model: text('Its model.'),
      tag: maybe('Its tag; null: none.'),
      reason: text('Why.'),
      by: text('Who named it.'),
      at: moment('Since when'),
      gate: maybe('The gate that failed; null: a person named it.'),
      release: maybe('The release in which it failed; null: none.'),
      environment: maybe('Where it ran; null: outside of one.'),
      weights: texts('SHA-256 of its weights: versions with the same are named in `plan`.'),
    }),
  ),
})
export const quarantineDoneSchema = outputOf('quarantine-done', {
  digest: text('Digest of the version.'),
  text: text('What was done.'),
  undo,
})
