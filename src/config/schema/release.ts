/** `release` of slipway.yaml: steps and gates. */
import * as z from 'zod/mini'
import { evaluatorSchema } from './evaluation.ts'
import {
  choice,
  difference,
  duration,
  flag,
  later,
  map,
  oneOf,
  optional,
  orElse,
  said,
  share,
  text,
  whole,
  words,
} from './scalars.ts'

const shadowSchema = later('Copies of requests go to the candidate; no user sees it.', (about) =>
  map(about, {
    fraction: orElse(share('Share of the judged requests that is copied.', { above: 0 }), '100%'),
    noise: optional(
      share(
        'Share of the copies that also goes to the baseline: the noise floor of agreement and latency. Default: 20%, or 10% where the versions share a card.',
      ),
    ),
    for: orElse(duration('Least time.'), '0s'),
    pairs: orElse(
      z.union([z.literal('auto'), z.int().check(z.gte(1, { error: 'must be at least 1' }))]).check(
        z.meta({
          description: 'Pairs that each gate needs before the step may end; auto: enough to see twice the margin.',
        }),
      ),
      'auto',
    ),
  }),
)
const canarySchema = later('A share of the users gets the candidate.', (about) =>
  map(about, {
    // Traffic is split by parts of a million.
    weight: share('Share of the judged requests.', { min: 0.000001, max: 0.999999 }),
    for: orElse(duration('Least time.'), '5m'),
  }),
)
const fullSchema = later('All users get the candidate; the former version stays warm.', (about) =>
  map(about, {
    watch: orElse(duration('How long a regression still takes users back.'), '30m'),
    keepWarm: orElse(duration('How long the former version stays after the watch.'), '30m'),
  }),
)
const swapSchema = later(
  'For versions that do not fit at once: the only step; users wait while one stops and the other starts.',
  (about) =>
    map(about, {
      wait: orElse(duration('How long a request may wait.', { above: 0 }), '2m'),
      watch: orElse(duration('How long a regression still takes users back.'), '30m'),
    }),
)
const stepSchema = () =>
  oneOf('One step.', {
    shadow: shadowSchema,
    canary: canarySchema,
    swap: swapSchema,
    full: fullSchema,
  })

const name = () =>
  optional(
    text(
      'Its name, for --waive and --gate. Default: its kind; a second gate of a kind needs one.',
      /^[a-z][a-z0-9-]{0,39}$/,
      'is no name of a gate: lower-case letters, digits and -, a letter first',
    ),
  )
const FAULTS = ['5xx', 'timeout', 'reset', 'no-answer', '4xx'] as const
const errorsSchema = later('Whether the candidate fails to answer more often.', (about) =>
  map(about, {
    name: name(),
    margin: orElse(difference('How much worse the candidate may be.', { above: 0 }), '1pp'),
    bad: orElse(
      z
        .array(z.enum(FAULTS))
        .check(z.minLength(1, { error: 'is empty' }), z.meta({ description: 'What counts as bad.' })),
      [...FAULTS],
    ),
    except: orElse(
      z
        .array(whole('A status.', { min: 400, max: 499 }))
        .check(z.meta({ description: 'Statuses that never count as bad.' })),
      [401, 404, 429],
    ),
  }),
)

const QUANTILE = /^p(\d{2}(?:\.\d)?)$/
const aboveSchema = () =>
  z.union([
    z.pipe(
      z.string().check(z.regex(QUANTILE, { error: 'is no quantile such as p95' })),
      z.transform((written: string) => ({ quantile: Number((Number(written.slice(1)) / 100).toPrecision(6)) })),
    ),
    z.pipe(
      duration('A bound in time.', { above: 0 }),
      z.transform((ms: number) => ({ ms })),
    ),
  ])
const latencySchema = later('Whether the candidate is slow more often.', (about) =>
  map(about, {
    name: name(),
    of: orElse(choice('Which time is measured.', ['total', 'first-byte']), 'total'),
    above: orElse(
      z.pipe(
        z.string({ error: () => 'is neither a quantile of the baseline (p95) nor a duration (250ms)' }).check(
          z.meta({
            description: 'What is slow: above a quantile of the baseline (p50 to p99.9), or above a duration (250ms).',
          }),
        ),
        aboveSchema(),
      ),
      'p95',
    ),
    margin: orElse(difference('How many more requests of the candidate may be slow.', { above: 0 }), '3pp'),
  }),
)
const oneSource = z.refine<{ readonly set?: string | undefined; readonly labels?: boolean | undefined }>(
  (gate) => (gate.set !== undefined) !== (gate.labels === true),
  { error: 'takes exactly one of set: NAME and labels: true' },
)
const qualitySchema = later('Whether the answers of the candidate are worse.', (about) =>
  map(about, {
    name: name(),
    set: optional(words('The set of evaluation.sets that is asked of both versions before users see the candidate.')),
    labels: optional(flag('true: judged by the labels that come for answered requests.')),
    evaluator: optional(evaluatorSchema, "the set's, or exact-match for labels"),
    margin: orElse(difference('How much worse the candidate may be.'), '3pp'),
    min: optional(
      share("The lower 97.5% bound of the candidate's good share must lie above it. Default: none.", {
        above: 0,
        below: 1,
      }),
    ),
  }).check(oneSource),
)
const agreementSchema = later(
  'Whether the candidate answers differently: a report, unless maxDisagreement is given.',
  (about) =>
    map(about, {
      name: name(),
      evaluator: orElse(evaluatorSchema, 'exact-match'),
      maxDisagreement: optional(
        difference('Disagreement beyond the noise that is still taken; makes the gate decide.', { above: 0 }),
      ),
    }),
)
const gateSchema = () =>
  oneOf('One gate: a question with evidence.', {
    errors: errorsSchema,
    latency: latencySchema,
    quality: qualitySchema,
    agreement: agreementSchema,
  })

const steps = later(
  'What happens one after the other. Default: shadow 100%, canary 5% 5m, 25% 5m, 50% 5m, full with watch 30m; swap where serving.port is fixed.',
  (about) =>
    said(
      z.array(stepSchema()).check(z.minLength(1, { error: 'is empty: remove the key for the default steps' })),
      about,
    ),
)
const gates = later('What is judged. Default: errors and latency; quality too where a set or labels exist.', (about) =>
  said(
    z
      .array(gateSchema())
      .check(z.minLength(1, { error: 'is empty: remove the key for the default gates, or waive them with --waive' })),
    about,
  ),
)
const horizon = duration('When the verdict must stand; fixed at the start.', { above: 0 })
const alpha = share('Chance of a wrong verdict.', { above: 0, max: 0.5 })
const hold = map(
  'What happens where the horizon is over and a gate is undecided; then users go back. Never promoted.',
  {
    hold: orElse(duration('How long a person may decide; 0s: users go back at once.'), '24h'),
  },
)

export const releaseSchema = map('How a version is released, and what it is judged by.', {
  steps: optional(steps),
  gates: optional(gates),
  horizon: orElse(horizon, '60m'),
  alpha: orElse(alpha, '5%'),
  onInconclusive: orElse(hold, {}),
})
/** `environments.NAME.release`: the same keys, none by default. */
export const releaseOverrides = later('Overrides of release; lists replace.', (about) =>
  map(about, {
    steps: optional(steps, 'as in release'),
    gates: optional(gates, 'as in release'),
    horizon: optional(horizon, 'as in release'),
    alpha: optional(alpha, 'as in release'),
    onInconclusive: optional(hold, 'as in release'),
  }),
)
