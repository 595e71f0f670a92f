/** Where the values of answers are kept: with the release that they count for, else in the pool of their environment. */
import { poolOf } from '../evidence/pool.ts'
import type { AnswerRecord } from '../evidence/types.ts'
import type { Answers } from '../io/answers.ts'
import { releaseKey } from '../record/release-id.ts'

/** Keeps what one pull brought. */
export function keepValues(answers: Pick<Answers, 'put'>, environment: string, records: readonly AnswerRecord[]): void {
  const kept = new Map<string, AnswerRecord[]>()
  for (const record of records) {
    const key = record.release === undefined ? poolOf(environment) : releaseKey({ environment, name: record.release })
    const group = kept.get(key)
    if (group) group.push(record)
    else kept.set(key, [record])
  }
  for (const [key, group] of kept) answers.put(key, group)
}
