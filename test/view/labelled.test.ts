import { expect, it } from 'vitest'
import { labelledText } from '../../src/view/labelled.ts'

const text = (dryRun: boolean, taken: number, repeated = 0, unknown = 0) =>
  labelledText({ dryRun, taken, repeated, unknown })

it('says what was taken', () => {
  expect(text(false, 1)).toBe('1 label taken\n')
  expect(text(false, 1234, 1, 2)).toBe(
    '1,234 labels taken, 1 had one already, 2 of ids not known yet: kept, they join their answers if those come\n',
  )
  expect(text(false, 0, 0, 1)).toBe(
    '0 labels taken, 1 of an id not known yet: kept, it joins its answer if that comes\n',
  )
  expect(text(false, 0)).toBe('0 labels taken\n')
})

it('of a dry run says what would happen, and never that it did', () => {
  expect(text(true, 1)).toBe('1 label would join an answer; nothing was changed\n')
  expect(text(true, 2, 3, 1)).toBe(
    '2 labels would join an answer, 3 have one already, 1 of an id not known yet would be kept in case its answer comes; nothing was changed\n',
  )
  for (const said of [text(true, 5), text(true, 0, 1), text(true, 0, 0, 1)]) expect(said).not.toContain('taken')
})
