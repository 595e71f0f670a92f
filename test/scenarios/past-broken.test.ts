/** A broken slipway.yaml keeps nobody on a bad version: what takes users back goes by the journal. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { place } from './place.ts'
import { short } from './plans.ts'
import { faults } from './users.ts'

const LONG = short({ canary: '10m', watch: '10m', more: { horizon: '30m' } })
const here = place({ config: { release: LONG } })
const { typed, packed } = here

/** The one line that tells it. */
const NOTE =
  /^note: going by the journal, for slipway\.yaml cannot be used: slipway\.yaml(:2:1 modle is no key.*| has 2 problems)$/gm
const breaks = () =>
  here.one.write('slipway.yaml', 'apiVersion: slipway.dev/v1\nmodle: scale\nserving: {command: [node]}\n')
const told = (text: string) => text.match(NOTE) ?? []

interface Status {
  readonly environments: readonly {
    readonly name: string
    readonly up: boolean
    readonly serving: string | null
    readonly listen: string
    readonly failure: string | null
    readonly next: string | null
  }[]
}
const status = async () => (await here.seen<Status>('local status')).environments[0]!

describe('past a broken slipway.yaml', () => {
  it('what needs the file says what is wrong, as before', async () => {
    expect(await typed('release start')).toMatchObject({ code: 0 })
    await packed('v2', { threshold: 5.5 })
    await packed('v3', { threshold: 5.25 })
    here.come(60)
    await here.users.more(60)
    expect(await typed('release start scale:v2 --detach')).toMatchObject({ code: 0 })
    breaks()
    expect(await here.one.fails(['release', 'start', 'scale:v3'])).toMatchObject({ exit: 2, code: 'CONFIG_INVALID' })
  })

  it('a release is looked at, paused and aborted', async () => {
    const shown = await typed('release status')
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('scale-2') })
    expect(told(shown.stderr)).toHaveLength(1)
    expect(await typed('release pause')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('release resume scale-2'),
    })
    const aborted = await typed('release abort')
    expect(aborted).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('undo: slipway release start scale:v2\n'),
    })
    expect(told(aborted.stderr)).toHaveLength(1)
    expect((await status()).serving).toBe('v1')
    expect(await here.one.fails(['release', 'status', '--env', 'prod'])).toMatchObject({
      code: 'ENVIRONMENT_UNKNOWN',
      message: 'the journal has no environment "prod"; it has dev',
    })
  })

  it('rollback ends what runs, and goes to what served before', async () => {
    here.one.config({ release: short() })
    expect(await typed('release start scale:v2')).toMatchObject({ code: 0 })
    here.one.config({ release: LONG })
    expect(await typed('release start scale:v3 --detach')).toMatchObject({ code: 0 })
    breaks()
    const back = await typed('rollback --reason complaints')
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('undo: slipway release start scale:v3\n') })
    expect(told(back.stderr)).toHaveLength(1)
    expect((await status()).serving).toBe('v2')
    const again = await typed('rollback')
    expect(again).toMatchObject({
      code: 0,
      stdout: 'v2 serves already: users were taken back to it; slipway rollback --to scale:v1 goes to v1\n',
    })
    expect((await status()).serving).toBe('v2')
    const before = await typed('rollback --to scale:v1')
    expect(before).toMatchObject({ code: 0, stdout: 'v1 serves\nundo: slipway rollback --to scale:v2\n' })
    expect((await status()).serving).toBe('v1')
    expect(await here.one.fails(['rollback', 'other'])).toMatchObject({
      code: 'REF_UNKNOWN',
      message: 'the journal is about the model scale, not "other"',
    })
  })

  it('rollback --to goes to a version that a release had, and to no other', async () => {
    expect(await typed('rollback --to scale:v3 --quarantine')).toMatchObject({
      code: 0,
      stdout: 'v3 serves\nundo: slipway quarantine lift scale:v1 --reason TEXT && slipway rollback --to scale:v1\n',
    })
    here.one.config({})
    await packed('v4', { threshold: 5.75 })
    breaks()
    const never = await here.one.fails(['rollback', '--to', 'scale:v4'])
    expect(never).toMatchObject({ exit: 2, code: 'CONFIG_INVALID', next: ['slipway rollback', 'slipway validate'] })
    expect(never.message).toMatch(/^scale:v4 never served in dev, so only slipway\.yaml can say how; slipway\.yaml/)
    expect((await status()).serving).toBe('v3')
    await here.users.more(20)
    expect(faults(here.users.answers)).toEqual({})
  })

  it('it goes down and comes up, even where the file is gone or a folder', async () => {
    expect(await typed('local down')).toMatchObject({ code: 0, stdout: 'dev is down\nundo: slipway local up\n' })
    expect(await status()).toMatchObject({ up: false, failure: null, next: null, serving: 'v3' })
    rmSync(join(here.one.folder, 'slipway.yaml'))
    const up = await typed('local up')
    expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining(`${here.one.url}, control at`) })
    expect(up.stderr).toMatch(
      /^note: going by the journal, for slipway\.yaml cannot be used: there is no slipway\.yaml/m,
    )
    expect(await status()).toMatchObject({ up: true, failure: null, serving: 'v3', listen: here.one.url })
    mkdirSync(join(here.one.folder, 'slipway.yaml'))
    expect(await typed('local down --config slipway.yaml')).toMatchObject({ code: 0 })
    rmSync(join(here.one.folder, 'slipway.yaml'), { recursive: true })
    const named = await here.one.fails(['release', 'status', '--config', 'elsewhere/slipway.yaml'])
    expect(named).toMatchObject({ exit: 2, code: 'CONFIG_NOT_FOUND' })
  })
})
