/** Labels that come after the end. */
import { expect, it } from 'vitest'
import { withLate } from '../../src/flows/late.ts'
import { openAnswers } from '../../src/io/answers.ts'
import { releaseKey } from '../../src/record/release-id.ts'
import { plainWords } from '../../src/view/explain.ts'
import { reportHtml } from '../../src/view/report/html.ts'
import { rolledBack } from '../view/example.ts'

it('are shown with the gate of labels and leave its verdict', () => {
  const answers = openAnswers(':memory:')
  const id = { name: rolledBack.release, environment: rolledBack.environment }
  const ended = rolledBack.endedAt!
  const record = (n: number, arm: 'candidate' | 'baseline') => ({
    ...{ id: `${arm} ${n}`, at: ended - 1000, step: 1, arm, digest: 'd', user: n < 5 ? 1 : 7 },
  })
  const all = Array.from({ length: 20 }, (_, n) => [record(n, 'candidate'), record(n, 'baseline')]).flat()
  answers.put(releaseKey(id), all)
  const label = (of: typeof all, at: number) =>
    answers.label(
      id.environment,
      of.map((one) => ({ id: one.id, label: one.arm === 'baseline' ? one.user : 7 })),
      at,
    )
  label(all.slice(0, 10), ended)
  expect(withLate({ answers }, id, rolledBack)).toBe(rolledBack)
  label(all.slice(10), ended + 1)
  const view = withLate({ answers }, id, rolledBack)
  const quality = view.gates.find(({ plan }) => plan.name === 'quality')!
  expect(quality.late).toEqual({ labels: 30, atLeast: false, candidate: 0, baseline: 0 })
  expect(quality.numbers).toEqual(rolledBack.gates.find(({ plan }) => plan.name === 'quality')!.numbers)
  const said = 'After the end 30 labels came: v3 100.0 %, v2 100.0 %; the verdict is as it was.'
  expect(plainWords(view, quality)).toContain(said)
  expect(reportHtml(view).replaceAll('\u00a0', ' ')).toContain('After the end 30 labels came')
  expect(view.gates.filter(({ late }) => late).map(({ plan }) => plan.name)).toEqual(['quality'])
  answers.close()
})
