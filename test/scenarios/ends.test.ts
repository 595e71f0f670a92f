/** How a release may end other than well: each end has its exit, its error code, and what to type next. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { place } from './place.ts'
import { CALM, short } from './plans.ts'

/** Too narrow to be passed by anybody in so short a time. */
const NARROW = { errors: { margin: '0.1pp' } }
const undecided = (more: Readonly<Record<string, unknown>>) =>
  short({ canary: '1s', watch: '1s', gates: [NARROW, CALM], more: { horizon: '4s', ...more } })
const LONG = short({ canary: '10m', more: { horizon: '30m' } })

const here = place({ config: { release: LONG } })
const { typed, packed, seen, serving } = here
const fails = (line: string) => here.one.fails(line.split(' '))

interface End {
  readonly release: string | null
  readonly exit: number
  readonly code: string | null
  readonly view: { readonly code: string | null; readonly status: string; readonly commands: string[] } | null
}

describe('what is not there', () => {
  it('an environment, a release, a plan', async () => {
    expect(await fails('release status --env prod')).toMatchObject({ exit: 2, code: 'ENVIRONMENT_UNKNOWN' })
    const empty = await fails('release status')
    expect(empty).toMatchObject({ exit: 2, code: 'RELEASE_UNKNOWN', next: ['slipway release start'] })
    const plan = await fails(`release start --plan ${'0'.repeat(64)}`)
    expect(plan).toMatchObject({ exit: 2, code: 'PLAN_UNKNOWN', next: ['slipway plan'] })
  })

  it('a version before the first', async () => {
    expect(await seen<End>('release start')).toMatchObject({ exit: 0, code: null, view: { code: null } })
    expect(await fails('rollback')).toMatchObject({ exit: 9, code: 'NOTHING_TO_ROLL_BACK' })
    const mistyped = await fails('release status scale-7')
    expect(mistyped).toMatchObject({ exit: 2, code: 'RELEASE_UNKNOWN' })
  })

  it('an answer for a label', async () => {
    expect(await fails('label add nobody\u0007 7')).toMatchObject({ exit: 2, code: 'LABEL_ID_UNKNOWN' })
  })
})

describe('a plan', () => {
  it('that the world has left behind is refused', async () => {
    await packed('v2', { threshold: 5.5 })
    here.come(60)
    await here.users.more(120)
    const planned = await seen<{ $schema: string; hash: string; file: string }>('plan scale:v2 -o plan.json')
    expect(planned.$schema, JSON.stringify(planned)).toBe('slipway.dev/planned/v1')
    const { hash, file } = planned
    here.one.config({ release: { ...LONG, alpha: '1%' } })
    for (const plan of [hash, file]) {
      const refused = await fails(`release start scale:v2 --plan ${plan}`)
      expect(refused).toMatchObject({ exit: 9, code: 'PLAN_CHANGED', message: expect.stringContaining('alpha') })
    }
    here.one.config({ release: LONG })
    const started = await seen<End>(`release start scale:v2 --plan ${file} --detach`)
    expect(started).toMatchObject({ release: 'scale-2', exit: 0, code: null, view: null })
  })

  it('that is none says so', async () => {
    writeFileSync(join(here.one.folder, 'broken.json'), '{"schema": "slipway.dev/plan/v1"')
    expect(await fails('release start scale:v2 --plan broken.json')).toMatchObject({ exit: 2, code: 'PLAN_INVALID' })
  })
})

describe('who waits is told', () => {
  it('that the time ran out, and the release goes on', async () => {
    const out = await fails('release start scale:v2 --plan plan.json --timeout 1s --report late.json')
    expect(out).toMatchObject({
      exit: 12,
      code: 'TIMEOUT',
      next: ['slipway release watch scale-2', 'slipway release abort scale-2'],
    })
    expect(await seen('release status')).toMatchObject({ status: 'running' })
    // What is known by then is reported.
    const late = JSON.parse(readFileSync(join(here.one.folder, 'late.json'), 'utf8'))
    expect(late).toMatchObject({ release: 'scale-2', status: 'running', outcome: null })
  })

  it('that a person rolled back', async () => {
    const watched = seen<End>('release watch')
    expect(await typed('rollback --reason complaints')).toMatchObject({ code: 0 })
    expect(await watched).toMatchObject({
      exit: 3,
      code: 'ROLLED_BACK_BY_PERSON',
      view: { code: 'ROLLED_BACK_BY_PERSON' },
    })
  })

  it('that a person aborted', async () => {
    expect(await typed('release start scale:v2 --detach')).toMatchObject({ code: 0 })
    const watched = seen<End>('release watch')
    expect(await typed('release abort --reason enough')).toMatchObject({ code: 0 })
    expect(await watched).toMatchObject({ exit: 3, code: 'ABORTED', view: { code: 'ABORTED' } })
  })

  it('that a gate failed', async () => {
    here.one.config({ release: short() })
    await packed('v3', { failShare: 0.6 })
    expect(await seen<End>('release start scale:v3')).toMatchObject({ exit: 3, code: 'GATE_FAILED' })
    expect(await serving()).toBe('v1')
  })
})

describe('at the horizon without a verdict', () => {
  it('it is held: who waits leaves with both ways on', async () => {
    here.one.config({ release: undecided({}) })
    const held = await seen<End>('release start scale:v2')
    expect(held).toMatchObject({ exit: 7, code: 'HELD', view: { status: 'held', code: null } })
    const commands = held.view?.commands.join('\n') ?? ''
    expect(commands).toMatch(/slipway release accept/)
    expect(commands).toMatch(/slipway release abort/)
    expect((await typed('release history')).stdout).toMatch(/^scale-\d+ .* held /m)
    const watched = await typed('release watch')
    expect(watched).toMatchObject({ code: 7, stdout: expect.stringContaining('slipway release accept') })
    expect(await fails('release pause')).toMatchObject({ exit: 9, code: 'RELEASE_STATE' })
    expect(await typed('release accept --reason "checked"')).toMatchObject({ code: 0 })
    expect(await seen<End>('release watch')).toMatchObject({ exit: 0, code: null })
    expect(await serving()).toBe('v2')
  })

  it('and without patience it ends as inconclusive, users back', async () => {
    here.one.config({ release: undecided({ onInconclusive: { hold: '0s' } }) })
    await packed('v4', { threshold: 5.25 })
    expect(await seen<End>('release start scale:v4')).toMatchObject({ exit: 7, code: 'INCONCLUSIVE' })
    expect(await serving()).toBe('v2')
    expect((await seen<{ quarantined: unknown[] }>('quarantine list')).quarantined).toHaveLength(1)
  })
})
