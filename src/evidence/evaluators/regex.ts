import { createContext, Script } from 'node:vm'
import { type EvaluatorKind, missing, textOf } from './kind.ts'

/** Longest pattern and text; longer text is matched by its beginning. */
const MOST_PATTERN = 1000
const MOST_TEXT = 100_000
/**
 * A pattern such as (a+)+$ takes time that doubles with each character, so no length is safe by itself. The match runs
 * under V8's own time limit, which the engine asks for while it backtracks; what exceeds it is a fault of the pattern.
 */
const MOST_MS = 100

/** Without repetition, alternatives and escapes nothing is ever tried twice: such a pattern needs no limit. */
const STRAIGHT = /^[^*+?{|\\]*$/

const context = createContext({ pattern: null as RegExp | null, text: '' })
/** Patterns that once took too long: not tried again. */
const slow = new Set<string>()
const MOST_SLOW = 1000
const match = new Script('pattern.test(text)')

/** 1 where the regular expression in `expect` (flags `us`) matches somewhere in the answer's text. */
export const regex: EvaluatorKind = {
  kind: 'regex',
  unfit(expect) {
    if (typeof expect !== 'string') return missing(expect) ?? 'regex wants a pattern, a text'
    if (expect.length > MOST_PATTERN) return `the pattern is longer than ${MOST_PATTERN} characters`
    try {
      new RegExp(expect, 'us')
      return null
    } catch (error) {
      return error instanceof Error ? error.message : 'is no regular expression'
    }
  },
  score(answer, expect) {
    const unfit = regex.unfit(expect)
    if (unfit !== null) return { fault: unfit }
    const pattern = new RegExp(expect as string, 'us')
    const text = textOf(answer).slice(0, MOST_TEXT)
    if (STRAIGHT.test(expect as string)) return pattern.test(text) ? 1 : 0
    if (slow.has(expect as string)) return tooSlow(expect as string)
    context.pattern = pattern
    context.text = text
    try {
      return match.runInContext(context, { timeout: MOST_MS }) ? 1 : 0
    } catch {
      if (slow.size < MOST_SLOW) slow.add(expect as string)
      return tooSlow(expect as string)
    }
  },
}

const tooSlow = (pattern: string) => ({
  fault: `the pattern ${pattern} takes longer than ${MOST_MS} ms on one answer; write it without nested repetition`,
})
