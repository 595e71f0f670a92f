/**
 * Does a file, read as a Python pickle, import or call anything? The opcodes (Python's pickletools, protocols 0 to 5)
 * are followed with the depth of the stack, and nothing is built: text that looks like a pickle for a few bytes
 * runs into an empty stack or an unknown opcode at once.
 */
import type { Bytes } from './bytes.ts'
import { Cursor, EndOfBytes } from './cursor.ts'

export interface PickleScan {
  /** It begins as every pickle since protocol 2 does. */
  readonly marked: boolean
  /** It imports, and calls or ends, in a way that Python would carry out. */
  readonly runs: boolean
  /** The first names that it imports: `os.system`. */
  readonly imports: readonly string[]
}

/** What follows an opcode: fixed bytes, lines, or a length of 1, 4 or 8 bytes and as many bytes. */
type Argument = number | 'line' | 'lines' | 'b1' | 'b4' | 'b8'
interface Opcode {
  readonly argument: Argument
  /** Taken from the stack; `mark`: all down to the last mark. */
  readonly pops: number | 'mark'
  readonly pushes: number
  readonly does?: 'import' | 'call' | 'both' | 'stop' | 'mark'
}

const OPCODES = new Map<number, Opcode>()
function define(codes: string, argument: Argument, pops: number | 'mark', pushes: number, does?: Opcode['does']): void {
  for (const char of codes) OPCODES.set(char.charCodeAt(0), { argument, pops, pushes, ...(does ? { does } : {}) })
}
define('(', 0, 0, 0, 'mark')
define('.', 0, 1, 0, 'stop')
define('0', 0, 1, 0)
define('1', 0, 'mark', 0)
define('2', 0, 1, 2)
define('FILSVPg', 'line', 0, 1)
define('N', 0, 0, 1)
define('G', 8, 0, 1)
define('Kh', 1, 0, 1)
define('M', 2, 0, 1)
define('Jj', 4, 0, 1)
define('TXB', 'b4', 0, 1)
define('UC\u008a\u008c', 'b1', 0, 1)
define('\u008b', 'b4', 0, 1)
define('\u008d\u008e\u0096', 'b8', 0, 1)
define('})]\u0088\u0089\u008f\u0097', 0, 0, 1)
define('Q\u0085\u0098', 0, 1, 1)
define('\u0086', 0, 2, 1)
define('\u0087', 0, 3, 1)
define('a', 0, 2, 1)
define('s', 0, 3, 1)
define('dlt\u0091', 0, 'mark', 1)
define('eu\u0090', 0, 'mark', 0)
define('p', 'line', 1, 1)
define('q', 1, 1, 1)
define('r', 4, 1, 1)
define('\u0094', 0, 1, 1)
define('\u0080', 1, 0, 0)
define('\u0095', 8, 0, 0)
define('c', 'lines', 0, 1, 'import')
define('\u0093', 0, 2, 1, 'import')
define('\u0082', 1, 0, 1, 'import')
define('\u0083', 2, 0, 1, 'import')
define('\u0084', 4, 0, 1, 'import')
define('i', 'lines', 'mark', 1, 'both')
define('o', 0, 'mark', 1, 'call')
define('R\u0081b', 0, 2, 1, 'call')
define('\u0092', 0, 3, 1, 'call')

/** More than this is not judged: it counts as running. */
const MAX_STEPS = 50_000_000
const MAX_LINE = 4096

/** A line without its end; longer ones are passed over and come back cut. */
async function line(cursor: Cursor): Promise<string> {
  const start: number[] = []
  for (let byte = await cursor.u8(); byte !== 0x0a; byte = await cursor.u8())
    if (start.length < MAX_LINE) start.push(byte)
  return String.fromCharCode(...start)
}

class Machine {
  readonly imports: string[] = []
  imported = false
  private depth = 0
  private readonly marks: number[] = []
  private strings: readonly [string, string] = ['', '']
  private readonly cursor: Cursor
  constructor(cursor: Cursor) {
    this.cursor = cursor
  }

  private named(name: string): void {
    if (this.imports.length < 8) this.imports.push(name.slice(0, 120))
  }

  /** Passes over what follows an opcode; false where Python could not import what it names. */
  private async argument(kind: Argument): Promise<boolean> {
    const { cursor } = this
    if (typeof kind === 'number') cursor.skip(kind)
    else if (kind === 'line') await line(cursor)
    else if (kind === 'lines') {
      const names = [await line(cursor), await line(cursor)]
      // Words of a text, not names of Python.
      if (!names.every((name) => /^[\w.\u0080-\u00ff]+$/.test(name))) return false
      this.named(names.join('.'))
    } else {
      const length = await cursor.unsigned(kind === 'b1' ? 1 : kind === 'b4' ? 4 : 8)
      const head = await cursor.take(Math.min(length, 60, cursor.left))
      this.strings = [this.strings[1], new TextDecoder().decode(head)]
      cursor.skip(length - head.length)
    }
    return true
  }

  /** One opcode: true: it runs; false: it ends without having; null: on to the next. */
  async step(): Promise<boolean | null> {
    const opcode = OPCODES.get(await this.cursor.u8())
    if (!opcode) return false
    if (!(await this.argument(opcode.argument))) return false
    if (opcode.pops === 'mark') {
      const mark = this.marks.pop()
      if (mark === undefined) return false
      this.depth = mark
    } else {
      if (this.depth - (this.marks.at(-1) ?? 0) < opcode.pops) return false
      this.depth -= opcode.pops
    }
    this.depth += opcode.pushes
    if (opcode.does === 'mark') this.marks.push(this.depth)
    if (opcode.does === 'import' || opcode.does === 'both') this.imported = true
    // STACK_GLOBAL takes its names from the stack: the last two strings, unless they came from the memo.
    if (opcode.does === 'import' && opcode.argument === 0) this.named(this.strings.join('.'))
    if (opcode.does === 'stop') return this.imported
    return this.imported && (opcode.does === 'call' || opcode.does === 'both') ? true : null
  }
}

export async function scanPickle(bytes: Bytes): Promise<PickleScan> {
  const head = new Uint8Array(2)
  const marked = (await bytes.read(head, 0)) === 2 && head[0] === 0x80 && head[1]! <= 5
  const machine = new Machine(new Cursor(bytes))
  const done = (runs: boolean): PickleScan => ({ marked, runs, imports: machine.imports })
  try {
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const ended = await machine.step()
      if (ended !== null) return done(ended)
    }
    return done(true)
  } catch (error) {
    if (error instanceof EndOfBytes) return done(false)
    throw error
  }
}
