/** What a turn needs from the outside. */

import type { Judged } from '../evidence/join.ts'
import type { SetLine } from '../evidence/sets.ts'
import type { Answers } from '../io/answers.ts'
import type { Clock } from '../io/clock.ts'
import type { Journal } from '../io/journal.ts'
import type { Evaluator } from '../plan/types.ts'
import type { Platform } from '../platforms/contract.ts'

export interface RunnerDeps {
  readonly journal: Journal
  readonly answers: Answers
  readonly clock: Clock
  readonly platform: Platform
  readonly epoch: number
  /** Scores of an evaluator that needs no process; null: `score` must run it. */
  scoreNow(evaluator: Evaluator, items: readonly Judged[]): readonly number[] | null
  /** Scores 0..1 in the order of the items. Throws EVALUATOR_FAILED. */
  score(evaluator: Evaluator, items: readonly Judged[]): Promise<readonly number[]>
  /** The lines of a set by the sha256 of its file. */
  readSet(sha256: string, evaluator: Evaluator): Promise<readonly SetLine[]>
  /** Asks a server outside: null where it answers, else why not. */
  reach(address: string, path: string | null): Promise<string | null>
  /** Reads what `weightsOf` will be asked for. */
  remember(digest: string): Promise<void>
  /** sha256 of the weight files of a version, for quarantine. */
  weightsOf(digest: string): readonly string[]
  /** Tells people outside; never throws. */
  notify(environment: string, release: string): void
  /** Wakes the next turn early. */
  wake(): void
}
