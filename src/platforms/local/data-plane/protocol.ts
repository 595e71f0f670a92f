/** What host and data plane say to each other: one JSON object a line, over a Unix socket. */
import { ERRORS, type ErrorCode, SlipwayError } from '../../../errors.ts'
import type { Reading } from '../../../evidence/types.ts'
import type { RouteOrders } from '../../contract.ts'

export const PROTOCOL = 1
/** A longer line ends the connection. */
const MOST_LINE_BYTES = 32 * 2 ** 20

/** A label as it came over HTTP; `at`: wall ms. */
export interface ReceivedLabel {
  readonly id: string
  readonly label: unknown
  readonly at: number
}

export interface Hello {
  readonly protocol: number
  readonly version: string
  readonly boot: string
  readonly pid: number
  readonly environment: string
  readonly epoch: number
  readonly revision: number
  readonly listen: { readonly host: string; readonly port: number }
  readonly control: { readonly host: string; readonly port: number }
}

/** Each method's parameters and result. */
export interface Methods {
  hello: { params: Record<string, never>; result: Hello }
  /** Acts on the orders; refuses (HOST_ELSEWHERE) those of an older epoch, or an older revision of the same. */
  route: { params: { orders: RouteOrders }; result: { epoch: number; revision: number } }
  renew: { params: { epoch: number }; result: { epoch: number } }
  /** `boot`: whose cursor it is; of another boot it means the beginning. */
  observe: { params: { after: number; boot?: string }; result: Reading }
  /** Labels after `after`, oldest first; those up to it are forgotten. */
  labels: {
    params: { after: number; boot?: string }
    result: { boot: string; labels: readonly ReceivedLabel[]; cursor: number }
  }
  /** Drains and ends the process; answers before. */
  close: { params: { graceMs: number }; result: { closing: true } }
}
export type Method = keyof Methods

export interface Request {
  readonly v: number
  readonly id: number
  readonly method: string
  readonly params: unknown
}
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } }

/** An error from the other side as one of ours. */
export const receivedError = (error: { code: string; message: string }): SlipwayError =>
  new SlipwayError(Object.hasOwn(ERRORS, error.code) ? (error.code as ErrorCode) : 'BUG', error.message)

/** Cuts a byte stream into lines; throws nothing, but says when one grows beyond the bound. */
export class Lines {
  readonly #line: (line: string) => void
  readonly #tooLong: () => void
  #parts: Buffer[] = []
  #bytes = 0

  constructor(line: (line: string) => void, tooLong: () => void) {
    this.#line = line
    this.#tooLong = tooLong
  }

  add(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#parts.push(chunk.subarray(from, at))
      const line = Buffer.concat(this.#parts).toString('utf8')
      this.#parts = []
      this.#bytes = 0
      from = at + 1
      this.#line(line)
    }
    this.#parts.push(chunk.subarray(from))
    this.#bytes += chunk.length - from
    if (this.#bytes > MOST_LINE_BYTES) this.#tooLong()
  }
}
