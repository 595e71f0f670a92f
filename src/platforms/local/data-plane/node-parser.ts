/**
 * Node's own HTTP/1.1 parser (llhttp) for answers of servers, without http.ClientRequest around it, which costs more than all
 * the rest of a request's way. The same class and strictness that node:http uses; the class is unchanged from Node 22 to 26.
 */
import { createRequire } from 'node:module'
import { SlipwayError } from '../../../errors.ts'

/** Return value of `onHead`: how the parser goes on. */
export const BODY = 0
export const NO_BODY = 1
export const UPGRADE = 2

export interface AnswerParser {
  /** Bytes consumed (fewer than given after an upgrade), or what is wrong with the answer. */
  execute(bytes: Buffer): number | Error
  /** The other side has ended; an Error where the answer was not whole. */
  finish(): undefined | Error
  close(): void
}
export interface ParserEvents {
  onHead(status: number, message: string, headers: readonly string[], keepAlive: boolean): number
  onBody(chunk: Buffer): void
  onTrailers(headers: readonly string[]): void
  onEnd(): void
}

interface NativeParser extends AnswerParser {
  initialize(type: number, resource: object, mostHeaderBytes: number, lenient: number): void
  [event: number]: unknown
}
interface NativeClass {
  new (): NativeParser
  readonly RESPONSE: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

const { HTTPParser } = createRequire(import.meta.url)('_http_common') as { HTTPParser?: NativeClass }

/** A parser for the answers of one connection, strict, with heads of at most so many bytes. */
export function answerParser(events: ParserEvents, mostHeaderBytes: number): AnswerParser {
  if (HTTPParser === undefined)
    throw new SlipwayError(
      'BUG',
      `this Node (${process.version}) has no HTTP parser of its own where slipway looks for it`,
    )
  const parser = new HTTPParser()
  parser.initialize(HTTPParser.RESPONSE, {}, mostHeaderBytes, 0)
  // A long head comes in parts; what comes after the head are trailers.
  let early: string[] = []
  let inBody = false
  parser[HTTPParser.kOnHeaders] = (headers: string[]) => {
    if (inBody) events.onTrailers(headers)
    else early = early.concat(headers)
  }
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    headers: string[] | undefined,
    _method: number,
    _url: string,
    status: number,
    message: string,
    _upgrade: boolean,
    keepAlive: boolean,
  ) => {
    const all = early.length === 0 ? (headers ?? []) : early.concat(headers ?? [])
    early = []
    inBody = true
    return events.onHead(status, message, all, keepAlive)
  }
  parser[HTTPParser.kOnBody] = (chunk: Buffer) => events.onBody(chunk)
  parser[HTTPParser.kOnMessageComplete] = () => {
    inBody = false
    events.onEnd()
  }
  return parser
}
