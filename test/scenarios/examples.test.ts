/** Examples that commands show and that need a project with users: run as they are typed, in the order of its life. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Ran } from '../cli/run.ts'
import { modelFile } from './harness.ts'
import { place } from './place.ts'
import { CALM, ERRORS, short } from './plans.ts'
import { TRAINING, teach } from './trained.ts'
import { eventually, printed } from './waits.ts'

const QUALITY = { quality: { labels: true, margin: '20pp' } }
const here = place({ config: { model: 'digits', training: TRAINING, release: short() } })
const { typed, example, seen, serving } = here

const project = (release: object) => here.one.config({ model: 'digits', training: TRAINING, release })

/** A line works and shows this. */
async function works(line: string, shows: string | RegExp): Promise<Ran> {
  const ran = await example(line)
  expect({ ...ran, line }).toMatchObject({ code: 0 })
  expect(ran.stdout).toMatch(shows)
  return ran
}

beforeAll(() => teach(here.one))

describe('a platform', () => {
  it('stays in the foreground until it is interrupted', async () => {
    const up = here.one.start('local up --foreground'.split(' '))
    expect(await printed(up, 'stderr', /is up; no version serves yet/)).toBe(true)
    expect(await seen('local status')).toMatchObject({ environments: [{ up: true }] })
    up.child.kill('SIGINT')
    expect(await up.done).toMatchObject({ code: 130 })
    expect(await seen('local status')).toMatchObject({ environments: [{ up: false }] })
  })

  it('is examined and mended', async () => {
    await works('doctor --fix', /node/i)
  })
})

describe('training', () => {
  it('gives versions', async () => {
    expect(await typed('release start')).toMatchObject({ code: 0 })
    await works('train run --pack --tag v2', /run-0001 {2}done.*\n[\s\S]*digits:v2/)
    await works('train run --param hidden=64 --seed 7', /hidden=64 {2}seed 7/)
  })
  it('is looked at', async () => {
    await works('train status run-0001', /run-0001 {2}done/)
    await works('train logs run-0001 --tail 5', 'training with seed')
    await works('train cancel run-0001', 'run-0001 is over: done')
  })
})

describe('users', () => {
  it('come on schedule', async () => {
    const load = example('local load --set golden --rate 100 --for 5s')
    const detached = await works('local load --set golden --rate 20 --for 10m --labels --label-delay 5s --detach', /\d/)
    const pid = Number(/\d+/.exec(detached.stdout)?.[0])
    expect(await load).toMatchObject({ code: 0, stdout: expect.stringContaining('500') })
    process.kill(pid, 'SIGTERM')
  })

  it('get answers that labels belong to, by the id that they sent too', async () => {
    project(short({ canary: '10m', gates: [ERRORS, QUALITY], more: { horizon: '30m' } }))
    expect(await typed('release start digits:v2 --detach')).toMatchObject({ code: 0 })
    const past = (ms: number): Promise<number> =>
      eventually(`release time beyond ${ms} ms`, async () => {
        const { clockMs } = await seen<{ clockMs: number }>('release status')
        return clockMs > ms && clockMs
      })
    const began = await past(0)
    const ask = async (id: string): Promise<string> => {
      const headers = { 'content-type': 'application/json', 'x-request-id': id }
      const answer = await fetch(`${here.one.url}/predict`, { method: 'POST', headers, body: '{"x": 7}' })
      return answer.headers.get('x-slipway-request-id') ?? ''
    }
    await ask('01a2135d-b6eb-7794-a78a-d2ea252b1e01')
    const ids = [await ask('another'), await ask('a third')]
    here.one.write('labels.csv', `id,label\n${ids.map((id) => `${id},high\n`).join('')}`)
    await past(began + 1000)
    await works('label add --file labels.csv', /^2 labels taken\n/)
    await works('label add 01a2135d-b6eb-7794-a78a-d2ea252b1e01 7', /^(1 label|0 labels) taken/)
    await works('release abort', 'digits-2 is aborted')
  })
})

describe('releases', () => {
  it('go on without who started them', async () => {
    project(short())
    here.come(60)
    await here.users.more(120)
    await works('release start digits:v2 --detach', /digits-3 releases v2/)
    await works('release watch', 'promoted')
    await works('local logs digits:v2 --tail 20', /^listens on \d+$/m)
  })

  it('may leave a gate out', async () => {
    here.one.write('model/model.safetensors', modelFile({ threshold: 5.25 }))
    await works('release start --waive latency --reason "new hardware"', /latency.*new hardware[\s\S]*promoted/)
    expect(await serving()).toBe('v3')
  })

  it('are taken back by hand', async () => {
    await works('quarantine add digits:v3 --reason "wrong labels in training"', 'v3 is quarantined: wrong labels')
    expect(await typed('release start digits:v3')).toMatchObject({ code: 10 })
    await works('quarantine lift digits:v3 --reason "wrong labels in training"', 'v3 may be released again')
    await works('rollback --to digits:v1 --reason "complaints" --quarantine', /v1 serves/)
    expect(await serving()).toBe('v1')
    expect(await seen('quarantine list')).toMatchObject({ quarantined: [{ tag: 'v3', reason: 'complaints' }] })
  })

  it('that are held may be accepted', async () => {
    const more = { horizon: '4s' }
    const release = short({ canary: '1s', watch: '1s', gates: [{ errors: { margin: '0.1pp' } }, CALM], more })
    project(release)
    expect(await typed('release start digits:v2')).toMatchObject({ code: 7 })
    await works('release accept --reason "checked by hand"', 'inconclusive gates are taken for passed')
    await works('release watch', 'promoted')
  })
})

it('what nothing needs is found', async () => {
  await works('local prune --keep 3 --dry-run', /^would remove \d+ versions/)
  expect(await seen('local prune --keep 3 --dry-run')).toMatchObject({ dryRun: true })
})
