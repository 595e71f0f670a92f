/** What was typed wrongly, in our words. Values that were typed are never repeated: they may be secrets. */
import { SlipwayError } from '../errors.ts'
import { nearest } from '../kit/text.ts'

interface Known {
  readonly char?: string | undefined
  readonly options?: readonly string[] | undefined
}
type Names = Readonly<Record<string, Known>>

interface ParseError {
  readonly name?: string
  readonly message?: string
  /** Of an error about unknown flags: what was typed. */
  readonly flags?: readonly string[]
  /** Of an error about arguments: their specifications, or their values. */
  readonly args?: readonly ({ readonly name?: string } | string)[]
}

const spoken = (id: string): string => `slipway ${id.replaceAll(':', ' ')}`.trim()

/** An error of the parser put into ours; anything else comes back as it was. */
export function usageError(thrown: unknown, id: string, flags: Names, args: Names): unknown {
  if (!(thrown instanceof Error)) return thrown
  const error = thrown as ParseError & Error
  const next = [`${spoken(id)} --help`]
  // The parser puts lines of its own around what a flag's own check says.
  if (thrown instanceof SlipwayError)
    return new SlipwayError(thrown.code, thrown.message.replace(/^Parsing (--\S+) \n\t/, '$1: ').split('\n')[0]!, {
      where: thrown.where,
      next: thrown.next.length > 0 ? thrown.next : next,
    })
  const usage = (message: string) => new SlipwayError('USAGE', `${spoken(id)}: ${message}`, { next })
  const kind = error.constructor.name
  if (kind === 'NonExistentFlagsError') return unknownFlags(error.flags ?? [], id, flags)
  if (kind === 'RequiredArgsError') {
    const names = (error.args ?? []).map((arg) => (typeof arg === 'string' ? arg : (arg.name ?? '')).toUpperCase())
    return usage(`${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing`)
  }
  if (kind === 'UnexpectedArgsError') {
    const takes = Object.keys(args).length
    return usage(`${error.args?.length ?? 1} too many; it takes ${takes === 0 ? 'no argument' : `at most ${takes}`}`)
  }
  if (kind === 'ArgInvalidOptionError') {
    const known = Object.values(args).flatMap((arg) => arg.options ?? [])
    return usage(`the argument must be one of ${known.join(', ')}`)
  }
  const flag = /--([a-z][a-z-]*)/.exec(error.message)?.[1]
  const named = flag !== undefined && Object.hasOwn(flags, flag) ? flags[flag] : undefined
  if (kind === 'FlagInvalidOptionError' && named)
    return usage(`--${flag} must be one of ${(named.options ?? []).join(', ')}`)
  if (kind === 'FailedFlagValidationError' || kind === 'ViolatedFlagConstraintError')
    return usage(dependency(error.message))
  if (kind === 'CLIError' && /expects a value/.test(error.message)) return usage(`--${flag} needs a value`)
  if (named && /^Parsing --/.test(error.message)) return usage(`--${flag} has a value of the wrong kind`)
  return thrown
}

/** The parser's sentence about flags that exclude or need each other, without the values that it repeats. */
function dependency(message: string): string {
  const sentence = (message.split('\n')[1] ?? message).trim().replace(/(--[a-z-]+)=\S+/g, '$1')
  return sentence
    .replace(/^All of the following must be provided when using (--\S+): (.*)$/, '$1 needs $2')
    .replace(/^(--\S+) cannot also be provided when using (--\S+)$/, '$2 and $1 exclude each other')
    .replace(/^Missing required flag /, 'missing flag ')
}

function unknownFlags(typed: readonly string[], id: string, flags: Names): SlipwayError {
  const names = Object.keys(flags)
  const shown = typed.map((flag) => flag.split('=')[0]!.slice(0, 40))
  const meant = shown.map((flag) => nearest(flag.replace(/^-+/, ''), names)).find(Boolean)
  return new SlipwayError(
    'FLAG_UNKNOWN',
    `${spoken(id)} has no flag ${shown.join(' ')}${meant === undefined ? '' : `; did you mean --${meant}?`}`,
    { next: [`${spoken(id)} --help`] },
  )
}
