import { type EvaluatorKind, missing, textOf } from './kind.ts'

/** 1 where the answer's text holds `expect`, a string; or each of a list of strings. Capitals count. */
export const contains: EvaluatorKind = {
  kind: 'contains',
  unfit(expect) {
    const parts = Array.isArray(expect) ? expect : [expect]
    if (expect === undefined) return missing(expect)
    if (parts.length === 0 || parts.some((part) => typeof part !== 'string' || part === ''))
      return 'contains wants a text, or a list of texts, none of them empty'
    return null
  },
  score(answer, expect) {
    const text = textOf(answer)
    return [expect].flat().every((part) => text.includes(String(part))) ? 1 : 0
  },
}
