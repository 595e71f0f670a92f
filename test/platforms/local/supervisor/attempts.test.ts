import { expect, test } from 'vitest'
import { SlipwayError } from '../../../../src/errors.ts'
import { Attempts, backoffMs, codeOf } from '../../../../src/platforms/local/supervisor/attempts.ts'

test('at once, then a second, doubling to half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 60].map(backoffMs)).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

/** How long after `now` the next attempt is due. */
const wait = (attempts: Attempts, now: number): number => [0, 1000, 2000, 4000].find((ms) => attempts.due(now + ms))!

test('exits in service: the first at once, the next ones later; after a minute in service like the first', () => {
  const attempts = new Attempts()
  attempts.exited(0, 5000)
  expect(wait(attempts, 0)).toBe(0)
  attempts.exited(10_000, 5000)
  expect(wait(attempts, 10_000)).toBe(1000)
  attempts.exited(20_000, 59_999)
  expect(wait(attempts, 20_000)).toBe(2000)
  attempts.exited(90_000, 60_000)
  expect(wait(attempts, 90_000)).toBe(0)
})

test('exits before it was ready never come at once', () => {
  const attempts = new Attempts()
  attempts.exited(0, null)
  expect(wait(attempts, 0)).toBe(1000)
  attempts.failed(5000)
  expect(wait(attempts, 5000)).toBe(2000)
  attempts.reset()
  expect(attempts.due(0)).toBe(true)
})

test('collisions: another port at once, five times in a row', () => {
  const attempts = new Attempts()
  expect([1, 2, 3, 4, 5, 6].map(() => attempts.collided(7))).toEqual([true, true, true, true, true, false])
  expect(attempts.due(7)).toBe(true)
  attempts.served()
  expect(attempts.collided(7)).toBe(true)
})

test.each([
  [new SlipwayError('PORT_TAKEN', 'port 1 is taken'), { code: 'PORT_TAKEN', why: 'port 1 is taken' }],
  [
    Object.assign(new Error('write'), { code: 'ENOSPC' }),
    { code: 'NO_SPACE', why: 'no space left on the disk: write' },
  ],
  [Object.assign(new Error('open'), { code: 'EACCES' }), { code: 'PERMISSION', why: 'not permitted: open' }],
  [Object.assign(new Error('spawn'), { code: 'ENOENT' }), { code: 'COMMAND_NOT_FOUND' }],
  [new Error('odd\u202e'), { code: 'CRASHED', why: 'could not be started: odd[U+202E]' }],
  ['text', { code: 'CRASHED', why: 'could not be started: text' }],
])('what was thrown gets a code and a sentence', (thrown, told) => {
  expect(codeOf(thrown)).toMatchObject(told)
})
