/** What the `local` commands print with --json. */
import * as z from 'zod/mini'
import { outputOf } from '../../config/json-schema.ts'
import { about, count, counts, maybe, ms, text, undo, yes } from './words.ts'

const latency = (what: string) => about(z.nullable(z.number()), `${what}, ms; null: no request was answered.`)

export const loadSchema = outputOf('load', {
  detached: about(
    z.nullable(z.strictObject({ pid: count('Process that sends it.') })),
    'With --detach: who goes on; else null.',
  ),
  summary: about(
    z.nullable(
      z.strictObject({
        elapsedMs: ms('How long it took'),
        scheduled: count('Requests whose moment came.'),
        answered: count('Requests with an answer.'),
        open: count('Requests still open at the end.'),
        failed: count('All that is no 2xx or 3xx.'),
        failures: counts('By name: over-concurrency, timeout, refused, reset, or the status.'),
        versions: counts('Answers by x-slipway-version.'),
        latencyMs: about(
          z.strictObject({
            p50: latency('Median'),
            p90: latency('90th percentile'),
            p95: latency('95th percentile'),
            p99: latency('99th percentile'),
            max: latency('Longest'),
          }),
          "From the scheduled moment to the answer's end.",
        ),
        labels: about(
          z.nullable(
            z.strictObject({
              sent: count('Labels that were sent.'),
              refused: count('Labels that were not taken.'),
              failed: count('Labels that did not arrive.'),
            }),
          ),
          'With --labels; else null.',
        ),
      }),
    ),
    'What came of it; null with --detach or --dry-run.',
  ),
  would: maybe('With --dry-run: what would be sent; else null.'),
  undo,
})

/** One line of output that goes on; `train logs` prints the same. */
export const logLineSchema = outputOf('log-line', {
  log: text('File of the log.'),
  text: text('One line of it.'),
})

export const unitSchema = outputOf('unit', {
  kind: about(z.enum(['systemd', 'launchd']), 'The service manager that it is for.'),
  name: text('Its name.'),
  text: text('The unit itself.'),
  install: text('How to install it.'),
})

export const localDoneSchema = outputOf('local-done', {
  environment: text('The environment.'),
  up: yes('Whether it is up now.'),
  text: text('What was done.'),
  undo,
})

const version = z.strictObject({
  name: text('Tag, or the beginning of the digest.'),
  digest: text('Digest of the version.'),
  state: text('What its servers do.'),
  ready: text('Ready replicas of those wanted, such as 1/1.'),
  exits: count('Exits that nobody asked for.'),
  why: maybe('Why it does not serve; null: nothing is wrong.'),
})
export const localStatusSchema = outputOf('local-status', {
  host: z.strictObject({
    alive: yes('Whether the host lives.'),
    limits: maybe('How memory and CPU are limited; null: no host.'),
  }),
  environments: z.array(
    z.strictObject({
      name: text('The environment.'),
      up: yes('Whether it was brought up and answers.'),
      listen: text('Address that users call.'),
      control: text('Control address.'),
      failure: maybe('What is wrong with its host or data plane; null: nothing is, or it is not wanted.'),
      next: maybe('What to type about it; null: nothing.'),
      serving: maybe('Version that serves, or is to serve where nothing runs; null: none.'),
      release: maybe('Release that has not ended; null: none.'),
      status: about(z.nullable(z.enum(['running', 'paused', 'held'])), 'What that release does; null: there is none.'),
      versions: about(z.array(version), 'Versions with servers.'),
    }),
  ),
})
