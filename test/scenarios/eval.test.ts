import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { systemProcesses } from '../../src/io/processes.ts'
import { jsonLines, type Scenario, scenario, setLines } from './harness.ts'
import { printed } from './waits.ts'

// Each test types several commands, and servers start for them.
vi.setConfig({ testTimeout: 180_000 })

const GOLDEN = { golden: { path: './golden.jsonl', evaluator: 'exact-match' } }
const gate = (quality: object) => ({ release: { gates: [{ quality: { set: 'golden', ...quality } }] } })
/** Servers of this project, by the folder that they were started in. */
const serversOf = ({ folder }: Scenario) =>
  systemProcesses()
    .table()
    .filter(({ pid }) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, '.slipway'))
      } catch {
        return false
      }
    })
const result = ({ stdout }: { stdout: string }) => JSON.parse(stdout)

describe('eval run', () => {
  it('asks every line of a version that nobody serves, and stops what it started', async () => {
    const one = await scenario({ model: { threshold: 4 } })
    const ran = await one.run(['eval', 'run', '--json'])
    expect(ran.code).toBe(0)
    const { sets, version, verdict, $schema } = result(ran)
    expect({ tag: version.tag, verdict, $schema }).toEqual({ tag: 'v1', verdict: null, $schema: 'slipway.dev/eval/v1' })
    expect(sets).toMatchObject([{ name: 'golden', lines: 220, answered: 220, score: 200, baselineScore: null }])
    expect(sets[0].worst[0]).toMatchObject({ expect: 'low', candidate: 'high' })
    expect(serversOf(one)).toEqual([])
    expect(await one.run(['eval', 'run', '--limit', '11'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('11 lines, 10, 90.9 % right'),
    })
  })

  it('exits like a gate: by `min`, and against a baseline', async () => {
    const one = await scenario({ config: gate({ min: '90%' }) })
    expect((await one.run(['eval', 'run'])).code).toBe(0)
    one.model({ threshold: 9 })
    expect((await one.run(['eval', 'run'])).code).toBe(3)
    one.config(gate({ min: '63%' }))
    expect((await one.run(['eval', 'run'])).code).toBe(7)
    one.config({})
    const worse = await one.run(['eval', 'run', 'scale:v2', '--baseline', 'scale:v1', '--report', 'out.md'])
    expect(worse.code).toBe(3)
    expect(worse.stdout).toContain('golden  fail')
    expect(readFileSync(join(one.folder, 'out.md'), 'utf8')).toContain('# scale v2: fail')
    const same = await one.run(['eval', 'run', 'scale:v1', '--baseline', 'scale:v1', '--report', 'out.json'])
    expect(same.code).toBe(0)
    expect(JSON.parse(readFileSync(join(one.folder, 'out.json'), 'utf8'))).toMatchObject({
      $schema: 'slipway.dev/eval/v1',
      verdict: 'pass',
    })
  })

  it('asks the server that serves already', async () => {
    const one = await scenario()
    expect((await one.run(['release', 'start'])).code).toBe(0)
    const before = serversOf(one).length
    const ran = await one.run(['eval', 'run', 'scale:v1'])
    expect(ran.stderr).toContain('of the server that runs already')
    expect(ran.code).toBe(0)
    expect(serversOf(one)).toHaveLength(before)
  })

  it('says what broke: the server 11, the evaluator 5, the words typed 2', async () => {
    const one = await scenario({ model: { crashAt: 3 } })
    expect(await one.fails(['eval', 'run'])).toMatchObject({ exit: 11, code: 'CRASHED' })
    one.model({ loadMs: -1 })
    one.config({ serving: { ready: { path: '/health', timeout: '1s' } } })
    expect(await one.fails(['eval', 'run'])).toMatchObject({ exit: 11, code: 'NEVER_READY' })
    one.model({})
    one.config({ evaluation: { sets: { golden: { ...GOLDEN.golden, evaluator: { command: ['false'] } } } } })
    expect(await one.fails(['eval', 'run'])).toMatchObject({ exit: 5, code: 'EVALUATOR_FAILED' })
    expect(await one.fails(['eval', 'run', '--set', 'goldne'])).toMatchObject({
      exit: 2,
      code: 'USAGE',
      next: ['--set golden'],
    })
    expect(await one.fails(['eval', 'run', '--report', 'x.html'])).toMatchObject({ exit: 2, code: 'USAGE' })
    one.write('golden.jsonl', `${jsonLines(setLines(2))}nonsense\n`)
    expect(await one.fails(['eval', 'run'])).toMatchObject({ code: 'SET_INVALID', where: [{ line: 3 }] })
    expect(serversOf(one)).toEqual([])
  })

  it('stops its servers on Ctrl-C, and the next run those of a killed one', async () => {
    const one = await scenario({ model: { delayMs: 1000 } })
    const begun = async () => {
      const evaluation = one.start(['eval', 'run'])
      expect(await printed(evaluation, 'stderr', /asking/)).toBe(true)
      return evaluation
    }
    const first = await begun()
    expect(serversOf(one).length).toBeGreaterThan(0)
    first.child.kill('SIGINT')
    expect((await first.done).code).toBe(130)
    expect(serversOf(one)).toEqual([])
    const second = await begun()
    second.child.kill('SIGKILL')
    await second.done
    expect(serversOf(one).length).toBeGreaterThan(0)
    await one.run(['local', 'down', '--force'])
    expect(serversOf(one)).toEqual([])
  })

  it('is typed as its help shows', async () => {
    const one = await scenario({ config: { model: 'digits' } })
    for (const line of ['eval run', 'eval run --set golden --baseline digits:v1 --report eval.md'])
      expect(await one.run(line.split(' '))).toMatchObject({ code: 0 })
    expect(readFileSync(join(one.folder, 'eval.md'), 'utf8')).toContain('# digits v1: pass')
  })
})
