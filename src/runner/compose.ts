/** A runner's needs from real parts. */
import { parseSet } from '../evidence/sets.ts'
import type { Scorer } from '../io/evaluator.ts'
import type { Files } from '../io/files.ts'
import type { Store } from '../io/store-contract.ts'
import type { Digest } from '../model/types.ts'
import type { RunnerDeps } from './deps.ts'

const MOST_SET_BYTES = 256 * 2 ** 20

type Parts = Pick<RunnerDeps, 'journal' | 'answers' | 'clock' | 'platform' | 'epoch' | 'reach' | 'notify' | 'wake'> & {
  readonly store: Store
  readonly files: Pick<Files, 'read'>
  readonly scorer: Scorer
}

export function runnerDeps({ store, files, scorer, ...rest }: Parts): RunnerDeps {
  const weights = new Map<string, readonly string[]>()
  return {
    ...rest,
    score: (evaluator, items) => scorer.score(evaluator, items),
    scoreNow: (evaluator, items) => scorer.scoreNow(evaluator, items),
    async readSet(sha256, evaluator) {
      return parseSet(await files.read(store.blob(sha256), MOST_SET_BYTES), `set ${sha256.slice(0, 12)}`, evaluator)
        .lines
    },
    async remember(digest) {
      if (weights.has(digest) || !digest.startsWith('sha256:')) return
      const { version } = await store.read(digest as Digest)
      weights.set(
        digest,
        version.files.filter((f) => f.weight).map((f) => f.sha256),
      )
    },
    weightsOf: (digest) => weights.get(digest) ?? [],
  }
}
