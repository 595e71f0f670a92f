import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { scenario } from './harness.ts'

it('a project of its own serves its first version, takes load, and leaves nothing', async () => {
  const one = await scenario()
  const first = await one.run(['release', 'start'])
  expect([first.code, first.stderr]).toMatchObject([0, expect.anything()])
  const { answered, failed } = await one.load({ rate: 50, durationMs: 1000 })
  expect({ answered, failed }).toEqual({ answered: 50, failed: 0 })
  await one.clean()
  expect(existsSync(one.folder)).toBe(false)
})
