/** Nothing of the quickstart's outcome is scripted: without the quality gate the broken version is promoted. */
import { expect, it } from 'vitest'
import { CONTROLS, control } from './control.ts'

it('without the quality gate v3 is promoted', { timeout: 240_000 }, async () => {
  const [, without] = CONTROLS
  expect(await control(without!, () => {})).toEqual([])
})
