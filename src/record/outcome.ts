/** What an end means for exits and error codes. */
import { ERRORS, type ErrorCode, type Exit } from '../errors.ts'
import type { Cause, Outcome } from '../release/types.ts'

/** Error code of an outcome; null for a promotion. */
export function codeOf(outcome: Outcome, cause: Cause): ErrorCode | null {
  if (outcome === 'promoted') return null
  switch (cause.kind) {
    case 'gate':
      return 'GATE_FAILED'
    case 'version':
      return cause.code
    case 'person':
      return cause.verb === 'rollback' ? 'ROLLED_BACK_BY_PERSON' : 'ABORTED'
    case 'hold-ended':
    case 'undecided':
      return 'INCONCLUSIVE'
    case 'passed':
    case 'cut-short':
      return null
  }
}

/** Exit of the commands that wait for a release. */
export function exitOf(outcome: Outcome, cause: Cause): Exit {
  const code = codeOf(outcome, cause)
  return code === null ? 0 : ERRORS[code].exit
}
