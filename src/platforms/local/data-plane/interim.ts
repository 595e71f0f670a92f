/** Answers before the answer (1xx), passed on to the caller. */
import type { ServerResponse } from 'node:http'
import { readAnswerHead } from './headers.ts'

/** Older Node can pass on 100, 102, and 103 with a link; what it cannot is left out, as any of them may be (RFC 9110 15.2). */
export function passInterim(res: ServerResponse, status: number, raw: readonly string[]): void {
  if (res.headersSent || res.req.httpVersion === '1.0') return
  if (status === 100) return res.writeContinue()
  // Without our own two fields: they belong to the answer.
  const fields = readAnswerHead(raw, '', '').fields.slice(0, -4)
  try {
    if (typeof res.writeInformation === 'function') res.writeInformation(status, fields)
    else if (status === 102) res.writeProcessing()
    else if (status === 103) res.writeEarlyHints(hintsOf(fields))
  } catch {
    // Hints that Node's writer does not like are not worth the answer.
  }
}

function hintsOf(fields: readonly string[]): Record<string, string | string[]> {
  const hints: Record<string, string[]> = Object.create(null)
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!.toLowerCase()
    const values = name === 'link' ? fields[i + 1]!.split(/,\s*(?=<)/) : [fields[i + 1]!]
    hints[name] = [...(hints[name] ?? []), ...values]
  }
  return hints
}
