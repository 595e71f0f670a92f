/** What the platform says of itself: that it serves, that it does not, and what to type. */
import { describe, expect, it } from 'vitest'
import { systemProcesses } from '../../src/io/processes.ts'
import { running } from './killing.ts'
import { place } from './place.ts'
import { short } from './plans.ts'

const here = place({ config: { release: short(), serving: { envFile: '.env' } }, model: { loadMs: 1500 } })
const { typed } = here

interface Status {
  readonly host: { readonly alive: boolean }
  readonly environments: readonly {
    readonly up: boolean
    readonly serving: string | null
    readonly failure: string | null
    readonly next: string | null
    readonly versions: readonly { readonly ready: string }[]
  }[]
}
const status = () => here.seen<Status>('local status')

/** Resolves once none of these processes is left. */
const gone = (pids: readonly number[]): Promise<void> =>
  expect
    .poll(() => pids.filter((pid) => systemProcesses().identify(pid)), { timeout: 20_000, message: 'still there' })
    .toEqual([])

/** Sends a signal to all of them at once; who they were. */
function signal(kinds: Parameters<typeof running>[1], name: 'SIGKILL' | 'SIGSTOP'): readonly number[] {
  const pids = running(here.one, kinds)
  for (const pid of pids) process.kill(pid, name)
  return pids
}

describe('local up', () => {
  it('waits until what serves is ready, and says that it loads', async () => {
    here.one.write('.env', '')
    expect(await typed('release start')).toMatchObject({ code: 0 })
    expect(await typed('local down')).toMatchObject({ code: 0, stdout: 'dev is down\nundo: slipway local up\n' })
    const down = await typed('local status')
    expect(down.stdout).toMatch(
      /^no host lives.*\ndev {2}down .*\n {2}serves nothing now; v1 is to serve once it is up\n$/,
    )
    const up = await typed('local up')
    expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining('is up; v1 serves') })
    expect(up.stderr).toMatch(/^v1 must load first/m)
    const answer = await fetch(`${here.one.url}/predict`, { method: 'POST', body: '{"x": 7}' })
    expect(answer.status).toBe(200)
    expect((await status()).environments[0]).toMatchObject({ up: true, versions: [{ ready: '1/1' }] })
  })

  it('ends with 11 where it never is, and goes on where it comes to itself', async () => {
    expect(await typed('local down')).toMatchObject({ code: 0 })
    here.one.write('.env', 'NODE_OPTIONS=--no-such-option\n')
    const failed = await here.one.fails(['local', 'up'])
    expect(failed).toMatchObject({ exit: 11, message: expect.stringMatching(/^v1 does not run: /) })
    expect(failed.next[0]).toBe('slipway rollback')
    expect((await status()).environments[0]).toMatchObject({ up: true, versions: [{ ready: '0/1' }] })
    expect(await typed('local down')).toMatchObject({ code: 0 })
    here.one.write('.env', '')
    expect(await typed('local up')).toMatchObject({ code: 0, stdout: expect.stringContaining('is up; v1 serves') })
  })
})

describe('local status', () => {
  it('tells that the host is gone, and the data plane goes on', async () => {
    // While it stands still it holds its port and starts no host, however long the look takes.
    expect(signal(['data-plane'], 'SIGSTOP')).toHaveLength(1)
    await gone(signal(['host'], 'SIGKILL'))
    const seen = await status()
    expect(seen.host.alive).toBe(false)
    expect(seen.environments[0]).toMatchObject({
      up: true,
      failure: 'host not running; the data plane goes on with its last orders',
      next: 'slipway local up',
    })
  })

  it('tells that nobody answers users', async () => {
    await gone(signal(['data-plane'], 'SIGKILL'))
    expect((await status()).environments[0]).toMatchObject({
      up: false,
      failure: 'host not running, and no data plane: nobody answers users',
      next: 'slipway local up',
    })
    expect((await typed('local status')).stdout).toMatch(
      /^dev {2}not running .*\n {2}host not running.*: slipway local up\n {2}serves nothing now; v1 is to serve\n$/m,
    )
    expect(await typed('local up')).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 serves') })
    expect((await status()).environments[0]).toMatchObject({ up: true, failure: null, next: null })
  })
})

describe('local load', () => {
  it('says what it would send, and how to end what goes on', async () => {
    const line = 'local load --set golden --rate 20 --for 1m --labels'
    const dry = await typed(`${line} --dry-run`)
    expect(dry).toMatchObject({ code: 0 })
    expect(dry.stdout).toBe(`would send 1,200 requests of 220 lines to ${here.one.url}, with labels\n`)
    const { stdout } = await typed(`${line} --detach`)
    const [, pid, same] = /\(pid (\d+)\)\nundo: kill (\d+)\n$/.exec(stdout) ?? []
    expect(pid).toBe(same)
    const processes = systemProcesses()
    expect(processes.identify(Number(pid))).not.toBeNull()
    process.kill(Number(pid))
    await gone([Number(pid)])
  })

  it('is stopped by `local down`, which says so', async () => {
    expect(await typed('local load --set golden --rate 20 --for 10m --detach')).toMatchObject({ code: 0 })
    expect((await typed('local down')).stdout).toBe(
      'dev is down; the load that went on was stopped\nundo: slipway local up\n',
    )
    expect(running(here.one, ['load'])).toEqual([])
    expect(await here.one.fails('local load --set golden --rate 20 --for 1s'.split(' '))).toMatchObject({
      exit: 5,
      code: 'DATA_PLANE_UNREACHABLE',
      next: ['slipway local up'],
    })
    expect(await typed('local up')).toMatchObject({ code: 0 })
  })
})

describe('plan and eval run', () => {
  it('keep and write nothing in a dry run', async () => {
    here.come(60)
    await here.users.more(240)
    const before = await here.one.fails(['release', 'start', '--plan', '0'.repeat(64)])
    expect(before.code).toBe('PLAN_UNKNOWN')
    const planned = await here.seen<Record<string, unknown>>('plan -o p.json --dry-run')
    expect(planned).toMatchObject({ kept: false, file: null, undo: null, start: 'slipway release start' })
    expect(await here.one.fails(['release', 'start', '--plan', String(planned.hash)])).toMatchObject({
      code: 'PLAN_UNKNOWN',
    })
    const kept = await here.seen<Record<string, unknown>>('plan -o p.json')
    expect(kept).toMatchObject({ kept: true, file: 'p.json', undo: 'rm p.json', room: { cores: expect.any(Number) } })
    expect(await here.seen('plan -o p.json')).toMatchObject({ undo: null })
    const dry = await here.seen<Record<string, unknown>>('eval run --report e.json --limit 7 --dry-run')
    expect(dry).toMatchObject({ sets: [], exit: 0, would: 'would ask v1 the lines 7 of golden', undo: null })
  })
})
