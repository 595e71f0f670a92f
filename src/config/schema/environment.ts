/** `environments` of slipway.yaml. */
import * as z from 'zod/mini'
import { releaseOverrides } from './release.ts'
import { argv, choice, duration, later, map, optional, orElse, said, size, whole, words } from './scalars.ts'
import { servingOverrides } from './serving.ts'

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):(\d{1,5})$/

export interface Address {
  readonly host: string
  readonly port: number
}
const address = (about: string) =>
  z
    .pipe(
      z
        .string({
          error: (issue) =>
            typeof issue.input === 'number'
              ? `is only a port: write "127.0.0.1:${issue.input}"`
              : 'is no address such as "127.0.0.1:7070"',
        })
        .check(
          z.regex(ADDRESS, { error: 'is no address: write host:port, as "127.0.0.1:7070"' }),
          z.meta({ description: about }),
        ),
      z.transform((written: string, context): Address => {
        const match = ADDRESS.exec(written)
        const port = Number(match?.[2])
        if (port > 65535) context.issues.push({ code: 'custom', message: 'has a port above 65535', input: written })
        return { host: (match?.[1] ?? '').replace(/^\[|\]$/g, ''), port }
      }),
    )
    .check(z.meta({ description: about }))

const httpUrl = () =>
  z.string().check(
    z.refine<string>(
      (written) => {
        const url = URL.parse(written)
        return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
      },
      { error: 'is no http or https address without a password' },
    ),
    z.meta({ description: 'http or https address of the server.' }),
  )

const environmentSchema = map('One environment.', {
  platform: orElse(choice('Where it serves.', ['local']), 'local'),
  listen: orElse(address('The address that users call.'), '127.0.0.1:7070'),
  control: orElse(address('Where labels, metrics and health are asked.'), '127.0.0.1:7071'),
  limits: orElse(
    map('Limits of the data plane, per version.', {
      inFlight: orElse(whole('Requests open at once.', { min: 1, max: 100_000 }), 512),
      queue: orElse(whole('Requests that wait; more get 503.', { min: 0, max: 100_000 }), 512),
      body: orElse(size('Largest request body.', { min: 1, max: 4 * 2 ** 30 }), '32MiB'),
    }),
    {},
  ),
  timeouts: orElse(
    map('How long the data plane waits for a server.', {
      connect: orElse(duration('For the connection.', { above: 0 }), '2s'),
      firstByte: orElse(duration('For the first byte of the answer.', { above: 0 }), '10m'),
      idle: orElse(duration('Between two bytes of the answer.', { above: 0 }), '5m'),
    }),
    {},
  ),
  serving: optional(servingOverrides, 'nothing is overridden'),
  release: optional(releaseOverrides, 'nothing is overridden'),
  baseline: optional(
    later(
      'What the first release is compared with: a version, or {url: …} of a server that exists already. Default: the version that serves.',
      (about) =>
        said(
          z.union([
            words('A packed version: MODEL:TAG or MODEL@sha256:….'),
            map('A server that exists already; it is never started or stopped.', { url: httpUrl() }),
          ]),
          about,
        ),
    ),
  ),
  notify: optional(
    later('A command that is told of outcome, hold and crash; it can never change a release.', (about) =>
      map(about, { command: argv('Gets the view of the release as JSON on its standard input.') }),
    ),
  ),
})

export const environmentsSchema = orElse(
  z
    .record(
      z.string().check(
        z.regex(/^[a-z][a-z0-9-]{0,39}$/, {
          error: 'is no name of an environment: lower-case letters, digits and -, a letter first',
        }),
      ),
      environmentSchema,
    )
    .check(
      z.refine<object>((value) => Object.keys(value).length > 0, {
        error: 'is empty: remove the key for the default, dev',
      }),
      z.meta({ description: 'Where versions serve, by name. Default: dev on the local platform.' }),
    ),
  { dev: {} },
)
