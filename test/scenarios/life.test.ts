/** The life of releases as typed: each line is one that a reader would type, one after the other in one project. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { freePorts } from './harness.ts'
import { place } from './place.ts'
import { short } from './plans.ts'
import { faults } from './users.ts'

const here = place()
const { typed, packed, serving } = here

describe('from nothing to a version that was taken back', () => {
  it('init finds out how the server is started, and the file is valid', async () => {
    const { one } = here
    rmSync(join(one.folder, 'slipway.yaml'))
    const [port] = await freePorts(1)
    expect(await typed(`init --model scale -- node server.mjs --port ${port} --model model`)).toMatchObject({ code: 0 })
    expect(await typed('validate')).toMatchObject({ code: 0 })
    // The ports of this test, and steps of seconds.
    const found = parse(readFileSync(join(one.folder, 'slipway.yaml'), 'utf8')) as Record<string, object>
    const dev = { platform: 'local', listen: `127.0.0.1:${one.listen}`, control: `127.0.0.1:${one.control}` }
    const serving = { ...found.serving, requests: ['POST /predict'], answer: '/label', drain: '1s' }
    one.write('slipway.yaml', stringify({ ...found, serving, release: short(), environments: { dev } }))
    expect(await typed('validate')).toMatchObject({ code: 0 })
  })

  it('the first release serves, and says what was not judged', async () => {
    const first = await typed('release start')
    expect([first.code, first.stdout, first.stderr]).toMatchObject([0, expect.anything(), expect.anything()])
    const users = here.come(120)
    await users.more(100)
    expect(faults(users.answers)).toEqual({})
    expect(await here.seen('release status')).toMatchObject({
      release: 'scale-1',
      outcome: 'promoted',
      unjudged: expect.stringMatching(/./),
    })
  })

  it('that version again: nothing to do', async () => {
    const again = await typed('release start')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('serves in dev already') })
  })

  it('the second goes by canary and is promoted', async () => {
    await packed('v2', { threshold: 5.5 })
    const before = await typed('release start scale:v2 --dry-run')
    expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('would release v2') })
    expect(await serving()).toBe('v1')
    const second = await typed('release start scale:v2')
    expect([second.code, second.stderr]).toMatchObject([0, expect.stringContaining('promoted')])
    expect(await serving()).toBe('v2')
    expect(faults(here.users.answers)).toEqual({})
    const explained = await typed('release explain')
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('errors') })
  })

  it('a regression is taken back and quarantined', async () => {
    await packed('v3', { failShare: 0.5 })
    expect(await typed('release start scale:v3')).toMatchObject({ code: 3 })
    expect(await serving()).toBe('v2')
    const refused = await here.one.fails(['release', 'start', 'scale:v3'])
    expect(refused).toMatchObject({ exit: 10, code: 'QUARANTINED', message: expect.stringContaining('scale-3') })
    expect(refused.next.join('\n')).toMatch(/release report scale-3\n.*quarantine lift/)
    expect(await typed('quarantine list')).toMatchObject({ code: 0, stdout: expect.stringContaining('v3') })
    expect(await typed('quarantine lift scale:v3 --reason again')).toMatchObject({ code: 0 })
    expect(await typed('release start scale:v3')).toMatchObject({ code: 3 })
  })

  it('rollback, and once more', async () => {
    const { users } = here
    const before = users.answers.length
    expect(await typed('rollback --dry-run')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1') })
    expect(await serving()).toBe('v2')
    expect(await typed('rollback')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves') })
    expect(await serving()).toBe('v1')
    expect(await typed('rollback')).toMatchObject({
      code: 0,
      stdout: 'v1 serves already: users were taken back to it; slipway rollback --to scale:v2 goes to v2\n',
    })
    expect(await typed('rollback --to scale:v2')).toMatchObject({
      code: 0,
      stdout: 'v2 serves\nundo: slipway rollback --to scale:v1\n',
    })
    // What is typed again after it is done: nobody goes anywhere, and that is said.
    expect(await typed('rollback --quarantine')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^v2 serves already: .* --to scale:v1 .*; no version is left, so none is quarantined/,
      ),
    })
    expect(await serving()).toBe('v2')
    expect(await typed('rollback --to scale:v1')).toMatchObject({ code: 0 })
    await users.more(20)
    expect(faults(users.answers.slice(before))).toEqual({})
    expect(users.answers.at(-1)?.version).toBe('v1')
    const { moves } = await here.seen<{ moves: readonly object[] }>('release history --limit 1')
    const move = (to: string, from: string) => ({ to: { tag: to }, from: { tag: from }, by: 'tester' })
    expect(moves).toMatchObject([move('v1', 'v2'), move('v2', 'v1'), move('v1', 'v2')])
    expect((await typed('release history')).stdout).toMatch(/^- +v1 +v2 +rollback /m)
  })
})
