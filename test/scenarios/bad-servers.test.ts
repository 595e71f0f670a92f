/** Servers, evaluators and ports that do not do what they should: each with its code, its exit and its words. */
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { type Behaviour, type Scenario, scenario } from './harness.ts'

const ready = (timeout: string) => ({ serving: { ready: { path: '/health', timeout } } })
/** Only a crash can end it, and no gate could be faster. */
const CRASH = {
  release: {
    steps: [{ canary: { weight: '50%', for: '10m' } }, { full: { watch: '1s', keepWarm: '0s' } }],
    gates: [{ quality: { set: 'golden', margin: '10pp' } }],
  },
}

/** How a release ended: its exit, and the code and the sentence of its cause. */
async function ended(one: Scenario) {
  const { code: exit, stdout, stderr } = await one.run(['release', 'start', '--json'], { timeoutMs: 90_000 })
  const { view } = JSON.parse(stdout || '{}')
  if (!view) throw new Error(`no end (exit ${exit}): ${stdout}${stderr}`)
  return { exit, code: view.code, why: view.cause?.why ?? view.affected, affected: view.affected }
}
const outcome = async (model: Behaviour, config: Parameters<Scenario['config']>[0] = {}) =>
  ended(await scenario({ model, config }))

it('a port that is taken: names who holds it', async () => {
  const one = await scenario()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(one.listen, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  for (const line of ['local up', 'release start'])
    expect(await one.fails(line.split(' '))).toMatchObject({
      exit: 5,
      code: 'PORT_TAKEN',
      message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${one.listen} is held by .*\\(pid ${process.pid}\\)`)),
    })
}, 120_000)

it('a server that listens elsewhere: both ports', async () => {
  expect(await outcome({ otherPort: true })).toMatchObject({
    exit: 11,
    code: 'WRONG_PORT',
    why: expect.stringMatching(/listens on port \d+, not on 127\.0\.0\.1:\d+/),
  })
}, 120_000)

it('a server that never gets ready', async () => {
  expect(await outcome({ loadMs: -1 }, ready('2s'))).toMatchObject({
    exit: 11,
    code: 'NEVER_READY',
    why: expect.stringContaining('not ready within 2s'),
  })
}, 120_000)

it('a version that crashes under load: users are taken back, and few of them notice', async () => {
  const one = await scenario({ config: CRASH })
  expect((await one.run(['release', 'start'])).code).toBe(0)
  // It answers the set, and dies of what users ask.
  one.model({ crashAt: 300 })
  const stop = new AbortController()
  const load = one.load({ rate: 40, durationMs: 120_000, signal: stop.signal })
  const failed = await ended(one)
  expect(failed).toMatchObject({ exit: 11, code: 'CRASHED', why: expect.stringContaining('exited unasked 2 times') })
  stop.abort()
  const { failures } = await load
  // Only what was open at the two exits.
  expect(Object.values(failures).reduce((sum, n) => sum + n, 0)).toBeLessThan(10)
  const after = await one.load({ rate: 40, durationMs: 1000 })
  expect(after).toMatchObject({ answered: 40, failed: 0 })
  expect(Object.keys(after.versions)).toHaveLength(1)
}, 180_000)

it('answers without the pointer: the first release does not begin to serve', async () => {
  expect(await outcome({}, { serving: { answer: '/nothing' } })).toMatchObject({
    exit: 11,
    code: 'SET_UNANSWERED',
    why: 'line 1 (line-0) of golden was not answered: nothing at the answer pointer',
  })
}, 120_000)

it('an evaluator that hangs: nobody is blamed, nothing is promoted', async () => {
  const evaluator = { command: ['sleep', '600'], timeout: '1s' }
  const one = await scenario({
    config: {
      evaluation: { sets: { golden: { path: './golden.jsonl', evaluator } } },
      release: { gates: [{ quality: { set: 'golden', min: '90%' } }] },
    },
  })
  expect(await one.fails(['eval', 'run'])).toMatchObject({
    exit: 5,
    code: 'EVALUATOR_FAILED',
    message: expect.stringContaining('sleep'),
  })
  const { code } = await one.run(['release', 'start', '--timeout', '8s'])
  expect(code).toBe(12)
  expect(JSON.parse((await one.run(['local', 'status', '--json'])).stdout).environments[0]).toMatchObject({
    serving: null,
  })
  expect((await one.run(['release', 'abort', '--reason', 'no verdict'])).code).toBe(0)
}, 180_000)
