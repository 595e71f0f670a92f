/** Errors of one release or environment, which must not reach the others. */
import { SlipwayError } from '../errors.ts'

/** The state of a release from which no step can be made: damaged, or against the engine's invariants. */
export class Unsteppable extends Error {
  override readonly name = 'Unsteppable'

  constructor(release: string, cause: unknown) {
    super(`${release} cannot be stepped: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** What was thrown, with the name of what it concerns. HOST_ELSEWHERE concerns all and passes. */
export function named(name: string, cause: unknown): Error {
  if (cause instanceof SlipwayError && cause.code === 'HOST_ELSEWHERE') throw cause
  return new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}

/** Runs work for a release; what it threw names the release. */
export function failureOf(release: string, work: () => void): Error[] {
  try {
    work()
    return []
  } catch (cause) {
    return [named(release, cause)]
  }
}

/** One error for several; HOST_ELSEWHERE stands above the others. */
export function together(failed: readonly Error[]): Error {
  const elsewhere = failed.find((error) => error instanceof SlipwayError && error.code === 'HOST_ELSEWHERE')
  if (elsewhere || failed.length === 1) return elsewhere ?? failed[0]!
  return new AggregateError(failed, failed.map((error) => error.message).join('; '))
}
