/** Nothing of the quickstart's outcome is scripted: it changes with the data, and with the gates. */
import { expect, it } from 'vitest'
import { CONTROLS, control } from './control.ts'

it.each(CONTROLS)('$name', { timeout: 240_000 }, async (run) => {
  expect(await control(run, () => {})).toEqual([])
})
