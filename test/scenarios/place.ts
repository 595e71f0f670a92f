/** One project that all tests of a file use, with users who keep asking. */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Ran } from '../cli/run.ts'
import { conform } from './conform.ts'
import { type Behaviour, type ProjectOptions, type Scenario, scenario } from './harness.ts'
import { begin, type Users } from './users.ts'

export interface Place {
  readonly one: Scenario
  /** Those that were sent for last. */
  readonly users: Users
  /** Runs a line as typed after `slipway`. */
  typed(line: string, timeoutMs?: number): Promise<Ran>
  /** Runs a line with quoted words in it, as a shell takes it. */
  example(line: string): Promise<Ran>
  /** What a line prints with --json; it is what its schema says. */
  seen<T>(line: string): Promise<T>
  /** Packs a version of this behaviour. */
  packed(tag: string, behaviour: Behaviour): Promise<void>
  /** Users come, this many per second. */
  come(rate: number): Users
  /** The version that serves. */
  serving(): Promise<string | null>
}

/** The words of a line; quotes hold several together. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole)

/** Makes the project before the tests of the file, and leaves nothing of it after them. */
export function place(options: ProjectOptions = {}): Place {
  let one: Scenario | null = null
  let users: Users | null = null
  let clean: () => Promise<void> = async () => {}
  const there = (): Scenario => {
    if (!one) throw new Error('no project yet')
    return one
  }
  beforeAll(async () => {
    one = await scenario({
      ...options,
      after(end) {
        clean = end
      },
    })
  })
  afterAll(async () => {
    await users?.stop()
    await clean()
  }, 100_000)
  const made: Place = {
    get one() {
      return there()
    },
    get users() {
      if (!users) throw new Error('no users yet')
      return users
    },
    typed: (line, timeoutMs = 60_000) => there().run(line.split(' '), { timeoutMs }),
    example: (line) => there().run(wordsOf(line)),
    async seen<T>(line: string) {
      const { code, stdout, stderr } = await made.typed(`${line} --json`)
      const lines = stdout.trim().split('\n')
      if (!lines.every((one) => one.startsWith('{')))
        throw new Error(`${line} printed no JSON (exit ${code}): ${stdout}${stderr}`)
      const values = lines.map((one) => JSON.parse(one) as T)
      for (const value of values) await conform(value)
      return values.at(-1)!
    },
    async packed(tag, behaviour) {
      there().model(behaviour)
      const { code, stderr } = await made.typed(`pack --tag ${tag}`)
      expect([code, stderr]).toEqual([0, expect.anything()])
    },
    come(rate) {
      users = begin({ url: there().url, rate })
      return users
    },
    async serving() {
      const { environments } = await made.seen<{ environments: { serving: string | null }[] }>('local status')
      return environments[0]?.serving ?? null
    },
  }
  return made
}
