import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { commandLine, readCommandLine } from '../../src/evidence/evaluators/command.ts'
import { evaluatorKind, scoresOf } from '../../src/evidence/evaluators/index.ts'
import type { Evaluator } from '../../src/plan/types.ts'

const score = (evaluator: Evaluator, answer: unknown, expectation: unknown) =>
  scoresOf(evaluator, [{ id: 'x', request: null, answer, expect: expectation }])![0]
const nested = (depth: number): unknown => {
  let value: unknown = 0
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

const kinds = {
  exact: { kind: 'exact-match' },
  contains: { kind: 'contains' },
  regex: { kind: 'regex' },
  subset: { kind: 'json-subset' },
  cent: { kind: 'numeric', tolerance: 0.1 },
} as const satisfies Record<string, Evaluator>

it.each<[keyof typeof kinds, unknown, unknown, 0 | 1]>([
  ['exact', 7, 7, 1],
  ['exact', 7, '7', 0],
  ['exact', { a: 1, b: [null] }, { b: [null], a: 1 }, 1],
  ['exact', { a: 1 }, { a: 1, b: 2 }, 0],
  ['exact', [1, 2], [2, 1], 0],
  ['exact', [], {}, 0],
  ['exact', null, {}, 0],
  ['exact', '\ud800', '\ud800', 1],
  ['exact', JSON.parse('{"__proto__":1}'), {}, 0],
  ['contains', 'a cat sat', 'cat', 1],
  ['contains', 'a Cat sat', 'cat', 0],
  ['contains', 'a cat sat', ['cat', 'sat'], 1],
  ['contains', 'a cat sat', ['cat', 'dog'], 0],
  ['contains', { text: 'cat' }, 'cat', 1],
  ['regex', 'order 123', '\\b\\d{3}\\b', 1],
  ['regex', 'order 12', '\\b\\d{3}\\b', 0],
  ['regex', 'a\nb', '^a.b$', 1],
  ['regex', 'plain text', 'plain', 1],
  ['regex', 42, '^42$', 1],
  ['subset', { a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }, 1],
  ['subset', { a: 1 }, { b: 1 }, 0],
  ['subset', '{"a": 1, "b": 2}', { a: 1 }, 1],
  ['subset', 'no JSON', { a: 1 }, 0],
  ['subset', 'text', 'text', 1],
  ['subset', [1, { a: 1, b: 2 }], [1, { b: 2 }], 1],
  ['subset', [1, 2, 3], [1, 2], 0],
  ['subset', { 0: 1 }, [1], 0],
  ['subset', null, {}, 0],
  ['subset', {}, { toString: 1 }, 0],
  ['cent', 0.35, 0.25, 1],
  ['cent', 0.3, 0.2, 1],
  ['cent', 0.36, 0.25, 0],
  ['cent', '3.14', 3.2, 1],
  ['cent', 'about 3', 3, 0],
  ['cent', '', 0, 0],
  ['cent', null, 0, 0],
  ['cent', [1, 2], [1.05, 1.95], 1],
  ['cent', [1, 2], [1, 3], 0],
  ['cent', [1], 1, 0],
])('%s of %j against %j is %i', (kind, answer, expectation, expected) => {
  expect(score(kinds[kind], answer, expectation)).toBe(expected)
})

describe('evaluators', () => {
  it('are refused by an unknown name, with the known ones', () => {
    for (const kind of ['bleu', 'constructor']) {
      expect(() => evaluatorKind(kind)).toThrow(SlipwayError)
      expect(() => evaluatorKind(kind)).toThrow(/exact-match, contains, regex, json-subset, numeric, command/)
    }
  })

  it('compare with the other version where nothing is expected', () => {
    const items = [
      { id: 'a', request: null, answer: 1, other: 1 },
      { id: 'b', request: null, answer: 1, other: 2 },
    ]
    expect(scoresOf(kinds.exact, items)).toEqual([1, 0])
    expect(scoresOf({ kind: 'command', command: ['judge'], timeoutMs: 1 }, items)).toBeNull()
  })

  it('give any JSON value a full score against itself', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const same = JSON.parse(JSON.stringify(value))
        expect(score(kinds.exact, value, same)).toBe(1)
        expect(score(kinds.subset, value, same)).toBe(1)
      }),
    )
  })

  it('survive an answer of any depth', () => {
    expect(score(kinds.exact, nested(200_000), nested(200_000))).toBe(0)
    expect(score(kinds.subset, nested(200_000), nested(200_000))).toBe(0)
    expect(score(kinds.contains, nested(200_000), 'x')).toBe(0)
  })

  it('call a pattern that does not end a fault of the pattern, once and for all', () => {
    const items = Array.from({ length: 500 }, (_, i) => ({
      id: `i${i}`,
      request: null,
      answer: `${'a'.repeat(40)}!${i}`,
      expect: '^(a+)+$',
    }))
    const tried = () => {
      const before = performance.now()
      expect(() => scoresOf(kinds.regex, items)).toThrow(/cannot judge i0: .*nested repetition/)
      return performance.now() - before
    }
    const first = tried()
    let later = 0
    for (let round = 0; round < 20; round++) later += tried()
    // Twenty tries more would take twenty times as long.
    expect(later).toBeLessThan(5 * first)
    expect(score(kinds.regex, 'aaa', '^(a+)+$ *')).toBe(1)
  })

  it('match long text by its beginning', () => {
    const text = `${'a'.repeat(100_000)}b`
    expect(score(kinds.regex, text, 'a')).toBe(1)
    expect(score(kinds.regex, text, 'b')).toBe(0)
  })
})

describe('lines of a command', () => {
  it('carry what is known, and one line each', () => {
    const line = commandLine({ id: 'a', request: null, answer: 'x\ny', expect: 1 })
    expect(JSON.parse(line)).toEqual({ id: 'a', request: null, answer: 'x\ny', expect: 1 })
    expect(line.indexOf('\n')).toBe(line.length - 1)
  })
  it.each([
    ['{"id":"a","score":0.5}', { id: 'a', score: 0.5 }],
    ['{"id":"a","score":1,"why":"x"}', { id: 'a', score: 1 }],
    ['loading model', 'wrote a line that is not JSON (what people should read belongs on stderr)'],
    ['null', 'wrote a line without "id"'],
    ['{"score":1}', 'wrote a line without "id"'],
    ['{"id":"a"}', 'gave a no "score" from 0 to 1'],
    ['{"id":"a","score":1.01}', 'gave a no "score" from 0 to 1'],
    ['{"id":"a","score":null}', 'gave a no "score" from 0 to 1'],
    ['{"id":"a","score":"1"}', 'gave a no "score" from 0 to 1'],
  ])('%s', (line, read) => {
    expect(readCommandLine(line)).toEqual(read)
  })
})
