import { type EvaluatorKind, missing } from './kind.ts'

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  )
}

/** 1 where both are the same JSON value; the order of keys does not count, `1` and `"1"` differ. */
export const exactMatch: EvaluatorKind = {
  kind: 'exact-match',
  unfit: missing,
  score: (answer, expect) => (same(answer, expect) ? 1 : 0),
}
