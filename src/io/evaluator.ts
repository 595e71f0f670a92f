/** Scores of answers: by functions of ours, or by a program of the user's own that reads and writes JSON lines. */
import { SlipwayError } from '../errors.ts'
import { scoresOf } from '../evidence/evaluators/index.ts'
import type { Judged } from '../evidence/question.ts'
import { canonicalJson } from '../kit/json.ts'
import type { Evaluator } from '../plan/types.ts'
import type { Clock } from './clock.ts'
import { EvaluatorProgram } from './evaluator-program.ts'

export interface Scorer {
  /** Scores of an evaluator that needs no process; null: `score` must be asked (a command, or a fault that it will name). */
  scoreNow(evaluator: Evaluator, items: readonly Judged[]): readonly number[] | null
  /** Scores 0..1 in the order of the items. EVALUATOR_FAILED with its cause where one cannot be had: nobody's answer is to blame. */
  score(evaluator: Evaluator, items: readonly Judged[]): Promise<readonly number[]>
  /** Ends the programs; those that do not end by themselves within a second are killed. */
  close(): Promise<void>
}

/** What runs the programs of command evaluators: in the project's folder, with the environment given. */
export function openScorer(options: {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}): Scorer {
  const programs = new Map<string, EvaluatorProgram>()
  return scorer(
    (evaluator, items) => {
      const key = canonicalJson([evaluator.command, evaluator.timeoutMs])
      const program = programs.get(key) ?? new EvaluatorProgram(evaluator, options)
      programs.set(key, program)
      return program.score(items)
    },
    async () => {
      await Promise.all([...programs.values()].map((program) => program.close()))
      programs.clear()
    },
  )
}

/** A scorer whose commands are this function; it may throw. */
export const memoryScorer = (run: (item: Judged, command: readonly string[]) => number): Scorer =>
  scorer(
    async ({ command }, items) => items.map((item) => run(item, command)),
    async () => {},
  )

type Command = Extract<Evaluator, { kind: 'command' }>

function scorer(
  run: (evaluator: Command, items: readonly Judged[]) => Promise<readonly number[]>,
  close: () => Promise<void>,
): Scorer {
  return {
    scoreNow(evaluator, items) {
      try {
        return scoresOf(evaluator, items)
      } catch (error) {
        if (error instanceof SlipwayError) return null
        throw error
      }
    },
    score: async (evaluator, items) => {
      const scores = scoresOf(evaluator, items)
      if (scores !== null) return scores
      return items.length === 0 ? [] : run(evaluator as Command, items)
    },
    close,
  }
}
