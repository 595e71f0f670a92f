/** What users met, from the counts per minute. */
import * as z from 'zod/mini'
import { about, count, moment, text } from './words.ts'

const time = (what: string) =>
  about(
    z.nullable(z.number()),
    `${what} of the times to the whole answer, ms, up to a bound of the grid; null: none was timed.`,
  )
const version = {
  name: text('Tag, short digest, or the address of an outside baseline.'),
  digest: text('Digest or address.'),
  requests: count('Judged requests.'),
  failed: count('Of these: 5xx, timeout, reset, no-answer, full.'),
}
const window = z.strictObject({
  what: about(
    z.enum(['release', 'since', 'hour', 'day']),
    'The release, the time since it ended, or the last hour or day.',
  ),
  from: moment('First minute, or the start of the release'),
  to: moment('End of the last minute, or of the release'),
  versions: about(
    z.array(z.strictObject({ ...version, p50Ms: time('Median'), p95Ms: time('95 % quantile') })),
    'Who answered most first.',
  ),
})

export const users = about(
  z.nullable(
    z.strictObject({
      windows: about(z.array(window), 'Those in which somebody asked something.'),
      worst: about(
        z.nullable(z.strictObject({ ...version, at: moment('The minute') })),
        'The minute in which most requests failed; null: none did.',
      ),
    }),
  ),
  'What users met, in the release by its own counts, else by those per minute, which are kept for 7 days; null: with --gate, or nothing was counted.',
)
