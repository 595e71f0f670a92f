/** Headers on their way through: hop-by-hop fields end here (RFC 9110 7.6.1), ours are added, all else passes unchanged. */

/** What one pass over a request's raw headers (name, value, name, value …; latin1) finds. */
export interface RequestHead {
  /** Fields to pass on, without framing (content-length, transfer-encoding) and `expect`. */
  readonly fields: string[]
  readonly host: string | undefined
  /** Bytes announced; null without content-length. */
  readonly length: number | null
  readonly chunked: boolean
  readonly expectsContinue: boolean
  /** The caller's own x-request-id. */
  readonly callerId: string | undefined
  readonly trailer: string | undefined
  /** Why the request is refused, though the parser took it; null: it is fine. */
  readonly refusal: string | null
}

/** `connection` names these of its own accord or by custom; they never pass. */
const HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
/** Fields that a `connection` list must not take away: they frame or address the message. */
const NEVER_LISTED = new Set(['content-length', 'transfer-encoding', 'host', 'trailer'])
/** Ours: a caller cannot set them. */
const OURS = new Set(['x-slipway-request-id', 'x-slipway-version', 'x-slipway-shadow'])

export function readRequestHead(raw: readonly string[], httpVersion: string): RequestHead {
  const fields: string[] = []
  let host: string | undefined
  let hosts = 0
  let length: number | null = null
  let coding: string | undefined
  let expectsContinue = false
  let callerId: string | undefined
  let trailer: string | undefined
  let listed: string | undefined
  let teTrailers = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = raw[i + 1]!
    switch (name) {
      case 'host':
        hosts++
        host = value
        break
      case 'content-length':
        length = Number(value)
        continue
      case 'transfer-encoding':
        coding = coding === undefined ? value : `${coding}, ${value}`
        continue
      case 'expect':
        expectsContinue = value.toLowerCase() === '100-continue'
        continue
      case 'connection':
        listed = listed === undefined ? value : `${listed}, ${value}`
        continue
      case 'te':
        teTrailers = /(^|[\s,])trailers($|[\s,;])/i.test(value)
        continue
      case 'x-request-id':
        callerId = value
        break
      case 'trailer':
        trailer = value
        break
      default:
        if (HOP.has(name) || OURS.has(name)) continue
    }
    fields.push(raw[i]!, value)
  }
  const drop = listed === undefined ? null : listedFields(listed)
  const refusal = refusalOf(hosts, coding, httpVersion, drop)
  if (teTrailers) fields.push('te', 'trailers')
  return {
    fields: drop && drop.size > 0 ? without(fields, drop) : fields,
    host,
    length,
    chunked: coding !== undefined,
    expectsContinue,
    callerId,
    trailer,
    refusal,
  }
}

/** Shapes that Node's parser lets pass and two parties could read in two ways. */
function refusalOf(
  hosts: number,
  coding: string | undefined,
  httpVersion: string,
  drop: ReadonlySet<string> | null,
): string | null {
  if (hosts > 1) return 'more than one Host line'
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') return 'a transfer coding other than chunked'
  if (coding !== undefined && httpVersion === '1.0') return 'transfer-encoding in HTTP/1.0'
  if (drop) for (const name of drop) if (NEVER_LISTED.has(name)) return `a Connection line that names ${name}`
  return null
}

/** Names that a Connection line lists, less those that are dropped or kept in any case. */
function listedFields(value: string): Set<string> | null {
  const names = new Set<string>()
  for (const part of value.split(',')) {
    const name = part.trim().toLowerCase()
    if (name !== '' && name !== 'close' && name !== 'te' && !HOP.has(name)) names.add(name)
  }
  return names.size === 0 ? null : names
}

function without(fields: readonly string[], drop: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2)
    if (!drop.has(fields[i]!.toLowerCase())) kept.push(fields[i]!, fields[i + 1]!)
  return kept
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'] as const

/** Adds our request id, and the x-forwarded-* that no front proxy has set. */
export function forwardHeaders(head: RequestHead, id: string, peer: string): string[] {
  const fields = head.fields
  const seen = [false, false, false]
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!
    if (name.length < 15 || name.length > 17 || (name.charCodeAt(0) | 0x20) !== 0x78) continue
    const known = FORWARDED.indexOf(name.toLowerCase() as (typeof FORWARDED)[number])
    if (known >= 0) seen[known] = true
  }
  fields.push('x-slipway-request-id', id)
  if (!seen[0]) fields.push('x-forwarded-for', peer)
  if (!seen[1]) fields.push('x-forwarded-proto', 'http')
  if (!seen[2] && head.host !== undefined) fields.push('x-forwarded-host', head.host)
  return fields
}

/** How a request's body travels on: as long as announced, in chunks, or none. */
export function frameRequest(fields: readonly string[], method: string, body: number | 'chunked' | 'none'): string[] {
  if (body === 'chunked') return [...fields, 'transfer-encoding', 'chunked']
  if (typeof body === 'number') return [...fields, 'content-length', String(body)]
  // Without it the client side would announce an empty chunked body.
  return method === 'GET' || method === 'HEAD' ? [...fields] : [...fields, 'content-length', '0']
}

/** What an answer's raw headers say, and the fields for the caller. */
export interface AnswerHead {
  readonly fields: string[]
  readonly contentType: string
  readonly encoding: string
  readonly length: number | null
}

export function readAnswerHead(raw: readonly string[], id: string, version: string): AnswerHead {
  const fields: string[] = []
  let contentType = ''
  let encoding = ''
  let length: number | null = null
  let listed: string | undefined
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = raw[i + 1]!
    switch (name) {
      case 'connection':
        listed = listed === undefined ? value : `${listed}, ${value}`
        continue
      case 'content-type':
        contentType = value
        break
      case 'content-encoding':
        encoding = value.trim().toLowerCase()
        break
      case 'content-length':
        length = Number(value)
        break
      default:
        if (HOP.has(name) || OURS.has(name)) continue
    }
    fields.push(raw[i]!, value)
  }
  const drop = listed === undefined ? null : listedFields(listed)
  const kept = drop ? without(fields, new Set([...drop].filter((name) => !NEVER_LISTED.has(name)))) : fields
  kept.push('x-slipway-request-id', id, 'x-slipway-version', version)
  return { fields: kept, contentType, encoding, length }
}

/** A flat list as name and value pairs. */
export function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, flat[i + 1]!])
  return pairs
}
