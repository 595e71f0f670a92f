/** `evaluation` of slipway.yaml, and the evaluators. */
import * as z from 'zod/mini'
import type { Evaluator } from '../../plan/types.ts'
import { argv, duration, flag, later, map, number, oneOf, optional, orElse, pointer, said, words } from './scalars.ts'

/** A set's own gate carries its name. */
const RESERVED: readonly string[] = ['errors', 'latency', 'quality', 'agreement', 'all']
const SIMPLE = ['exact-match', 'contains', 'regex', 'json-subset'] as const

const commandEvaluator = () =>
  z.strictObject({
    command: argv('Reads a JSON line {id, request, answer, expect?, other?} a case, writes {id, score: 0..1}.'),
    timeout: orElse(
      duration('How long one answer may take; then the process is started again once.', { above: 0 }),
      '10s',
    ),
  })
const numericEvaluator = () =>
  z.strictObject({
    numeric: number('Largest difference that still counts as equal.').check(z.gte(0, { error: 'must be at least 0' })),
  })

/** An evaluator as written -> as the plan holds it. */
export const evaluatorSchema = later(
  'How an answer is judged: exact-match, contains, regex, json-subset, {numeric: 0.01}, or {command: [python, judge.py], timeout: 10s}.',
  (about) =>
    said(
      z.pipe(
        z.union([z.enum(SIMPLE), numericEvaluator(), commandEvaluator()]),
        z.transform((written): Evaluator => {
          if (typeof written === 'string') return { kind: written }
          if ('numeric' in written) return { kind: 'numeric', tolerance: written.numeric }
          return { kind: 'command', command: written.command, timeoutMs: written.timeout }
        }),
      ),
      about,
    ),
)

export const evaluationSchema = map('What answers are compared with.', {
  sets: orElse(
    z
      .record(
        z.string().check(
          z.regex(/^[a-zA-Z][a-zA-Z0-9_-]{0,62}$/, {
            error: 'is no name of a set: letters, digits, - and _, a letter first',
          }),
          z.refine<string>((name) => !RESERVED.includes(name), {
            error: `cannot be one of ${RESERVED.join(', ')}: these are names of gates`,
          }),
        ),
        map('One set of requests with expected answers.', {
          path: words('JSON lines {"id", "request": {"method", "path", "headers", "body"}, "expect"}.'),
          evaluator: orElse(evaluatorSchema, 'exact-match'),
        }),
      )
      .check(z.meta({ description: 'Evaluation sets by name.' })),
    {},
  ),
  request: orElse(
    z.record(pointer('Where in the body.'), z.unknown()).check(
      z.meta({
        description:
          "JSON pointer: value, laid over the bodies of the sets' requests and of the copies that agreement compares; never over a user's request.",
      }),
    ),
    {},
  ),
  labels: optional(
    later('Labels that come after the answer.', (about) =>
      map(about, {
        arrive: orElse(duration('How late a label may come.', { above: 0 }), '1m'),
        key: optional(
          oneOf('What labels name a request by, instead of its x-slipway-request-id.', {
            body: pointer('Where your own id stands in the JSON body of a request.'),
          }),
        ),
      }),
    ),
  ),
  keepAnswers: orElse(flag('Keep whole answers of pairs, for reports.'), false),
})
