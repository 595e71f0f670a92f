/** Asks the lines of evaluation sets, beside the turns; what is asked twice after a crash costs time and nothing else. */
import { askLines, LINE_MS } from '../evidence/ask-lines.ts'
import { type LineAnswer, setQuestion } from '../evidence/set-answers.ts'
import type { SetLine } from '../evidence/sets.ts'
import type { Evaluator, ReleasePlan } from '../plan/types.ts'
import { releaseKey } from '../record/release-id.ts'
import type { ReleaseRuntime, SetResult } from '../record/runtime.ts'
import { isFirst } from '../release/shape.ts'
import type { Effect } from '../release/types.ts'
import type { RunnerDeps } from './deps.ts'
import type { Driven } from './orders.ts'

type Ask = Extract<Effect, { kind: 'ask' }>
type Side = 'baseline' | 'candidate'
/** Answers so far: a swap asks the old version before it stops it. */
export type SideAnswers = Readonly<Partial<Record<Side, readonly LineAnswer[]>>>
export interface SetProgress {
  readonly set: string
  readonly answers: SideAnswers
  /** null: a side is not asked yet. */
  readonly result: SetResult | null
}

const isFault = (result: SetResult | null): boolean => result !== null && 'error' in result.counts

/** What a release knows after a set came to this. A failure takes no answers away: the version that gave them may be stopped. */
export function withProgress(runtime: ReleaseRuntime, { set, answers, result }: SetProgress): ReleaseRuntime {
  const kept = result && !isFault(result) ? {} : { ...runtime.setAnswers[set], ...answers }
  return {
    ...runtime,
    asked: result ? { ...runtime.asked, [set]: result } : runtime.asked,
    setAnswers: { ...runtime.setAnswers, [set]: kept },
  }
}

/** After a failure to ask, the next try. */
const AGAIN_MS = 5000

export class SetAsker {
  readonly #deps: RunnerDeps
  readonly #busy = new Set<string>()

  constructor(deps: RunnerDeps) {
    this.#deps = deps
  }

  /** Begins what is not under way; `done` gets what each set came to. */
  ask(driven: Driven, effect: Ask, done: (progress: SetProgress) => void): void {
    for (const set of effect.sets) {
      const key = `${releaseKey(driven)} ${set} ${effect.versions.join()}`
      if (this.#busy.has(key)) continue
      this.#busy.add(key)
      void this.#askOnce(driven, set, effect.versions, done).then(() => this.#busy.delete(key))
    }
  }

  /** Over at once, or when it may be tried again. */
  async #askOnce(
    driven: Driven,
    set: string,
    versions: Ask['versions'],
    done: (progress: SetProgress) => void,
  ): Promise<void> {
    try {
      const progress = await this.#askSet(driven, set, versions).catch((error: Error) => ({
        set,
        answers: {},
        result: failed(driven.plan, set, error.message),
      }))
      done(progress)
      if (!isFault(progress.result)) return
    } catch {
      // What was answered could not be written down: the set is asked again, like one that could not be asked.
    }
    await this.#deps.clock.sleep(AGAIN_MS)
  }

  async #askSet(driven: Driven, set: string, versions: Ask['versions']): Promise<SetProgress> {
    const { plan } = driven
    const planned = plan.sets.find((s) => s.name === set)!
    const lines = await this.#deps.readSet(planned.sha256, evaluatorOf(plan, set))
    const digests = { candidate: driven.candidate.digest, baseline: driven.baseline?.digest ?? '' }
    const asked = await Promise.all(
      versions.map(async (side) => [side, await this.#askAll(driven, digests[side], lines)] as const),
    )
    const answers: SideAnswers = { ...driven.runtime.setAnswers[set], ...Object.fromEntries(asked) }
    if (!answers.candidate || (!answers.baseline && !isFirst(plan))) return { set, answers, result: null }
    const question = setQuestion(plan, set, lines, answers.candidate, answers.baseline ?? null)
    const scores =
      this.#deps.scoreNow(question.evaluator, question.items) ??
      (await this.#deps.score(question.evaluator, question.items))
    return { set, answers, result: question.read(scores) }
  }

  #askAll({ plan, environment }: Driven, digest: string, lines: readonly SetLine[]): Promise<LineAnswer[]> {
    return askLines(lines, plan.overlay, (request) =>
      this.#deps.platform.ask(environment, digest, request, plan.answer, LINE_MS),
    )
  }
}

const gateFor = (plan: ReleasePlan, set: string) =>
  plan.gates.find(
    (g): g is Extract<typeof g, { kind: 'quality' }> =>
      g.kind === 'quality' && 'set' in g.source && g.source.set === set,
  )!
const gateOf = (plan: ReleasePlan, set: string): string => gateFor(plan, set).name
const evaluatorOf = (plan: ReleasePlan, set: string): Evaluator => gateFor(plan, set).evaluator

const failed = (plan: ReleasePlan, set: string, error: string): SetResult => ({
  gate: gateOf(plan, set),
  counts: { error },
  newlyWrong: [],
  newlyRight: [],
  unanswered: null,
})
