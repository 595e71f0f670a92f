/** Labels as they are sent: JSON lines {"id", "label"}, or CSV with the header id,label. */
import { SlipwayError } from '../errors.ts'
import { canonicalJson, withinDepth } from '../kit/json.ts'
import { shorten, visible } from '../kit/text.ts'

export interface Label {
  /** x-slipway-request-id, or the caller's key as `labels.key` reads it: a text as it is, another JSON value as RFC 8785. */
  readonly id: string
  readonly label: unknown
}

const MOST_ID = 1000
const MOST_LABEL = 64 * 2 ** 10
const LISTED = 20

/** A label typed by hand or in CSV: JSON if it parses, else text. */
export function labelValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * All labels of a text, or LABEL_INVALID naming `source` and the broken lines (none is taken then). CSV is told by its first
 * line; quotes as in RFC 4180. Ids to 1,000 characters, labels to 64 KiB.
 */
export function parseLabels(text: string, source: string): Label[] {
  const body = text.replace(/^\ufeff/, '')
  const csv = /^"?id"?,"?label"?\r?(\n|$)/.test(body)
  const rows: Iterable<{ line: number; label: Label | string }> = csv ? csvRows(body) : jsonRows(body)
  const labels: Label[] = []
  const faults: { line: number; message: string }[] = []
  let count = 0
  for (const { line, label } of rows) {
    const fault = typeof label === 'string' ? label : unfit(label)
    if (fault === null) labels.push(label as Label)
    else if (count++ < LISTED) faults.push({ line, message: fault })
  }
  if (count === 0) return labels
  const { line, message } = faults[0]!
  const more = count > 1 ? ` (and ${count - 1} more lines)` : ''
  throw new SlipwayError('LABEL_INVALID', `${visible(source)}:${line}: ${visible(shorten(message, 300))}${more}`, {
    where: faults.map((fault) => ({ file: source, line: fault.line })),
  })
}

/** Why a label cannot be taken, or null. */
export function unfit({ id, label }: Label): string | null {
  if (id === '' || id.length > MOST_ID) return 'an id has 1 to 1000 characters'
  if (!withinDepth(label)) return 'the label is nested too deep'
  return JSON.stringify(label).length > MOST_LABEL ? 'the label is longer than 64 KiB' : null
}

function* jsonRows(text: string): Generator<{ line: number; label: Label | string }> {
  const [first = ''] = text.split('\n', 1)
  if (/^[^{[]*,/.test(first))
    return yield { line: 1, label: 'neither a JSON line {"id", "label"} nor the header of CSV, which must be id,label' }
  for (const [i, raw] of text.split('\n').entries()) if (raw.trim() !== '') yield { line: i + 1, label: jsonLabel(raw) }
}

function jsonLabel(raw: string): Label | string {
  let json: unknown
  try {
    json = JSON.parse(raw)
  } catch (error) {
    return `not JSON: ${error instanceof Error ? error.message : ''}`
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'expected {"id", "label"}'
  const { id, label, ...rest } = json as { id?: unknown; label?: unknown }
  const [extra] = Object.keys(rest)
  if (extra !== undefined) return `unknown key ${extra}; a line holds "id" and "label"`
  if (label === undefined) return '"label" is missing'
  if (typeof id === 'string') return { id, label }
  return typeof id === 'number' || typeof id === 'boolean' ? { id: canonicalJson(id), label } : '"id" is missing'
}

function* csvRows(text: string): Generator<{ line: number; label: Label | string }> {
  let first = true
  for (const { line, fields } of csvRecords(text)) {
    const [id, value] = fields
    if (!first && !(fields.length === 1 && id === ''))
      yield {
        line,
        label: fields.length === 2 ? { id: id!, label: labelValue(value!) } : 'expected two fields, id and label',
      }
    first = false
  }
}

/** Records of RFC 4180; a quote that is never closed ends with the text. */
function* csvRecords(text: string): Generator<{ line: number; fields: string[] }> {
  let fields: string[] = []
  let line = 1
  let start = 1
  const field = /("(?:[^"]|"")*"?|[^,\n]*)(,|\r?\n|$)/gy
  while (field.lastIndex < text.length) {
    const [whole, raw, end] = field.exec(text) ?? []
    if (whole === undefined) return yield { line: start, fields: ['', '', ''] }
    fields.push(
      raw!.startsWith('"')
        ? raw!.slice(1, raw!.endsWith('"') && raw!.length > 1 ? -1 : undefined).replaceAll('""', '"')
        : raw!.replace(/\r$/, ''),
    )
    line += whole.split('\n').length - 1
    if (end === ',' && field.lastIndex < text.length) continue
    if (end === ',') fields.push('')
    yield { line: start, fields }
    fields = []
    start = line
  }
}
