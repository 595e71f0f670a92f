import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AnswerRing } from '../../../src/platforms/local/data-plane/answer-ring.ts'
import { AnswerCapture, type Found } from '../../../src/platforms/local/data-plane/answer-value.ts'
import { requestMatcher } from '../../../src/platforms/local/data-plane/patterns.ts'
import { uuidv7 } from '../../../src/platforms/local/data-plane/request-id.ts'

const STREAM = 'text/event-stream; charset=utf-8'
const find = (
  body: string | Buffer,
  pointer: string | null,
  type = 'application/json',
  encoding = '',
): Promise<Found> =>
  new Promise((resolve) => {
    const capture = new AnswerCapture(pointer, type, encoding)
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at += 100_000) capture.add(bytes.subarray(at, at + 100_000))
    capture.finish(resolve)
  })
const value = async (...args: Parameters<typeof find>) => (await find(...args)).value
const events = (...data: unknown[]) =>
  data.map((one) => `data: ${typeof one === 'string' ? one : JSON.stringify(one)}\n\n`).join('')
const delta = (content: unknown, more: object = {}) => ({ id: 'x', choices: [{ index: 0, delta: content, ...more }] })

test('the value at the pointer of a JSON answer; none is none, null is a value', async () => {
  expect(await value('{"a":{"b/c":[1,{"d":2}]}}', '/a/b~1c/1')).toEqual({ d: 2 })
  expect(await value('{"a":null}', '/a')).toBeNull()
  expect(await value('{"a":1}', '/b')).toBeUndefined()
  expect(await value('not json', '')).toBeUndefined()
  expect(await value('', '/a')).toBeUndefined()
  expect(await value('"é"', '', 'text/plain')).toBe('é')
})

test('compressed answers are looked into; what cannot be is nobody’s fault, what is broken is', async () => {
  const body = '{"label":3}'
  const made = {
    gzip: gzipSync(body),
    br: brotliCompressSync(body),
    deflate: deflateSync(body),
    zstd: zstdCompressSync(body),
  }
  for (const [encoding, bytes] of Object.entries(made))
    expect(await value(bytes, '/label', 'application/json', encoding)).toBe(3)
  expect(await find('x', '/a', 'application/json', 'constructor')).toEqual({
    value: undefined,
    unknown: true,
    streamError: false,
  })
  expect(await find('no gzip', '/a', 'application/json', 'gzip')).toEqual({
    value: undefined,
    unknown: false,
    streamError: false,
  })
  const bomb = gzipSync(Buffer.alloc(20_000_000, ' '))
  expect(await find(bomb, '/a', 'application/json', 'gzip')).toMatchObject({ unknown: true })
})

test('an answer that is too long is not looked into; a long stream still tells that it ended in an error', async () => {
  expect(await find(`{"a":"${'x'.repeat(5_000_000)}"}`, '/a')).toMatchObject({ unknown: true, streamError: false })
  const long = events(...Array.from({ length: 60 }, () => ({ token: 'x'.repeat(100_000) })))
  expect(await find(long, '/token', STREAM)).toMatchObject({ unknown: true, streamError: false })
  expect(await find(long + events({ error: { message: 'cuda' } }), '/token', STREAM)).toMatchObject({
    streamError: true,
  })
})

test('of server-sent events the last one counts, however its lines are written', async () => {
  expect(await value(events({ a: 1 }, { a: 2 }), '/a', STREAM)).toBe(2)
  expect(await value(`${events({ a: 1 })}data: [DONE]\n\n`, '/a', STREAM)).toBe(1)
  expect(await value('\uFEFF: hello\r\nevent: x\rdata:{"a":\r\ndata: 5}\n\n', '/a', STREAM)).toBe(5)
  expect(await value('data: {"a":7}', '/a', STREAM)).toBe(7)
  expect(await value('', '/a', STREAM)).toBeUndefined()
  expect(await value(events('text'), '', STREAM)).toBe('text')
  for (const [end, error] of [
    ['event: error\ndata: x\n\n', true],
    [events({ error: 'boom' }), true],
    [`${events({ error: { code: 5 } })}data: [DONE]\n\n`, true],
    [events({ error: null }), false],
    [`${events({ error: 'early' })}${events({ a: 1 })}`, false],
  ] as const)
    expect((await find(`${events({ a: 1 })}${end}`, '/a', STREAM)).streamError).toBe(error)
})

