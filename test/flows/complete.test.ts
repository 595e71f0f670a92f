import { expect, it } from 'vitest'
import { type CompletionSources, completionAnswer } from '../../src/flows/complete.ts'

const manifest = JSON.stringify({
  commands: { 'release:status': { summary: 'Status', args: { release: {} }, flags: {} } },
})
const never = new Promise<never>(() => {})
const sources = (more: Partial<CompletionSources>): CompletionSources => ({
  manifest: async () => manifest,
  names: async (kind) => (kind === 'release' ? ['digits-1', 'digits-2'] : ['wrong']),
  sleep: () => never,
  ...more,
})

it('asks for the names that fit the place', async () => {
  expect(await completionAnswer(['release', 'status', 'digits-'], sources({}))).toBe('digits-1\ndigits-2\n')
  expect(await completionAnswer(['release', 's'], sources({}))).toBe('status\tStatus\n')
})

it('is silent where the names cannot be had, or take too long', async () => {
  const failing = sources({ names: async () => Promise.reject(new Error('no journal')) })
  expect(await completionAnswer(['release', 'status', ''], failing)).toBe('')
  const late = sources({ names: () => never, sleep: async () => {} })
  expect(await completionAnswer(['release', 'status', ''], late)).toBe('')
})

it('is silent where the manifest cannot be read', async () => {
  expect(await completionAnswer([''], sources({ manifest: async () => '{' }))).toBe('')
})
