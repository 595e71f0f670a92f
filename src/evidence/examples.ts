/** Requests and lines of which two versions' answers are not equally good: the largest losses and gains, a few of each. */

/** Both versions' values to one line or request, beside what was right. */
export interface Example {
  readonly id: string
  readonly expect: unknown
  readonly baseline: unknown
  readonly candidate: unknown
}
/** `by`: how much better (+) or worse (-) the candidate's answer is, -1..1. */
export interface Changed {
  readonly example: Example
  readonly by: number
}
export interface Examples {
  readonly newlyWrong: readonly Changed[]
  readonly newlyRight: readonly Changed[]
}
export const NO_EXAMPLES: Examples = { newlyWrong: [], newlyRight: [] }
const MOST = 20

/** Where nothing changed the list stays the same one. */
export const sameMembers = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((one, i) => one === b[i])

/** What is kept of those known and of new ones: the largest losses first, at most 20; likewise the gains. An id stands once. */
export function mostChanged(known: Examples, fresh: readonly Changed[]): Examples {
  const seen = new Set([...known.newlyWrong, ...known.newlyRight].map(({ example }) => example.id))
  const added = fresh.filter(({ example }) => !seen.has(example.id))
  const most = (sign: 1 | -1, before: readonly Changed[]): readonly Changed[] => {
    const more = added.filter(({ by }) => sign * by > 0)
    const now = [...before, ...more].sort((p, q) => sign * (q.by - p.by)).slice(0, MOST)
    return sameMembers(now, before) ? before : now
  }
  return { newlyWrong: most(-1, known.newlyWrong), newlyRight: most(1, known.newlyRight) }
}
