/** The one door to stdout and stderr. stdout is data, stderr is talk. */
import type { Screen } from '../kit/screen.ts'
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
  /** Data, as it is: callers end lines themselves. */
  out(text: string): void
  /** Talk: one line, or several; a line end is added. */
  say(text: string): void
  /** Raw bytes for redrawing on stdout or stderr. */
  draw(text: string, where?: 'stdout' | 'stderr'): void
  /** Columns and rows now; a window may have changed. */
  size(): { readonly columns: number; readonly rows: number }
  /** Resolves when all that was written has left. */
  flush(): Promise<void>
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
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

/** The terminal of this process. A reader of stdout that goes away ends the process silently. */
export function systemTerminal(environment: Environment): Terminal {
  const { stdout, stderr, stdin } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    stderr.write(`slipway: stdout cannot be written: ${error.code ?? error.message}\n`)
    process.exit(5)
  })
  stderr.on('error', () => {})
  const able = environment.variable('TERM') !== 'dumb' && !environment.ci
  // An error of an earlier write is told before this write is done.
  const drained = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()))
  return {
    screen: screenOf(environment, stdout),
    talkScreen: screenOf(environment, stderr),
    interactive: stdin.isTTY === true && stderr.isTTY === true && !environment.ci,
    live: stdout.isTTY === true && able,
    out: (text) => void stdout.write(text),
    say: (text) => void stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    draw: (text, where = 'stdout') => void process[where].write(text),
    size: () => ({ columns: stdout.columns ?? stderr.columns ?? 80, rows: stdout.rows ?? stderr.rows ?? 24 }),
    flush: async () => {
      await drained(stdout)
      await drained(stderr)
    },
  }
}

/** A terminal that keeps what was written; for tests. */
export function memoryTerminal(
  given: Partial<Pick<Terminal, 'screen' | 'talkScreen' | 'interactive' | 'live'>> = {},
): Terminal & { readonly written: { stdout: string; stderr: string } } {
  const plain: Screen = { width: null, colour: false, unicode: true }
  const written = { stdout: '', stderr: '' }
  const write = (where: 'stdout' | 'stderr', text: string): void => {
    written[where] += text
  }
  return {
    screen: plain,
    talkScreen: plain,
    interactive: false,
    live: false,
    ...given,
    written,
    out: (text) => write('stdout', text),
    say: (text) => write('stderr', text.endsWith('\n') ? text : `${text}\n`),
    draw: (text, where = 'stdout') => write(where, text),
    size: () => ({ columns: 80, rows: 24 }),
    flush: async () => {},
  }
}
