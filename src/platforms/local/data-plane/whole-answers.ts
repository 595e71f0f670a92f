/** Which pairs leave their whole answers: of each release the first that disagree, and a few that do not. */
import type { AnswerRecord } from '../../../evidence/types.ts'
import { valuesDiffer } from '../../../evidence/whole-pairs.ts'
import type { Outcome } from './outcome.ts'
import type { Orders } from './routing.ts'

const MOST_DIFFERENT = 100
const MOST_ALIKE = 20

export class WholeAnswers {
  #release = ''
  #different = 0
  #alike = 0

  /** True where no further pair of the release is kept: then no answer needs to be looked at for it. */
  full({ counting }: Orders): boolean {
    const enough = this.#different >= MOST_DIFFERENT && this.#alike >= MOST_ALIKE
    return !counting || (counting.release === this.#release && enough)
  }

  /** The answers of a pair, where they are kept; null: enough are, or neither is text. */
  take(orders: Orders, user: Outcome, copy: Outcome | undefined): NonNullable<AnswerRecord['whole']> | null {
    const { counting, answer } = orders
    if (!counting || !copy || (!user.whole && !copy.whole)) return null
    if (counting.release !== this.#release) {
      this.#release = counting.release
      this.#different = 0
      this.#alike = 0
    }
    const differ = answer === null ? user.whole?.text !== copy.whole?.text : valuesDiffer(user.value, copy.value)
    if (differ ? this.#different++ >= MOST_DIFFERENT : this.#alike++ >= MOST_ALIKE) return null
    return {
      ...(user.whole ? { user: user.whole } : {}),
      ...(copy.whole ? { candidateCopy: copy.whole } : {}),
    }
  }
}
