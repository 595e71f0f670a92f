/** The one door to stdout and stderr. stdout is data, stderr is talk. */
import { fstatSync, writeSync } from 'node:fs'
import { PLAIN, type Screen } from '../kit/screen.ts'
import type { Environment } from './environment.ts'

export interface Terminal {
  /** How stdout shows text. */
  readonly screen: Screen
  /** How stderr shows text. */
  readonly talkScreen: Screen
  /** A person sits there: a question may be asked (stdin and stderr are terminals, no CI). */
  readonly interactive: boolean
  /** stdout may be redrawn in place: a terminal that can move its cursor, no CI. */
  readonly live: boolean
  /** The same of stderr. */
  readonly talkLive: boolean
  /** Data, as it is: callers end lines themselves. */
  out(text: string): void
  /** Talk: one line, or several; a line end is added. */
  say(text: string): void
  /** Raw bytes for redrawing on stdout or stderr. */
  draw(text: string, where?: 'stdout' | 'stderr'): void
  /** Columns and rows now; a window may have changed. */
  size(): { readonly columns: number; readonly rows: number }
  /** All of stdin, as UTF-8 text. */
  stdin(): Promise<string>
  /** Resolves when all that was written has left. */
  flush(): Promise<void>
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** NO_COLOR wins over FORCE_COLOR; FORCE_COLOR paints into pipes; else terminals that can. */
export function mayColour(environment: Pick<Environment, 'variable'>, stream: Stream): boolean {
  if (environment.variable('NO_COLOR') !== undefined) return false
  const forced = environment.variable('FORCE_COLOR')
  if (forced !== undefined) return !['0', 'false'].includes(forced)
  return stream.isTTY === true && environment.variable('TERM') !== 'dumb'
}

/** The first of LC_ALL, LC_CTYPE, LANG that is set decides; none set: only a pipe gets UTF-8. */
export function mayUnicode(environment: Pick<Environment, 'variable' | 'platform'>, stream: Stream): boolean {
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment.variable(name)).find(Boolean)
  if (locale !== undefined) return /utf-?8/i.test(locale)
  return stream.isTTY !== true || environment.platform === 'darwin'
}

export function screenOf(environment: Environment, stream: Stream): Screen {
  return {
    width: stream.isTTY === true ? Math.max(20, stream.columns ?? 80) : null,
    colour: mayColour(environment, stream),
    unicode: mayUnicode(environment, stream),
  }
}

/** True for a terminal; a pipe or a file is told without loading what terminals need, which takes a tenth of a start. */
function isTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(fd)
  } catch {
    return false
  }
}

/** A reader that goes away has read enough; what else keeps stdout from being written is told. */
function writeFailed(code: string | undefined): never {
  if (code === 'EPIPE') process.exit(0)
  writeAll(2, `slipway: stdout cannot be written: ${code}\n`)
  process.exit(5)
}

/** Streams in use, because a descriptor could not take all at once; from then on everything goes by them, in order. */
const streams = new Map<1 | 2, NodeJS.WriteStream>()

function openStream(fd: 1 | 2): NodeJS.WriteStream {
  const stream = fd === 1 ? process.stdout : process.stderr
  stream.on('error', ({ code }: NodeJS.ErrnoException) => (fd === 1 ? writeFailed(code) : undefined))
  streams.set(fd, stream)
  return stream
}

function writeAll(fd: 1 | 2, text: string): void {
  const stream = streams.get(fd)
  if (stream) return void stream.write(text)
  const bytes = Buffer.from(text)
  let done = 0
  try {
    while (done < bytes.length) done += writeSync(fd, bytes, done)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') openStream(fd).write(bytes.subarray(done))
    else if (fd === 1) writeFailed(code)
  }
}

/** The terminal of this process. A reader of stdout that goes away ends the process silently. */
export function systemTerminal(environment: Environment): Terminal {
  const out = isTerminal(1)
  const talk = isTerminal(2)
  const columns = (): number => (out ? process.stdout.columns : talk ? process.stderr.columns : 80) || 80
  const rows = (): number => (out ? process.stdout.rows : talk ? process.stderr.rows : 24) || 24
  const stream = (isTTY: boolean): Stream => (isTTY ? { isTTY, columns: columns() } : {})
  const able = environment.variable('TERM') !== 'dumb' && !environment.ci
  return {
    screen: screenOf(environment, stream(out)),
    talkScreen: screenOf(environment, stream(talk)),
    interactive: talk && !environment.ci && isTerminal(0),
    live: out && able,
    talkLive: talk && able,
    out: (text) => writeAll(1, text),
    say: (text) => writeAll(2, text.endsWith('\n') ? text : `${text}\n`),
    draw: (text, where = 'stdout') => writeAll(where === 'stdout' ? 1 : 2, text),
    size: () => ({ columns: columns(), rows: rows() }),
    stdin: async () => {
      const parts: Buffer[] = []
      for await (const part of process.stdin) parts.push(part as Buffer)
      return Buffer.concat(parts).toString('utf8')
    },
    flush: async () => {
      // Only what went by a stream has to be waited for.
      for (const one of streams.values()) await new Promise<void>((resolve) => void one.write('', () => resolve()))
    },
  }
}

/** A terminal that keeps what was written; for tests. */
export function memoryTerminal(
  given: Partial<Pick<Terminal, 'screen' | 'talkScreen' | 'interactive' | 'live' | 'talkLive'>> = {},
): Terminal & { readonly written: { stdout: string; stderr: string } } {
  const written = { stdout: '', stderr: '' }
  const write = (where: 'stdout' | 'stderr', text: string): void => {
    written[where] += text
  }
  return {
    screen: PLAIN,
    talkScreen: PLAIN,
    interactive: false,
    live: false,
    talkLive: false,
    ...given,
    written,
    out: (text) => write('stdout', text),
    say: (text) => write('stderr', text.endsWith('\n') ? text : `${text}\n`),
    draw: (text, where = 'stdout') => write(where, text),
    size: () => ({ columns: 80, rows: 24 }),
    stdin: async () => '',
    flush: async () => {},
  }
}
