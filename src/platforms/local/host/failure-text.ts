/** What failed, for the host's log: one line where it is an error of ours that says what to do, else all that is known. */
import { inspect } from 'node:util'
import { SlipwayError } from '../../../errors.ts'

/** Causes at the bottom of an error, or of each of several. */
function roots(error: unknown): unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(roots)
  return error instanceof Error && !(error instanceof SlipwayError) && error.cause ? roots(error.cause) : [error]
}

export function failureText(error: Error): string {
  const [first, ...others] = roots(error)
  const ours = (one: unknown): one is SlipwayError => one instanceof SlipwayError && one.code !== 'BUG'
  return ours(first) && others.every(ours) ? `${first.code}: ${error.message}` : inspect(error)
}
