import { type EvaluatorKind, missing } from './kind.ts'

/** Everything that `part` holds is in `whole`: keys of objects, and lists of the same length member by member. */
function holds(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole) !== Array.isArray(part)) return false
  if (Array.isArray(part) && part.length !== (whole as unknown[]).length) return false
  return Object.entries(part).every(
    ([key, value]) => Object.hasOwn(whole, key) && holds((whole as Record<string, unknown>)[key], value),
  )
}

/** Text that is JSON counts as that JSON where an object or list is expected. */
function parsed(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer
  try {
    return JSON.parse(answer)
  } catch {
    return answer
  }
}

/** 1 where the answer is a JSON value that holds all of `expect`; more keys are allowed. */
export const jsonSubset: EvaluatorKind = {
  kind: 'json-subset',
  unfit: missing,
  score: (answer, expect) => (holds(typeof expect === 'object' ? parsed(answer) : answer, expect) ? 1 : 0),
}
