import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/errors.ts'
import { scoresOf } from '../../src/evidence/evaluators/index.ts'
import { labelValue, parseLabels } from '../../src/evidence/labels.ts'
import { type LineAnswer, setQuestion } from '../../src/evidence/set-answers.ts'
import { parseSet, requestsOf } from '../../src/evidence/sets.ts'
import type { Evaluator } from '../../src/plan/types.ts'
import { examplePlan as plan } from '../plan/example.ts'

const exact: Evaluator = { kind: 'exact-match' }
const bytes = (text: string) => Buffer.from(text, 'utf8')
const line = (more: object = {}) => JSON.stringify({ id: 'a', request: { path: '/p' }, expect: 1, ...more })
function refused(act: () => unknown): SlipwayError {
  try {
    act()
  } catch (error) {
    if (error instanceof SlipwayError) return error
    throw error
  }
  throw new Error('taken')
}
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('parseSet', () => {
  it('reads lines with their numbers and defaults, over blank lines and CRLF', () => {
    const text = `\n${line()}\r\n\n${line({ id: 'b', request: { method: 'PUT', path: '/q?x=1', headers: { 'x-a': 'b' }, body: { k: [1] } }, expect: { y: null } })}\n`
    const { lines, sha256 } = parseSet(bytes(text), 'golden.jsonl', exact)
    expect(sha256).toBe(createHash('sha256').update(text).digest('hex'))
    expect(lines).toEqual([
      { id: 'a', request: { method: 'POST', path: '/p', headers: {}, body: undefined }, expect: 1, line: 2 },
      {
        id: 'b',
        request: { method: 'PUT', path: '/q?x=1', headers: { 'x-a': 'b' }, body: { k: [1] } },
        expect: { y: null },
        line: 4,
      },
    ])
    expect(requestsOf(lines)).toEqual(['POST /p', 'PUT /q'])
    expect(requestsOf([...lines, ...lines])).toHaveLength(2)
  })

  it.each<[string, string, number, string]>([
    ['no JSON', `${line()}\n{"id"`, 2, 'not JSON'],
    ['an unknown key', line({ expected: 1 }), 1, 'expected'],
    ['no id', JSON.stringify({ request: { path: '/p' }, expect: 1 }), 1, 'id'],
    ['a path of another host', line({ request: { path: 'http://x/' } }), 1, 'begins with /'],
    ['a line break in a path', line({ request: { path: '/p\r\nx: y' } }), 1, 'begins with /'],
    [
      'a line break in a header',
      line({ request: { path: '/p', headers: { a: 'b\r\nc: d' } } }),
      1,
      'request.headers.a',
    ],
    ['a method in small letters', line({ request: { path: '/p', method: 'get' } }), 1, 'capitals'],
    ['an id twice', `${line()}\n\n${line()}`, 3, 'line 1 already'],
    ['no expectation', JSON.stringify({ id: 'a', request: { path: '/p' } }), 1, 'expect: is missing'],
    ['nothing', '\n\n', 1, 'no line'],
    ['depth', `{"id":"a","request":{"path":"/p","body":${deep(20_000)}},"expect":1}`, 1, 'deep'],
  ])('refuses %s, naming file and line', (_, text, at, message) => {
    const error = refused(() => parseSet(bytes(text), 'golden.jsonl', exact))
    expect([error.code, error.exit]).toEqual(['SET_INVALID', 2])
    expect(error.message).toContain(`golden.jsonl:${at}: `)
    expect(error.message).toContain(message)
    expect(error.where[0]).toEqual({ file: 'golden.jsonl', line: at })
  })

  it('names every broken line, to twenty, and shows no control character', () => {
    const error = refused(() => parseSet(bytes(`${line()}\n${'{\u001b]\n'.repeat(30)}`), 'a\u202e.jsonl', exact))
    expect(error.where).toHaveLength(20)
    expect(error.message).toContain('(and 29 more lines)')
    expect(error.message).not.toMatch(/[\u001b\u202e]/)
  })

  it('knows what its evaluator can use', () => {
    const message = (expectation: unknown, evaluator: Evaluator) =>
      refused(() => parseSet(bytes(line({ expect: expectation })), 's', evaluator)).message
    expect(message('(', { kind: 'regex' })).toContain('expect: ')
    expect(message('cat', { kind: 'numeric', tolerance: 1 })).toContain('wants a number')
    expect(message(7, { kind: 'contains' })).toContain('wants a text')
    const free: Evaluator = { kind: 'command', command: ['judge'], timeoutMs: 1 }
    expect(parseSet(bytes(JSON.stringify({ id: 'a', request: { path: '/' } })), 's', free).lines).toHaveLength(1)
  })
})

