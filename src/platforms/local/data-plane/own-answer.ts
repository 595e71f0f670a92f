/** Answers of the data plane itself: a status, and one JSON line that says what happened. */
import { type ServerResponse, STATUS_CODES } from 'node:http'

export type OwnCode =
  | 'bad-request'
  | 'body-too-large'
  | 'busy'
  | 'not-ready'
  | 'held-too-long'
  | 'server-unreachable'
  | 'server-timeout'
  | 'caller-too-slow'

const KIND: Readonly<Record<OwnCode, { status: number; retryAfter: boolean }>> = {
  'bad-request': { status: 400, retryAfter: false },
  'body-too-large': { status: 413, retryAfter: false },
  'caller-too-slow': { status: 408, retryAfter: false },
  busy: { status: 503, retryAfter: true },
  'not-ready': { status: 503, retryAfter: true },
  'held-too-long': { status: 503, retryAfter: true },
  'server-unreachable': { status: 502, retryAfter: false },
  'server-timeout': { status: 504, retryAfter: false },
}

export const ownStatus = (code: OwnCode): number => KIND[code].status

/** The body of an answer of ours. */
export const ownBody = (code: OwnCode, message: string): string => `${JSON.stringify({ error: { code, message } })}\n`

/**
 * Ends an answer that has not begun. `close` ends the caller's connection with it, where the rest of a body is not read.
 * `version` names who should have answered.
 */
export function answerOurselves(
  res: ServerResponse,
  code: OwnCode,
  message: string,
  more: { id?: string; version?: string; close?: boolean },
): void {
  const { status, retryAfter } = KIND[code]
  const body = ownBody(code, message)
  const headers = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(body))]
  if (retryAfter) headers.push('retry-after', '1')
  if (more.id !== undefined) headers.push('x-slipway-request-id', more.id)
  if (more.version !== undefined) headers.push('x-slipway-version', more.version)
  if (more.close) headers.push('connection', 'close')
  // Named, as a reason that could not be passed on may stand there still.
  res.writeHead(status, STATUS_CODES[status], headers)
  res.end(body)
}
