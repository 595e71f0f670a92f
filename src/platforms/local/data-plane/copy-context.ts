/** What copies need of the data plane around them. */
import type { Clock } from '../../../io/clock.ts'
import type { AnswerRing } from './answer-ring.ts'
import type { Deadlines } from './deadlines.ts'

export interface CopyContext {
  readonly clock: Clock
  /** 0 <= r < 1 */
  readonly random: () => number
  readonly deadlines: Deadlines
  readonly ring: AnswerRing
}
