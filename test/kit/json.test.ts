import { expect, it } from 'vitest'
import { atPointer, canonicalJson, MOST_DEPTH, overlay, withinDepth } from '../../src/kit/json.ts'

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

it('depth is bounded without recursion', () => {
  expect(withinDepth(nested(MOST_DEPTH))).toBe(true)
  expect(withinDepth(nested(MOST_DEPTH + 1))).toBe(false)
  expect(withinDepth(nested(5000))).toBe(false)
  expect(withinDepth({ a: [1, { b: 'x' }] }, 3)).toBe(true)
  expect(withinDepth({ a: [1, { b: {} }] }, 3)).toBe(false)
  expect(withinDepth('text', 0)).toBe(true)
})

it('a pointer finds own properties alone', () => {
  expect(atPointer({ a: [{ 'b/c': 1, '~': 2 }] }, '/a/0/b~1c')).toBe(1)
  expect(atPointer({ a: [{ '~': 2 }] }, '/a/0/~0')).toBe(2)
  expect(atPointer({}, '/constructor')).toBeUndefined()
  expect(atPointer(5, '')).toBe(5)
})

it('an overlay makes what is missing, and never touches prototypes', () => {
  const given = { a: 1 }
  expect(overlay(given, { '/temperature': 0, '/options/seed': 7 })).toEqual({
    a: 1,
    temperature: 0,
    options: { seed: 7 },
  })
  expect(given).toEqual({ a: 1 })
  overlay({}, { '/__proto__/polluted': true })
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

it('canonical text sorts keys (RFC 8785)', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'é', 1e21] })).toBe('{"a":[true,null,"é",1e+21],"b":1}')
})