test('OpenAI’s deltas are merged to the message that an answer without a stream would hold', async () => {
  const chat = events(
    delta({ role: 'assistant', content: '' }),
    delta({ content: 'Hel' }),
    { id: 'x', choices: [] },
    {
      id: 'x',
      choices: [
        { index: 1, delta: { content: 'other' } },
        { index: 0, delta: { content: 'lo' } },
      ],
    },
    delta({}, { finish_reason: 'stop' }),
    '[DONE]',
  )
  expect(await value(chat, '/choices/0/message', STREAM)).toEqual({ role: 'assistant', content: 'Hello' })
  expect(await value(chat, '/choices/1/message/content', STREAM)).toBe('other')
  expect(await value(chat, '/choices/0/finish_reason', STREAM)).toBe('stop')
  const tools = events(
    delta({ content: null, tool_calls: [{ index: 0, id: 'c1', function: { name: 'add', arguments: '{"a"' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
    delta({ tool_calls: [{ index: 1, id: 'c2', function: { name: 'sub', arguments: '{}' } }] }),
  )
  expect(await value(tools, '/choices/0/message/tool_calls', STREAM)).toMatchObject([
    { id: 'c1', function: { name: 'add', arguments: '{"a":1}' } },
    { id: 'c2', function: { name: 'sub', arguments: '{}' } },
  ])
  const text = events({ choices: [{ index: 0, text: 'a' }] }, { choices: [{ index: 0, text: 'b' }] })
  expect(await value(text, '/choices/0/text', STREAM)).toBe('ab')
})

test('no stream makes the reader throw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.constant('[DONE]'),
          fc.constantFrom(
            '{"choices":[{"delta":{"__proto__":{"a":1}}}]}',
            '{"choices":[{"delta":{"tool_calls":[1,{"index":0},{"index":0,"function":2}]}}]}',
          ),
        ),
      ),
      async (data) => {
        await find(data.map((one) => `data: ${one}\n\n`).join(''), '/choices/0/message/a', STREAM)
        expect(({} as Record<string, unknown>).a).toBeUndefined()
      },
    ),
  )
})

test('the ring keeps what was not pulled, bounded; what the bound cost is counted', () => {
  const ring = new AnswerRing(2000)
  const record = (user: unknown) => ({ id: 'x', at: 0, step: 0, arm: 'baseline' as const, digest: 'd', user })
  for (let i = 0; i < 20; i++) ring.push(record(i))
  const { answers, cursor } = ring.pull(0)
  expect(answers.map(({ user }) => user)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19])
  expect([cursor, ring.dropped]).toEqual([20, 11])
  ring.push(record('x'.repeat(70_000)))
  ring.push({ ...record(1), candidateCopy: ['y'.repeat(70_000)] })
  expect([ring.pull(20).answers, ring.dropped]).toEqual([[], 13])
  ring.push(record('last'))
  expect(ring.pull(20)).toMatchObject({ answers: [{ user: 'last' }], cursor: 21 })
  expect(ring.pull(21)).toEqual({ answers: [], cursor: 21 })
})

test('request ids are UUIDv7: their time, version and variant, and no two alike', () => {
  const now = 0x0190_1234_5678
  const ids = Array.from({ length: 5000 }, () => uuidv7(now))
  expect(new Set(ids).size).toBe(5000)
  for (const id of ids) expect(id).toMatch(/^01901234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidv7(now + 1) > uuidv7(now)).toBe(true)
})

test('patterns say which requests are judged', () => {
  const exact = requestMatcher(['POST /predict', 'POST /v1/a.b'])
  expect(exact('POST', '/predict')).toBe(true)
  expect(exact('POST', '/predict?x=/other')).toBe(true)
  expect(exact('GET', '/predict')).toBe(false)
  expect(exact('POST', '/predict/')).toBe(false)
  expect(exact('POST', '/v1/aXb')).toBe(false)
  const wild = requestMatcher(['POST /v1/*', '* /models/*/infer', 'POST /a+/*'])
  expect(wild('POST', '/v1/chat/completions')).toBe(true)
  expect(wild('GET', '/models/x/infer')).toBe(true)
  expect(wild('GET', '/models/x/y/infer')).toBe(false)
  expect(wild('GET', '/v1/chat')).toBe(false)
  expect(wild('POST', '/aa/x')).toBe(false)
  expect(wild('POST', '/a+/x')).toBe(true)
  const every = requestMatcher([])
  expect([every('POST', '/x'), every('GET', '/x')]).toEqual([true, false])
})
