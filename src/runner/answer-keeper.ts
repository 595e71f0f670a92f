/** Keeps single answers of one release for its reports: examples of labels, and whole answers of pairs. */
import { type Changed, mostChanged, NO_EXAMPLES } from '../evidence/examples.ts'
import { keptPairs } from '../evidence/whole-pairs.ts'
import { type KeptAnswers, keptKey, keptOf } from '../record/kept.ts'
import { type ReleaseId, releaseKey } from '../record/release-id.ts'
import type { RunnerDeps } from './deps.ts'
import type { Driven } from './orders.ts'

/** Rows looked at in one turn. */
const MOST_ROWS = 500
/** Where only the place in the answers changed it is not written at each look. */
const WRITE_ROWS = 5000
/** Writing is dear (up to some MB): at most so often, and at the end. */
const WRITE_MS = 1000

export class AnswerKeeper {
  readonly #deps: Pick<RunnerDeps, 'journal' | 'answers' | 'clock'>
  #kept: KeptAnswers | null = null
  /** As it was last written or read. */
  #written: KeptAnswers | null = null
  #writtenAt = Number.NEGATIVE_INFINITY

  constructor(deps: Pick<RunnerDeps, 'journal' | 'answers' | 'clock'>) {
    this.#deps = deps
  }

  #known(driven: Driven): KeptAnswers {
    if (this.#kept === null) {
      this.#kept = keptOf(this.#deps.journal, driven)
      this.#written = this.#kept
    }
    return this.#kept
  }

  /** Requests that became wrong or right by their labels. A batch that comes twice adds nothing. */
  examples(driven: Driven, gate: string, changed: readonly Changed[]): void {
    if (changed.length === 0) return
    const kept = this.#known(driven)
    const before = kept.examples[gate] ?? NO_EXAMPLES
    const now = mostChanged(before, changed)
    if (now.newlyWrong === before.newlyWrong && now.newlyRight === before.newlyRight) return
    this.#kept = { ...kept, examples: { ...kept.examples, [gate]: now } }
  }

  /** Whole answers of the pairs that came, where the plan keeps any. */
  pairs(driven: Driven): void {
    if (!driven.plan.keepAnswers) return
    const kept = this.#known(driven)
    const rows = this.#deps.answers.answersAfter(releaseKey(driven), kept.upTo, MOST_ROWS)
    const last = rows.at(-1)
    if (!last) return
    const answers = rows.map(({ answer }) => answer)
    this.#kept = { ...kept, upTo: last.seq, pairs: keptPairs(kept.pairs, answers) }
  }

  /** Writes what changed, if it is time. */
  write(id: ReleaseId): void {
    if (this.#deps.clock.mono() - this.#writtenAt >= WRITE_MS) this.flush(id)
  }

  /** Writes what changed. */
  flush(id: ReleaseId): void {
    const [now, before] = [this.#kept, this.#written]
    if (now === null || before === null) return
    const same = now.examples === before.examples && now.pairs === before.pairs
    if (same && now.upTo - before.upTo < WRITE_ROWS) return
    this.#deps.journal.append([], null, { [keptKey(id)]: now })
    this.#writtenAt = this.#deps.clock.mono()
    this.#written = now
  }
}
