import type { Evaluator } from '../../plan/types.ts'
import type { Judged } from '../question.ts'
import type { EvaluatorKind } from './kind.ts'

/** A program of the user's own: one JSON line a question in, one JSON line an answer out, in any order. */
export const command: EvaluatorKind<Extract<Evaluator, { kind: 'command' }>> = {
  kind: 'command',
  unfit: () => null,
  score: null,
}

/** The line that the program reads, with its newline: {id, request, answer, expect?, other?}. */
export const commandLine = (item: Judged): string => `${JSON.stringify(item)}\n`

/** What it wrote: {id, score}; a string says what is wrong with the line. */
export function readCommandLine(line: string): { readonly id: string; readonly score: number } | string {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return 'wrote a line that is not JSON (what people should read belongs on stderr)'
  }
  const { id, score } = (typeof json === 'object' && json !== null ? json : {}) as { id?: unknown; score?: unknown }
  if (typeof id !== 'string') return 'wrote a line without "id"'
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return `gave ${id} no "score" from 0 to 1`
  return { id, score }
}
