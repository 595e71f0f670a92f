/** The live watch over a real journal: a terminal in memory, keys pressed by hand. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Project } from '../../src/flows/project.ts'
import { watchLive } from '../../src/flows/watch-keys.ts'
import type { Interrupt } from '../../src/io/interrupt.ts'
import { type Journal, memoryJournal } from '../../src/io/journal.ts'
import { memoryKeys } from '../../src/io/keys.ts'
import { memoryTerminal } from '../../src/io/terminal.ts'
import type { EnvironmentSettings, RequestData, Served } from '../../src/record/entries.ts'
import { EMPTY } from '../../src/record/fold.ts'
import type { ReleaseRuntime } from '../../src/record/runtime.ts'
import { startRelease } from '../../src/runner/start.ts'
import { ENTER, LEAVE } from '../../src/view/redraw.ts'
import { standard, V1, V2 } from '../release/plans.ts'

const served = (digest: string, tag: string): Served => ({
  digest,
  outside: false,
  tag,
  run: standard.run,
  shell: { path: '', command0: null },
  envFile: null,
  requests: standard.requests,
  answer: null,
  sticky: null,
  labelKey: null,
  arriveMs: 0,
})
const settings = {} as EnvironmentSettings
const START: Extract<RequestData, { verb: 'start' }> = {
  id: 'r1',
  verb: 'start',
  by: 'ann',
  plan: standard,
  planHash: 'f'.repeat(64),
  candidate: served(V2, 'v2'),
  baseline: served(V1, 'v1'),
  settings,
  replace: false,
  reason: null,
}

let journal: Journal
let runtime: ReleaseRuntime
beforeEach(() => {
  journal = memoryJournal()
  const pending = { seq: 1, at: 0, environment: 'dev', release: '', data: START }
  const started = startRelease(EMPTY, pending, START, 0)
  runtime = started.runtime
  journal.append(started.rows, null, { 'release:dev/digits-1': runtime })
})
afterEach(() => journal.close())

/** A project of which following needs no more; `looks` run one after another where it sleeps. */
function project(looks: (() => void)[]): Project {
  let mono = 0
  const clock = {
    now: () => mono,
    mono: () => mono,
    async sleep(ms: number) {
      mono += ms
      looks.shift()?.()
    },
  }
  return { journal, clock, store: { has: async () => false }, host: { wake: async () => {} } } as unknown as Project
}
const abort = new AbortController()
const interrupt: Interrupt = { signal: abort.signal, over: new Promise(() => {}), graceMs: 500 }
const conclude = (): void => {
  const data = { outcome: 'aborted', cause: { kind: 'hold-ended' }, exit: 3, code: null, usersOffMs: null }
  journal.append([{ at: 5000, kind: 'concluded', environment: 'dev', release: 'digits-1', data }], null)
}

it('draws in place, and leaves the screen as it was with the last picture under it', async () => {
  const terminal = memoryTerminal({ live: true })
  const keys = memoryKeys()
  let drawnBefore = 0
  const view = await watchLive(
    project([
      () => {
        expect(keys.opened).toBe(true)
        drawnBefore = terminal.written.stdout.length
      },
      // Nothing changed, so nothing was written.
      () => expect(terminal.written.stdout.length).toBe(drawnBefore),
      () => keys.press('a'),
      () => {
        expect(terminal.written.stdout).toContain('abort digits-1 and take users back? y / n')
        keys.press('n')
      },
      conclude,
    ]),
    { terminal, interrupt, keys },
    { release: { environment: 'dev', name: 'digits-1' }, timeoutMs: null },
  )
  expect(view.endedAt).toBe(5000)
  const { stdout } = terminal.written
  expect(stdout.startsWith(ENTER)).toBe(true)
  const [, under] = stdout.split(LEAVE)
  expect(under).toMatch(/^digits-1 /)
  expect(under).not.toContain('\u001b[')
  expect(keys.opened).toBe(false)
})

it.each([
  ['q', 'INTERRUPTED', null],
  ['', 'TIMEOUT', 300],
] as const)('leaves by %j with %s, the screen restored', async (key, code, timeoutMs) => {
  const terminal = memoryTerminal({ live: true })
  const keys = memoryKeys()
  const watching = watchLive(
    project([() => keys.press(key)]),
    { terminal, interrupt, keys },
    { release: { environment: 'dev', name: 'digits-1' }, timeoutMs },
  )
  await expect(watching).rejects.toMatchObject({ code, message: expect.stringContaining('goes on') })
  expect(terminal.written.stdout).toContain(LEAVE)
  expect(keys.opened).toBe(false)
})
