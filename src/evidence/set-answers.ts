/** An evaluation set that both versions answered: one paired block, and the lines that changed. */
import { SlipwayError } from '../errors.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { armsOf, pairsOf } from './blocks.ts'
import { type Example, mostChanged, NO_EXAMPLES } from './examples.ts'
import type { Judged, Question } from './question.ts'
import type { SetLine } from './sets.ts'
import type { Counts } from './types.ts'

/** What a version answered to one line. `value` undefined: nothing at the answer pointer; `fault` says why. */
export interface LineAnswer {
  readonly value: unknown
  readonly fault: string | null
}

export interface SetOutcome {
  /** The gate that names the set. */
  readonly gate: string
  readonly counts: Counts
  /** The largest losses first, at most 20; likewise the gains. */
  readonly newlyWrong: readonly Example[]
  readonly newlyRight: readonly Example[]
  /** Which line the candidate did not answer, and why; null: all answered. It breaks a first release. */
  readonly unanswered: string | null
}

/**
 * Scores both versions' answers to a set's lines (same order), for the gate of the plan that names it. A line without an answer
 * is a wrong one. Without a baseline (first release) the block is arms(x, n, 0, 0).
 */
export function setQuestion(
  plan: Pick<ReleasePlan, 'gates'>,
  set: string,
  lines: readonly SetLine[],
  candidate: readonly LineAnswer[],
  baseline: readonly LineAnswer[] | null,
): Question<SetOutcome> {
  const gate = plan.gates.find((g) => g.kind === 'quality' && 'set' in g.source && g.source.set === set)
  if (gate?.kind !== 'quality') throw new SlipwayError('BUG', `no gate of the plan names the set ${set}`)
  const items: Judged[] = []
  const place = (side: string, line: SetLine, answer: LineAnswer): number | null => {
    if (answer.value === undefined) return null
    const { id, request, expect } = line
    return items.push({ id: `${id} ${side}`, request, answer: answer.value, expect }) - 1
  }
  const places = lines.map((line, i) => ({
    candidate: place('candidate', line, candidate[i]!),
    baseline: baseline ? place('baseline', line, baseline[i]!) : null,
  }))
  const example = (i: number): Example => ({
    id: lines[i]!.id,
    expect: lines[i]!.expect ?? null,
    baseline: baseline?.[i]?.value ?? null,
    candidate: candidate[i]!.value ?? null,
  })
  const missing = candidate.findIndex((answer) => answer.value === undefined)
  return {
    evaluator: gate.evaluator,
    items,
    read(scores) {
      const score = (at: number | null): number => (at === null ? 0 : scores[at]!)
      const pairs = places.map((p) => [1 - score(p.candidate), 1 - score(p.baseline)] as const)
      const changed = pairs.map(([c, b], i) => ({ by: b - c, example: example(i) }))
      const { newlyWrong, newlyRight } = mostChanged(NO_EXAMPLES, baseline === null ? [] : changed)
      const alone = pairs.map(([c]) => c)
      return {
        gate: gate.name,
        counts: baseline ? pairsOf(pairs) : armsOf(alone, []),
        newlyWrong: newlyWrong.map((one) => one.example),
        newlyRight: newlyRight.map((one) => one.example),
        unanswered: missing < 0 ? null : sentence(set, lines[missing]!, candidate[missing]!),
      }
    },
  }
}

const sentence = (name: string, line: SetLine, { fault }: LineAnswer): string =>
  `line ${line.line} (${line.id}) of ${name} was not answered${fault === null ? ': nothing at the answer pointer' : `: ${fault}`}`
