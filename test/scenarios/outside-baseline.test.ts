/** A server that was there before slipway: compared with, split, rolled back to, and never started or stopped. */
import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from './harness.ts'
import { place } from './place.ts'
import { short } from './plans.ts'
import { faults } from './users.ts'
import { eventually } from './waits.ts'

const [port] = (await freePorts(1)) as [number]
const url = `http://127.0.0.1:${port}`
const here = place({ config: { release: short() } })
const { typed, packed } = here
let outside: ReturnType<typeof spawn>

/** Tags that answered after `from`; the server outside has none of ours. */
const answeredBy = (from: number): number => new Set(here.users.answers.slice(from).map(({ version }) => version)).size

beforeAll(async () => {
  const { one } = here
  one.model({ threshold: 5 })
  outside = spawn(process.execPath, ['server.mjs', '--port', String(port), '--model', 'model'], {
    cwd: one.folder,
    stdio: 'ignore',
  })
  const answers = () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  await eventually('the server outside answers', answers)
  const dev = { platform: 'local', listen: `127.0.0.1:${one.listen}`, control: `127.0.0.1:${one.control}` }
  one.config({ release: short(), environments: { dev: { ...dev, baseline: { url } } } })
})
afterAll(() => void outside.kill('SIGKILL'))

describe('environments.dev.baseline: {url}', () => {
  it('a bad first version is compared with it and taken back to it', async () => {
    expect(await typed('local up')).toMatchObject({ code: 0, stdout: expect.stringContaining(`${url} serves`) })
    here.come(100)
    await here.users.more(100)
    expect(faults(here.users.answers)).toEqual({})
    await packed('v1', { failShare: 0.6 })
    expect(await typed('release start scale:v1')).toMatchObject({ code: 3 })
    await here.users.more(50)
    expect(faults(here.users.answers.slice(-20))).toEqual({})
    expect(outside.exitCode).toBe(null)
  })

  it('a good one is split with it and promoted; rollback goes back to it', async () => {
    const from = here.users.answers.length
    await packed('v2', { threshold: 5 })
    const second = await typed('release start scale:v2')
    expect([second.code, second.stderr]).toMatchObject([0, expect.stringContaining('canary')])
    expect(answeredBy(from)).toBe(2)
    expect(await here.serving()).toBe('v2')
    expect(await typed('rollback')).toMatchObject({ code: 0, stdout: expect.stringContaining(url) })
    await here.users.more(20)
    expect(here.users.answers.at(-1)?.version).not.toBe('v2')
    expect({ lost: faults(here.users.answers.slice(from)), exit: outside.exitCode }).toEqual({ lost: {}, exit: null })
  })

  it('that does not answer is named before anything starts', async () => {
    await packed('v3', { threshold: 5.2 })
    outside.kill('SIGSTOP')
    const planned = await here.seen<{ refused: { code: string; message: string }[] }>('plan scale:v3 --dry-run')
    const failed = await here.one.fails(['release', 'start', 'scale:v3'])
    outside.kill('SIGCONT')
    expect(failed).toMatchObject({ exit: 5, code: 'BASELINE_UNREACHABLE', next: ['slipway release start'] })
    expect(failed.message).toBe(`the baseline ${url} does not answer: no answer in 2 s`)
    expect(planned.refused).toMatchObject([{ code: failed.code, message: failed.message }])
    expect((await here.seen<{ releases: object[] }>('release history')).releases).toHaveLength(2)
  })

  it('is still there when all of slipway is down', async () => {
    await here.users.stop()
    expect(await typed('local down --force')).toMatchObject({ code: 0 })
    expect((await fetch(`${url}/health`)).ok).toBe(true)
  })
})
