/** The life of releases as typed: each line is one that a reader would type, one after the other in one project. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Ran } from '../cli/run.ts'
import { type Behaviour, freePorts, type Scenario, scenario } from './harness.ts'
import { short } from './plans.ts'
import { begin, faults, type Users } from './users.ts'

let one: Scenario
let users: Users
let clean: () => Promise<void> = async () => {}

beforeAll(async () => {
  one = await scenario({
    after(end) {
      clean = end
    },
  })
})
afterAll(async () => {
  await users?.stop()
  await clean()
}, 60_000)

/** A line as typed after `slipway`. */
const typed = (line: string, timeoutMs = 60_000): Promise<Ran> => one.run(line.split(' '), { timeoutMs })
const seen = async (line: string): Promise<Record<string, unknown>> =>
  JSON.parse((await typed(`${line} --json`)).stdout) as Record<string, unknown>
/** What is packed as the next version. */
async function packed(tag: string, behaviour: Behaviour): Promise<void> {
  one.model(behaviour)
  expect(await typed(`pack --tag ${tag}`)).toMatchObject({ code: 0 })
}
const serving = async (): Promise<unknown> => {
  const { environments } = (await seen('local status')) as { environments: { serving: unknown }[] }
  return environments[0]?.serving
}

describe('from nothing to a version that was taken back', () => {
  it('init finds out how the server is started, and the file is valid', async () => {
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
    users = begin({ url: one.url, rate: 120 })
    await users.more(100)
    expect(faults(users.answers)).toEqual({})
    const { view } = (await seen('release status')) as { view: { release: string; outcome: string; unjudged: string } }
    expect(view).toMatchObject({ release: 'scale-1', outcome: 'promoted', unjudged: expect.stringMatching(/./) })
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
    expect(faults(users.answers)).toEqual({})
    const explained = await typed('release explain')
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('errors') })
  })

  it('a regression is taken back and quarantined', async () => {
    await packed('v3', { failShare: 0.5 })
    expect(await typed('release start scale:v3')).toMatchObject({ code: 3 })
    expect(await serving()).toBe('v2')
    const refused = await one.fails(['release', 'start', 'scale:v3'])
    expect(refused).toMatchObject({ exit: 10, code: 'QUARANTINED', message: expect.stringContaining('scale-3') })
    expect(refused.next.join('\n')).toMatch(/release report scale-3\n.*quarantine lift/)
    expect(await typed('quarantine list')).toMatchObject({ code: 0, stdout: expect.stringContaining('v3') })
    expect(await typed('quarantine lift scale:v3 --reason again')).toMatchObject({ code: 0 })
    expect(await typed('release start scale:v3')).toMatchObject({ code: 3 })
  })

  it('rollback, and once more', async () => {
    const before = users.answers.length
    expect(await typed('rollback --dry-run')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1') })
    expect(await serving()).toBe('v2')
    expect(await typed('rollback')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves') })
    expect(await serving()).toBe('v1')
    expect(await typed('rollback')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves already') })
    await users.more(20)
    expect(faults(users.answers.slice(before))).toEqual({})
    expect(users.answers.at(-1)?.version).toBe('v1')
  })
})
