/** `artifact`, `serving` and `resources` of slipway.yaml. */
import * as z from 'zod/mini'
import { SERVING_TEMPLATES } from '../templates/index.ts'
import {
  argv,
  choice,
  duration,
  later,
  map,
  number,
  oneOf,
  optional,
  orElse,
  pointer,
  said,
  size,
  text,
  whole,
  words,
} from './scalars.ts'

const list = (about: string, of: z.ZodMiniType<string, string>) => said(z.array(of), about)

/** Names that slipway itself sets in a server's environment. */
const RESERVED_ENV = ['PORT', 'HOST', 'MODEL_DIR', 'SLIPWAY_ID'] as const

export const paramsSchema = (about: string) =>
  z
    .record(
      z.string().check(
        z.regex(/^[a-zA-Z][a-zA-Z0-9_]*$/, {
          error: 'is no name of a parameter: letters, digits and _, a letter first',
        }),
      ),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .check(z.meta({ description: about }))

export const artifactSchema = map('The model files and the code that serves them.', {
  path: orElse(
    words('File or folder of the model, relative to slipway.yaml; {model} is that file or folder.'),
    './model',
  ),
  code: optional(
    list(
      "Files and folders that go to /app, keeping their paths. Default: the files that the command names and, beside each, git's files of the same ending (to 10MiB).",
      words('A file or folder, relative to slipway.yaml.'),
    ),
  ),
  include: orElse(list('Which files under path belong to the model: gitignore patterns.', words('A pattern.')), ['**']),
  exclude: orElse(
    list('Which files under path do not; .git, .slipway and sockets never do.', words('A gitignore pattern.')),
    [],
  ),
  links: orElse(choice('What to do with links that leave the folder.', ['refuse', 'follow']), 'refuse'),
  allow: orElse(
    z
      .array(
        later('One file that the file policy refuses and that is taken nevertheless.', (about) =>
          map(about, {
            file: words('The file, relative to path.'),
            kind: words('What it is, as the refusal names it: pickle.'),
            reason: words('Why it may be trusted.'),
            sha256: optional(
              text('Pins its content: 64 hex digits.', /^[0-9a-f]{64}$/, 'is no sha256: 64 lower-case hex digits'),
            ),
          }),
        ),
      )
      .check(z.meta({ description: 'The one way past the file policy; a refusal prints the line to paste.' })),
    [],
  ),
})

export const resourcesSchema = later('What the processes may use. Default: no limit.', (about) =>
  map(about, {
    memory: optional(size('Memory of the whole process tree.', { min: 2 ** 20 })),
    cpu: optional(
      number('Cores, also parts of one: 0.5.').check(
        z.gt(0, { error: 'must be above 0' }),
        z.lte(1024, { error: 'must be at most 1024' }),
      ),
    ),
    gpu: optional(
      z
        .union([
          whole('Whole cards.', { min: 1, max: 64 }),
          map('A share of a card, by measured memory.', { memory: size('GPU memory it takes.', { min: 2 ** 20 }) }),
        ])
        .check(
          z.meta({
            description: 'Whole cards, or {memory: 6GiB}: may share a card. Default: GPUs are left as they are.',
          }),
        ),
    ),
  }),
)

const stickySchema = later(
  'What keeps a caller on one version: one of header, cookie, body. Default: each request for itself.',
  (about) =>
    oneOf(about, {
      header: text('Name of a request header.', /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no header name'),
      cookie: text('Name of a cookie.', /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no cookie name'),
      body: pointer('Where the key stands in a JSON body.'),
    }),
)

const envSchema = z
  .record(
    z.string().check(
      z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name of a variable' }),
      z.refine<string>((name) => !(RESERVED_ENV as readonly string[]).includes(name), {
        error: 'is set by slipway itself: remove it',
      }),
    ),
    z.string(),
  )
  .check(z.meta({ description: "Environment of the server; part of the version's digest. Secrets belong in envFile." }))

/** Keys of `serving` that a version's digest holds: the same in every environment. */
export const DIGEST_KEYS = ['template', 'command', 'params', 'prepare', 'env', 'requests', 'answer'] as const

const readyTimeout = duration('How long a server may take from its start until it is ready.', { above: 0 })
const port = whole(
  'A fixed port instead of {port}, for a server that cannot be told its port; versions can then only swap.',
  { min: 1, max: 65535 },
)
const envFile = words('File of NAME=value lines, read at each start and never stored: the door for secrets.')
const drain = duration("How long running requests get after the last new one. Default: the template's, else 5m.")
const replicas = whole('Processes of one version.', { min: 1, max: 64 })

export const servingSchema = map('How a version is started, asked and compared.', {
  template: orElse(
    choice('Gives command, ready, answer, requests and drain; what is written here wins.', SERVING_TEMPLATES.names),
    'custom',
  ),
  command: optional(
    argv(
      "An argument vector, never a shell line. {port} {model} {host} {app} {version} and the params are filled in; PORT, HOST and MODEL_DIR stand in the environment too. Default: the template's.",
    ),
  ),
  params: orElse(paramsSchema("Parameters of the template. Default: the template's."), {}),
  prepare: orElse(
    z
      .array(argv('An argument vector.'))
      .check(z.meta({ description: 'Commands that run once per version, in its own copy of /app.' })),
    [],
  ),
  env: orElse(envSchema, {}),
  ready: orElse(
    map('When a server is ready.', {
      path: optional(
        text("GET path that answers 2xx. Default: the template's, else: the port answers.", /^\/\S*$/, 'begins with /'),
      ),
      timeout: orElse(readyTimeout, '10m'),
    }),
    {},
  ),
  drain: optional(drain),
  replicas: orElse(replicas, 1),
  requests: optional(
    list(
      'What is judged, split, and may be repeated for a shadow; all else goes to the baseline, uncounted. "METHOD /path"; * stands for any method, for one segment of the path, or as the last one for any rest. Default: the template\'s, else the paths of the sets, else every POST (then no shadow step by default).',
      text(
        'METHOD /path.',
        /^([A-Z]+|\*) (\/(\*|[^\s/?#*]*))+$/,
        'is written METHOD /path, as "POST /predict": no query, and * for a whole segment only',
      ),
    ).check(z.minLength(1, { error: 'is empty: remove the key for the default' })),
  ),
  answer: optional(
    pointer(
      "What quality and agreement compare; for server-sent events into the last event, or the merged OpenAI message. Default: the template's, else none.",
    ),
  ),
  port: optional(port),
  envFile: optional(envFile),
  resources: optional(resourcesSchema),
  sticky: optional(stickySchema),
})

const COMMON = 'as in serving'
/** `environments.NAME.serving`: only what the digest does not hold, and nothing by default. */
export const servingOverrides = later('Overrides of serving; what the digest holds cannot be overridden.', (about) =>
  map(about, {
    ready: optional(map('When a server is ready.', { timeout: optional(readyTimeout, COMMON) })),
    drain: optional(drain, COMMON),
    replicas: optional(replicas, COMMON),
    port: optional(port, COMMON),
    envFile: optional(envFile, COMMON),
    resources: optional(resourcesSchema, COMMON),
    sticky: optional(stickySchema, COMMON),
  }),
)
