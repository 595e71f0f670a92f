/** Asks a version the lines of an evaluation set. */
import { overlay } from '../kit/json.ts'
import type { LineAnswer } from './set-answers.ts'
import type { SetLine } from './sets.ts'

/** Lines asked of a version at once. */
const AT_ONCE = 4
/** How long a line may take, ms. */
export const LINE_MS = 120_000

/** Answers in the order of the lines; `laid` (JSON pointer -> value) is laid over bodies that are objects or lists. */
export async function askLines(
  lines: readonly SetLine[],
  laid: Readonly<Record<string, unknown>>,
  ask: (request: SetLine['request']) => Promise<LineAnswer>,
): Promise<LineAnswer[]> {
  const answers: LineAnswer[] = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < lines.length; i = next++) {
      const { request } = lines[i]!
      const body =
        typeof request.body === 'object' && request.body !== null ? overlay(request.body, laid) : request.body
      answers[i] = await ask({ ...request, body })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return answers
}
