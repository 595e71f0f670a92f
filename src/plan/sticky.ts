/** Who answers a request: the same key gets the same version, and anyone can recompute which. */
import { createHash } from 'node:crypto'
import { atPointer, canonicalJson } from '../kit/json.ts'
import type { Sticky } from './types.ts'

export type Arm = 'baseline' | 'candidate'

/**
 * Salt of a plan: the first 16 hex digits of SHA-256(baseline LF candidate).
 * Digests as `sha256:…`; an outside baseline is its URL, none is the empty string.
 */
export const saltOf = (baseline: string, candidate: string): string =>
  createHash('sha256').update(`${baseline}\n${candidate}`).digest('hex').slice(0, 16)

/**
 * Which arm answers `key` at `weightPpm` (0 … 1,000,000) of the candidate: u = the first 8 bytes of
 * SHA-256(salt LF key) as an unsigned big-endian integer; the candidate where u * 1,000,000 < weightPpm * 2^64.
 * A growing weight only adds keys to the candidate.
 */
export function assigned(key: Uint8Array, salt: string, weightPpm: number): Arm {
  const u = createHash('sha256').update(`${salt}\n`).update(key).digest().readBigUInt64BE(0)
  return u * 1_000_000n < BigInt(weightPpm) << 64n ? 'candidate' : 'baseline'
}

/**
 * The bytes that decide where a request goes.
 * `rawHeaders`: name, value, name, value … as Node's parser gives them (bytes as latin1). `body`: the parsed JSON body, asked for
 * only where the rule reads it; undefined where there is none. Absent (or beyond RFC 8785): the request id.
 */
export function stickyKey(
  sticky: Sticky | null,
  requestId: string,
  rawHeaders: readonly string[],
  body: () => unknown,
): Uint8Array {
  return (sticky && keyOf(sticky, rawHeaders, body)) ?? Buffer.from(requestId, 'utf8')
}

function keyOf(sticky: Sticky, rawHeaders: readonly string[], body: () => unknown): Uint8Array | undefined {
  if ('header' in sticky) {
    const [first] = headerValues(rawHeaders, sticky.header)
    return first === undefined ? undefined : Buffer.from(first, 'latin1')
  }
  if ('cookie' in sticky) {
    const value = cookieValue(headerValues(rawHeaders, 'cookie'), sticky.cookie)
    return value === undefined ? undefined : Buffer.from(value, 'latin1')
  }
  return jsonKey(atPointer(body(), sticky.body))
}

/** A string as UTF-8, another JSON value as RFC 8785; undefined where there is none or RFC 8785 cannot write it (1e400, depth). */
function jsonKey(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  try {
    return Buffer.from(canonicalJson(value), 'utf8')
  } catch {
    return undefined
  }
}

function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const wanted = name.toLowerCase()
  const found: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.toLowerCase() === wanted) found.push(rawHeaders[i + 1]!)
  return found
}

/** Value of the first cookie of that name (RFC 6265: names are case-sensitive); quotes are part of it. */
function cookieValue(headers: readonly string[], name: string): string | undefined {
  for (const header of headers)
    for (const pair of header.split(';')) {
      const at = pair.indexOf('=')
      if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
    }
  return undefined
}
