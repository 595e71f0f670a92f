import { expect, it } from 'vitest'
import { desk } from '../../src/flows/watch-keys.ts'
import type { PersonVerb } from '../../src/release/types.ts'
import { held, inCanary } from '../view/example.ts'

function open(answer: (verb: PersonVerb) => Promise<string> = async (verb) => `${verb} done`) {
  const asked: PersonVerb[] = []
  const left: boolean[] = []
  const it = desk(
    (verb) => {
      asked.push(verb)
      return answer(verb)
    },
    () => left.push(true),
    () => {},
  )
  return { desk: it, asked, left }
}

it('asks before it aborts, and any key but y takes it back', async () => {
  const { desk, asked } = open()
  desk.press('a', inCanary)
  expect([desk.talk.asking, asked]).toEqual([true, []])
  desk.press('q', inCanary)
  expect(desk.talk).toEqual({ asking: false, said: 'not aborted' })
  desk.press('a', inCanary)
  desk.press('y', inCanary)
  expect(asked).toEqual(['abort'])
  await Promise.resolve()
  expect(desk.talk).toEqual({ asking: false, said: 'abort done' })
})
it('pauses, and resumes what is paused', () => {
  const { desk, asked } = open()
  desk.press('p', inCanary)
  desk.press('p', { ...inCanary, status: 'paused' })
  expect(asked).toEqual(['pause', 'resume'])
})
it('says why it was refused', async () => {
  const { desk } = open(() => Promise.reject(new Error('it is held')))
  desk.press('p', held)
  await Promise.resolve()
  await Promise.resolve()
  expect(desk.talk.said).toBe('it is held')
})
it('leaves by q alone', () => {
  const { desk, asked, left } = open()
  for (const key of 'yYxn \r') desk.press(key, inCanary)
  expect([asked, left]).toEqual([[], []])
  desk.press('q', inCanary)
  expect(left).toEqual([true])
})
