import fc from 'fast-check'
import { expect, it } from 'vitest'
import { clockTime, isoTime } from '../../src/kit/when.ts'

it('says the same as Date does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_000 }), (ms) => {
      const text = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
      expect(isoTime(ms)).toBe(text)
      expect(clockTime(ms)).toBe(text.slice(11, 19))
    }),
  )
})
