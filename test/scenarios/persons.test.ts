/** What persons ask of a release that runs, and what the exits say of it. */
import { describe, expect, it } from 'vitest'
import { place } from './place.ts'
import { CALM, ERRORS, short } from './plans.ts'
import { faults } from './users.ts'
import { printed } from './waits.ts'

const LONG = short({ canary: '10m', watch: '10m', more: { horizon: '30m' } })
const here = place({ config: { release: LONG } })
const { typed, packed, serving } = here

interface Ended {
  readonly release: string
  readonly exit: number
  readonly view: { readonly outcome: string; readonly unjudged: string | null; readonly cause: unknown } | null
}
async function started(line: string): Promise<Ended> {
  const ended = await here.seen<Ended>(`release start ${line}`)
  if (!ended.view) throw new Error(`no end: ${JSON.stringify(ended)}`)
  return ended
}

describe('while a release runs', () => {
  it('is started detached, and again: attached', async () => {
    expect(await typed('release start')).toMatchObject({ code: 0 })
    here.come(60)
    await here.users.more(120)
    await packed('v2', { threshold: 5.5 })
    await packed('v3', { threshold: 5.25 })
    const detached = await typed('release start scale:v2 --detach')
    expect(detached).toMatchObject({ code: 0, stdout: expect.stringMatching(/undo: slipway release abort scale-2\n$/) })
    const again = await typed('release start scale:v2 --timeout 1s')
    expect(again).toMatchObject({ code: 12, stderr: expect.stringContaining('scale-2 runs with this plan already') })
  })

  it('another is refused, with the three commands that help', async () => {
    const refused = await here.one.fails(['release', 'start', 'scale:v3'])
    expect(refused).toMatchObject({ exit: 9, code: 'RELEASE_RUNNING' })
    expect(refused.message).toMatch(/^scale-2 runs since .*, started by tester$/)
    expect(refused.next).toEqual([
      'slipway release watch scale-2',
      'slipway release abort scale-2',
      'slipway release start --replace',
    ])
  })

  it('pause, resume, and what is not possible', async () => {
    expect(await here.one.fails(['release', 'accept', '--reason', 'no'])).toMatchObject({ exit: 9 })
    expect(await typed('release pause --dry-run')).toMatchObject({ code: 0 })
    expect(await typed('release resume')).toMatchObject({ code: 0 })
    expect(await typed('release pause')).toMatchObject({ code: 0 })
    expect(await typed('release pause')).toMatchObject({ code: 0 })
    expect(await here.one.fails(['release', 'advance'])).toMatchObject({ exit: 9, code: 'RELEASE_STATE' })
    expect((await typed('release history')).stdout).toMatch(/^scale-2 .* paused /m)
    expect(await typed('release resume')).toMatchObject({ code: 0 })
  })

  it('--replace aborts it for another, whose abort ends who watches', async () => {
    // Named: one that comes late would watch what replaced it.
    const v2 = here.one.start(['release', 'watch', 'scale-2'])
    expect(await typed('release start scale:v3 --replace --detach')).toMatchObject({ code: 0 })
    expect(await v2.done).toMatchObject({ code: 3, stdout: expect.stringContaining('replaced by tester') })
    const v3 = here.one.start(['release', 'watch', 'scale-3'])
    expect(await typed('quarantine add scale:v1 --reason bad')).toMatchObject({
      stdout: expect.stringContaining(
        'v1 is quarantined: bad; it still serves in dev: slipway rollback takes users off it',
      ),
    })
    expect(await typed('quarantine add scale:v3 --reason bad --dry-run')).toMatchObject({
      stdout: expect.stringContaining('scale-3, which releases it in dev, would be taken back'),
    })
    expect(await typed('quarantine lift scale:v1 --reason good')).toMatchObject({ code: 0 })
    expect(await typed('release abort --reason enough')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('undo: slipway release start scale:v3\n'),
    })
    expect(await typed('release abort')).toMatchObject({ code: 0, stdout: expect.stringContaining('aborted already') })
    expect(await v3.done).toMatchObject({ code: 3 })
    expect(await serving()).toBe('v1')
    expect(await here.one.fails(['release', 'pause'])).toMatchObject({ exit: 9 })
  })

  it('advance ends minimum times; an interrupted command leaves it running', async () => {
    const begun = here.one.start(['release', 'start', 'scale:v2'])
    expect(await printed(begun, 'stderr', /canary .*observed/)).toBe(true)
    begun.child.kill('SIGINT')
    expect(await begun.done).toMatchObject({ code: 130 })
    await here.users.more(300)
    const watched = here.one.start(['release', 'watch'])
    const inFull = printed(watched, 'stdout', /watch/)
    expect(await typed('release advance')).toMatchObject({ code: 0 })
    expect(await inFull).toBe(true)
    expect(await typed('release advance')).toMatchObject({ code: 0 })
    expect(await watched.done).toMatchObject({ code: 0 })
    expect(await serving()).toBe('v2')
    expect(await here.one.fails(['release', 'abort'])).toMatchObject({ exit: 9, next: ['slipway rollback'] })
    expect(faults(here.users.answers)).toEqual({})
  })

  it('rollback of what runs ends it and takes users to the baseline', async () => {
    expect(await typed('release start scale:v3 --detach')).toMatchObject({ code: 0 })
    const watched = here.one.start(['release', 'watch'])
    expect(await typed('rollback --reason complaints --quarantine')).toMatchObject({ code: 0 })
    expect(await watched.done).toMatchObject({ code: 3 })
    expect(await serving()).toBe('v2')
    expect(await here.one.fails(['release', 'start', 'scale:v3'])).toMatchObject({ exit: 10, code: 'QUARANTINED' })
  })

  it('a waived gate is computed and does not decide', async () => {
    here.one.config({ release: short({ gates: [ERRORS, CALM] }) })
    await packed('v4', { failShare: 0.3 })
    const { exit, view } = await started('scale:v4 --waive errors --reason known')
    expect({ exit, outcome: view?.outcome }).toEqual({ exit: 0, outcome: 'promoted' })
    expect(view?.unjudged).toContain('errors')
  })

  it('--no-baseline goes like a first release and says so', async () => {
    await packed('v5', { threshold: 5 })
    expect(await here.one.fails(['release', 'start', 'scale:v5', '--no-baseline'])).toMatchObject({ exit: 2 })
    const { exit, view } = await started('scale:v5 --no-baseline --reason broken')
    expect({ exit, outcome: view?.outcome }).toEqual({ exit: 0, outcome: 'promoted' })
    expect(view?.unjudged).toMatch(/./)
    expect(await serving()).toBe('v5')
  })
})
