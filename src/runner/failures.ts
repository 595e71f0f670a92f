/** Errors of one release or environment, which must not reach the others. */
import { SlipwayError } from '../errors.ts'

/** Runs work for a release; what it threw names the release. HOST_ELSEWHERE concerns all of them and passes. */
export function failureOf(release: string, work: () => void): Error[] {
  try {
    work()
    return []
  } catch (cause) {
    if (cause instanceof SlipwayError && cause.code === 'HOST_ELSEWHERE') throw cause
    return [new Error(`${release}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })]
  }
}

/** One error for several; HOST_ELSEWHERE stands above the others. */
export function together(failed: readonly Error[]): Error {
  const elsewhere = failed.find((error) => error instanceof SlipwayError && error.code === 'HOST_ELSEWHERE')
  if (elsewhere || failed.length === 1) return elsewhere ?? failed[0]!
  return new AggregateError(failed, failed.map((error) => error.message).join('; '))
}