describe('setQuestion', () => {
  const golden = {
    ...plan,
    gates: plan.gates.map((g) => (g.name === 'golden' && g.kind === 'quality' ? { ...g, evaluator: exact } : g)),
  }
  const make = (n: number) =>
    parseSet(bytes(Array.from({ length: n }, (_, i) => line({ id: `l${i}`, expect: i })).join('\n')), 's', exact).lines
  const ok = (value: unknown): LineAnswer => ({ value, fault: null })
  const ask = (candidate: LineAnswer[], baseline: LineAnswer[] | null) => {
    const question = setQuestion(golden, 'golden', make(candidate.length), candidate, baseline)
    return question.read(scoresOf(question.evaluator, question.items)!)
  }

  it('makes one paired block and the lines that changed', () => {
    const out = ask([ok(0), ok('x'), ok(2), ok('x')], [ok(0), ok(1), ok('y'), ok('y')])
    expect(out).toEqual({
      gate: 'golden',
      counts: { kind: 'pairs', x10: 1, x01: 1, x11: 1, n: 4 },
      newlyWrong: [{ id: 'l1', expect: 1, baseline: 1, candidate: 'x' }],
      newlyRight: [{ id: 'l2', expect: 2, baseline: 'y', candidate: 2 }],
      unanswered: null,
    })
  })

  it('counts a line without an answer as wrong, without asking an evaluator', () => {
    const silent: LineAnswer = { value: undefined, fault: '503' }
    const question = setQuestion(golden, 'golden', make(2), [silent, ok(1)], [ok(0), silent])
    expect(question.items.map((i) => i.id)).toEqual(['l0 baseline', 'l1 candidate'])
    const out = question.read([1, 1])
    expect(out.counts).toEqual({ kind: 'pairs', x10: 1, x01: 1, x11: 0, n: 2 })
    expect(out.unanswered).toBe('line 1 (l0) of golden was not answered: 503')
    expect(ask([{ value: undefined, fault: null }], null).unanswered).toContain('nothing at the answer pointer')
  })

  it('counts the candidate alone in a first release', () => {
    expect(ask([ok(0), ok('x')], null)).toMatchObject({
      counts: { kind: 'arms', xc: 1, nc: 2, xb: 0, nb: 0 },
      newlyWrong: [],
      newlyRight: [],
    })
  })

  it('shows the largest losses first, twenty of them', () => {
    const n = 30
    const question = setQuestion(
      golden,
      'golden',
      make(n),
      Array.from({ length: n }, () => ok(1)),
      Array.from({ length: n }, () => ok(1)),
    )
    // Candidate's and baseline's scores of each line in turn: the candidate loses i/n in line i.
    const { newlyWrong } = question.read(question.items.map((_, at) => (at % 2 === 0 ? 1 - Math.floor(at / 2) / n : 1)))
    expect(newlyWrong.map((e) => e.id)).toEqual(Array.from({ length: 20 }, (_, i) => `l${n - 1 - i}`))
  })

  it('belongs to the gate that names the set', () => {
    expect(refused(() => setQuestion(golden, 'other', [], [], [])).code).toBe('BUG')
  })
})

describe('parseLabels', () => {
  it('reads JSON lines, with ids as the key rule writes them', () => {
    expect(parseLabels('{"id":"a","label":7}\n\n{"label":{"x":null},"id":12}\r\n', 'stdin')).toEqual([
      { id: 'a', label: 7 },
      { id: '12', label: { x: null } },
    ])
  })
  it('reads CSV with quotes, JSON where it parses', () => {
    const csv = '\ufeffid,label\r\na,7\r\n"b,c","say ""hi"""\nd,cat\n\ne,"{""x"":1}"\nf,\n"g\nh",true'
    expect(parseLabels(csv, 'l.csv')).toEqual([
      { id: 'a', label: 7 },
      { id: 'b,c', label: 'say "hi"' },
      { id: 'd', label: 'cat' },
      { id: 'e', label: { x: 1 } },
      { id: 'f', label: '' },
      { id: 'g\nh', label: true },
    ])
    expect(parseLabels('id,label\n', 'l.csv')).toEqual([])
    expect(parseLabels('', 'l.csv')).toEqual([])
  })
  it.each([
    ['{"id":"a"}', 1, '"label" is missing'],
    ['{"label":1}', 1, '"id" is missing'],
    ['{"id":"a","label":1}\n[]', 2, 'expected {"id", "label"}'],
    ['{"id":"a","label":1,"by":"me"}', 1, 'unknown key by'],
    ['nonsense', 1, 'not JSON'],
    ['request,label\na,1\nb,2', 1, 'the header of CSV, which must be id,label'],
    ['{"id":"","label":1}', 1, 'an id has'],
    [`{"id":"a","label":"${'x'.repeat(70_000)}"}`, 1, '64 KiB'],
    [`{"id":"a","label":${deep(50_000)}}`, 1, 'the label is'],
    ['id,label\na,1\nb', 3, 'two fields'],
    ['id,label\na,1,2', 2, 'two fields'],
  ])('refuses %.30s and takes nothing', (text, at, message) => {
    const error = refused(() => parseLabels(text, 'labels'))
    expect([error.code, error.exit]).toEqual(['LABEL_INVALID', 2])
    expect(error.message).toContain(`labels:${at}: `)
    expect(error.message).toContain(message)
  })
  it('ends a quote that is never closed with the text', () => {
    expect(parseLabels('id,label\n"x\ny",1\nb,"open', 's').at(-1)).toEqual({ id: 'b', label: 'open' })
  })
  it('gives back every label that was written', () => {
    const id = fc.string({ minLength: 1, maxLength: 20 })
    const label = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(fc.array(fc.tuple(id, label), { minLength: 1, maxLength: 10 }), (rows) => {
        const lines = rows.map(([i, l]) => JSON.stringify({ id: i, label: l })).join('\n')
        const expected = rows.map(([i, l]) => ({ id: i, label: l }))
        expect(parseLabels(lines, 's')).toEqual(expected)
        const csv = `id,label\n${rows.map(([i, l]) => `${quoted(i)},${quoted(JSON.stringify(l))}`).join('\n')}`
        expect(parseLabels(csv, 's')).toEqual(expected)
      }),
    )
  })
  it('takes a typed value as JSON if it parses', () => {
    expect(['7', '"7"', 'cat', '{"a":1}', '', 'null', '{'].map(labelValue)).toEqual([
      7,
      '7',
      'cat',
      { a: 1 },
      '',
      null,
      '{',
    ])
  })
})
