import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlipwayError } from '../../src/errors.ts'
import type { Judged } from '../../src/evidence/question.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryScorer, openScorer, type Scorer } from '../../src/io/evaluator.ts'
import type { Evaluator } from '../../src/plan/types.ts'

const judge = join(import.meta.dirname, 'fixtures/judge.mjs')
const items: Judged[] = [
  { id: 'a', request: null, answer: 1, expect: 1 },
  { id: 'b', request: null, answer: 2, expect: 1 },
  { id: 'c', request: null, answer: 3, other: 3 },
]
const command = (how: string, timeoutMs = 20_000, ...more: string[]): Evaluator => ({
  kind: 'command',
  command: [process.execPath, judge, how, ...more],
  timeoutMs,
})

let folder: string
let clock: ReturnType<typeof memoryClock>
let open: Scorer
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway judge '))
  clock = memoryClock()
  open = openScorer({ cwd: folder, env: { PATH: process.env.PATH }, clock })
})
afterEach(async () => {
  await open.close()
  rmSync(folder, { recursive: true })
})
const failure = async (evaluator: Evaluator, asked = items): Promise<SlipwayError> =>
  open.score(evaluator, asked).then(
    () => expect.unreachable('scored'),
    (error) => error,
  )
const starts = (log: string) => readFileSync(log, 'utf8').length

/** What every scorer keeps to. */
describe.each<[string, () => Scorer]>([
  ['a process', () => open],
  ['memory', () => memoryScorer(({ answer, expect: wanted, other }) => (answer === (wanted ?? other) ? 1 : 0.25))],
])('scorer over %s', (_, scorer) => {
  it('scores in the order of the items', async () => {
    expect(await scorer().score(command('well'), items)).toEqual([1, 0.25, 1])
    expect(await scorer().score(command('well'), [])).toEqual([])
  })
  it('needs no process for kinds of ours, and one for commands', async () => {
    const exact: Evaluator = { kind: 'exact-match' }
    expect(scorer().scoreNow(exact, items)).toEqual([1, 0, 1])
    expect(await scorer().score(exact, items)).toEqual([1, 0, 1])
    expect(scorer().scoreNow(command('well'), items)).toBeNull()
  })
  it('names in `score` the fault that `scoreNow` leaves out', async () => {
    const bad = [{ id: 'a', request: null, answer: 'x', expect: '(' }]
    expect(scorer().scoreNow({ kind: 'regex' }, bad)).toBeNull()
    await expect(scorer().score({ kind: 'regex' }, bad)).rejects.toMatchObject({ code: 'EVALUATOR_FAILED' })
  })
})

describe('a program', () => {
  it('may answer in any order', async () => {
    expect(await open.score(command('reversed'), items)).toEqual([1, 0.25, 1])
  })

  it('is one process for a run, also where questions come at once', async () => {
    const log = join(folder, 'starts')
    const evaluator = command('well', 20_000, log)
    const all = await Promise.all(Array.from({ length: 5 }, () => open.score(evaluator, items)))
    expect(all).toEqual(Array.from({ length: 5 }, () => [1, 0.25, 1]))
    expect(starts(log)).toBe(1)
  })

  it('takes more lines than a pipe holds', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => ({
      id: `i${i}`,
      request: null,
      answer: 'x'.repeat(1000),
      expect: i % 2 ? 1 : 'x'.repeat(1000),
    }))
    const scores = await open.score(command('well'), many)
    expect(scores).toEqual(many.map((_, i) => (i % 2 ? 0.25 : 1)))
  })

  it.each(['once-silent', 'once-dies'])('is started again once (%s)', async (how) => {
    const log = join(folder, 'starts')
    expect(await open.score(command(how, 1500, log), items)).toEqual([1, 0.25, 1])
    expect(starts(log)).toBe(2)
  })

  it('is not late while answers come, however many lines wait', async () => {
    // Six answers, 400 ms apart: together longer than the time allowed between two.
    const log = join(folder, 'starts')
    const slow = [1, 2, 3, 4, 5, 6].map((n) => ({ id: `${n}`, request: null, answer: n, expect: n }))
    expect(await open.score(command('slow', 1600, log), slow)).toEqual([1, 1, 1, 1, 1, 1])
    expect(starts(log)).toBe(1)
  })

  it.each<[string, number, RegExp]>([
    ['skips', 1500, /gave no answer to b within 1s500ms/],
    ['dies', 20_000, /ended with exit code 7; it said: out of memory/],
    ['prints', 20_000, /not JSON/],
    ['stranger', 20_000, /answered nobody, which was not asked/],
    ['out-of-range', 20_000, /gave a no "score"/],
    ['endless-line', 20_000, /longer than 64 KiB/],
  ])('that %s fails with the cause after a second try', async (how, timeoutMs, cause) => {
    const log = join(folder, 'starts')
    const error = await failure(command(how, timeoutMs, log))
    expect([error.code, error.exit]).toEqual(['EVALUATOR_FAILED', 5])
    expect(error.message).toMatch(cause)
    expect(error.message).not.toContain('\n')
    expect(starts(log)).toBe(2)
  })

  it('that failed is left in peace for half a minute, then tried anew', async () => {
    const log = join(folder, 'starts')
    const evaluator = command('dies', 20_000, log)
    const first = await failure(evaluator)
    clock.advance(29_999)
    expect((await failure(evaluator)).message).toBe(first.message)
    expect(starts(log)).toBe(2)
    clock.advance(1)
    await failure(evaluator)
    expect(starts(log)).toBe(4)
  })

  it('that is not there is told so, at once', async () => {
    const missing: Evaluator = { kind: 'command', command: ['./no such judge'], timeoutMs: 20_000 }
    expect((await failure(missing)).message).toMatch(/no such judge could not be started: command or folder not found/)
    const impossible: Evaluator = { kind: 'command', command: ['a\0b'], timeoutMs: 20_000 }
    expect((await failure(impossible)).code).toBe('EVALUATOR_FAILED')
  })

  it('ends with the scorer, also while it owes answers', async () => {
    const waiting = failure(command('skips', 600_000))
    await open.score(command('well'), items)
    await open.close()
    expect((await waiting).message).toMatch(/ended with slipway/)
  })
})
