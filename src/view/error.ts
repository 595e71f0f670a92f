/** A failure as people read it and as programs read it: what, whose fault, where, and the next command to type. */
import { ERRORS, type ErrorCode, type Exit, SlipwayError, type Where, type Whose } from '../errors.ts'
import { paint, type Screen } from '../kit/screen.ts'
import { shorten, visible } from '../kit/text.ts'

/** The contract's error object; at most MAX_BYTES as JSON. */
export interface ErrorObject {
  readonly $schema: 'slipway.dev/error/v1'
  readonly error: {
    readonly code: ErrorCode
    readonly exit: number
    readonly message: string
    readonly whose: Whose
    readonly where: readonly Where[]
    readonly next: readonly string[]
  }
}

const MAX_BYTES = 2000

/** Folders that a text must not show: `folder` goes, `home` becomes `~`. */
export interface Private {
  readonly folder: string | null
  readonly home: string | null
}

/** Paths made relative to the project folder, and the home folder hidden. */
export function withoutPrivate(text: string, { folder, home }: Private): string {
  let shown = text
  if (folder !== null && folder !== '/') shown = shown.replaceAll(`${folder}/`, '').replaceAll(folder, '.')
  if (home !== null && home !== '/') shown = shown.replaceAll(home, '~')
  return shown
}

/** Errors of the operating system that no flow has put into words. */
const SYSTEM: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'NO_SPACE',
  EDQUOT: 'NO_SPACE',
  EACCES: 'PERMISSION',
  EPERM: 'PERMISSION',
  EROFS: 'PERMISSION',
}

/** Any thrown value as an error of ours; what is unknown is a bug of slipway. */
export function asSlipwayError(thrown: unknown): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown
  if (!(thrown instanceof Error)) return new SlipwayError('BUG', `thrown: ${String(thrown)}`)
  const system = thrown as NodeJS.ErrnoException
  const code = SYSTEM[system.code ?? '']
  if (code !== undefined)
    return new SlipwayError(
      code,
      `${system.path ?? 'a file'}: ${code === 'NO_SPACE' ? 'no space left' : 'not permitted'}`,
      {
        cause: thrown,
      },
    )
  return new SlipwayError('BUG', `${thrown.name}: ${thrown.message}`, { cause: thrown })
}

const bytes = (object: unknown): number => new TextEncoder().encode(JSON.stringify(object)).length

export function errorObject(error: SlipwayError, secret: Private): ErrorObject {
  const clean = (text: string, length: number) =>
    shorten(visible(withoutPrivate(text, secret), { lines: true }), length)
  const make = (length: number, places: number): ErrorObject => ({
    $schema: 'slipway.dev/error/v1',
    error: {
      code: error.code,
      exit: error.exit,
      message: clean(error.message, length),
      whose: ERRORS[error.code].whose,
      where: error.where
        .slice(0, places)
        .map((at) => (at.file === undefined ? at : { ...at, file: clean(at.file, 200) })),
      next: error.next.slice(0, 4).map((command) => clean(command, 160)),
    },
  })
  for (const [length, places] of [
    [1200, 20],
    [800, 8],
    [400, 3],
    [200, 1],
  ] as const) {
    const object = make(length, places)
    if (bytes(object) <= MAX_BYTES) return object
  }
  return make(100, 0)
}

const WHOSE: Readonly<Record<Whose, string>> = {
  input: 'what was typed or written',
  version: 'the version',
  outside: 'something outside slipway',
  policy: 'a rule',
  slipway: 'slipway itself',
}

const GOES_ON: ReadonlySet<Exit> = new Set([12, 130])

const place = (at: Where): string =>
  [at.file ?? at.pointer ?? '', at.line, at.column].filter((part) => part !== undefined && part !== '').join(':')

/** Several lines for stderr, without an end of line; a few frames of the stack for bugs. Paths relative to `folder`. */
export function errorText(error: SlipwayError, screen: Screen, folder: string | null): string {
  const { hint, whose } = ERRORS[error.code]
  const relative = (text: string): string => withoutPrivate(text, { folder, home: null })
  const message = visible(relative(error.message), { lines: true })
  const lines = [`${paint(screen, 'red', 'slipway:')} ${message}`]
  for (const at of error.where) {
    const text = visible(relative(place(at)))
    if (text !== '' && !message.includes(text)) lines.push(`  at ${text}`)
  }
  if (error.code === 'BUG') lines.push(...stackOf(error.cause ?? error))
  // Who leaves, or has no more time, has done nothing wrong.
  const fault = GOES_ON.has(error.exit) ? '' : `; fault of ${WHOSE[whose]}`
  lines.push(paint(screen, 'dim', `  ${error.code}, exit ${error.exit}${fault}. ${hint}`))
  for (const command of error.next) lines.push(`  next: ${paint(screen, 'bold', visible(command))}`)
  return lines.join('\n')
}

/** The first frames, without the message and without folders. */
function stackOf(thrown: unknown): string[] {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => visible(line.replace(/(file:\/\/)?\/[^ ()]*\/(?=[^/]*$)/, '').trimEnd()))
}
