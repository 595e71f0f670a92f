/** What comes twice, too late or from elsewhere: labels of unknown answers, a second release, a second host. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/io/clock.ts'
import { environment, ROOT, run } from '../cli/run.ts'
import { type Scenario, scenario } from './harness.ts'

const hostLog = ({ folder }: Scenario) => readFileSync(join(folder, '.slipway', 'logs', 'host.log'), 'utf8')

it('labels of answers that nobody gave', async () => {
  const one = await scenario()
  expect((await one.run(['local', 'up'])).code).toBe(0)
  expect(await one.fails(['label', 'add', ' no-such-id', '7'])).toMatchObject({
    exit: 2,
    code: 'LABEL_ID_UNKNOWN',
    message: expect.stringContaining('no-such-id'),
  })
  one.write('labels.jsonl', '{"id": "a", "label": 1}\n{"id": "b"}\n')
  expect(await one.fails(['label', 'add', '--file', 'labels.jsonl'])).toMatchObject({ exit: 2, code: 'LABEL_INVALID' })
}, 120_000)

it('a second release of the model: who, since when, and what helps', async () => {
  const one = await scenario({ config: { release: { gates: [{ quality: { set: 'golden' } }] } } })
  expect((await one.run(['release', 'start'])).code).toBe(0)
  one.model({ delayMs: 1 })
  expect((await one.run(['release', 'start', '--detach'])).code).toBe(0)
  one.model({ delayMs: 2 })
  expect(await one.fails(['release', 'start'])).toMatchObject({
    exit: 9,
    code: 'RELEASE_RUNNING',
    message: expect.stringMatching(/^scale-2 runs since \d{4}-.*started by tester$/),
    next: ['slipway release watch scale-2', 'slipway release abort scale-2', 'slipway release start --replace'],
  })
}, 120_000)

it('two hosts at once: the second ends and says why; one whose lock is gone makes way', async () => {
  const one = await scenario()
  expect((await one.run(['local', 'up'])).code).toBe(0)
  const pid = () => [...hostLog(one).matchAll(/epoch \d+, pid (\d+)/g)].at(-1)?.[1]
  const first = pid()
  const second = await run([one.folder], {
    bin: join(ROOT, 'dist', 'entries', 'host.js'),
    cwd: one.folder,
    env: environment({ HOME: one.folder }),
  })
  expect(second).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`another host drives this project: pid ${first}`),
  })
  expect(pid()).toBe(first)
  rmSync(join(readFileSync(join(one.folder, '.slipway', 'runtime'), 'utf8').trim(), 'host.lock'))
  for (let i = 0; i < 300 && !hostLog(one).includes('HOST_ELSEWHERE'); i++) await systemClock.sleep(100)
  expect(hostLog(one)).toContain('the lock of this host is gone')
  expect((await one.run(['local', 'up'])).code).toBe(0)
  expect(JSON.parse((await one.run(['local', 'status', '--json'])).stdout).host.alive).toBe(true)
  expect(pid()).not.toBe(first)
}, 120_000)
