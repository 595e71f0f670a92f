/** Two environments of one project: one goes down, or moves to another address, and the other does not notice. */
import { expect, it } from 'vitest'
import { freePorts, type Scenario, scenario } from './harness.ts'
import { eventually } from './waits.ts'

/** Status of an answer; null: nobody listens. */
const predict = (port: number): Promise<number | null> =>
  fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', body: '{"x": 9}' }).then(
    (answer) => answer.status,
    () => null,
  )

const serves = (port: number) => eventually(`port ${port} serves`, async () => (await predict(port)) === 200)

const environments = (ports: readonly number[]) => ({
  dev: { platform: 'local', listen: `127.0.0.1:${ports[0]}`, control: `127.0.0.1:${ports[1]}` },
  other: { platform: 'local', listen: `127.0.0.1:${ports[2]}`, control: `127.0.0.1:${ports[3]}` },
})
const gates = { release: { gates: [{ quality: { set: 'golden' } }] } }

/** What a command prints with --json. */
const told = async (one: Scenario, args: readonly string[]) => JSON.parse((await done(one, [...args, '--json'])).stdout)

const done = async (one: Scenario, args: readonly string[]) => {
  const ran = await one.run(args)
  expect(ran.code, `${args.join(' ')}: ${ran.stdout}${ran.stderr}`).toBe(0)
  return ran
}

it('`local down` of one leaves the other serving; changed addresses move one at the next `local up`', async () => {
  const ports = await freePorts(6)
  const one = await scenario({ config: { ...gates, environments: environments(ports) } })
  for (const name of ['dev', 'other']) await done(one, ['release', 'start', '--env', name])
  for (const port of [ports[0]!, ports[2]!]) await serves(port)
  const boot = async () => (await (await fetch(`http://127.0.0.1:${ports[3]}/healthz`)).json()) as { boot: string }
  const before = await boot()
  await done(one, ['local', 'down', '--env', 'dev', '--force'])
  expect([await predict(ports[0]!), await predict(ports[2]!)]).toEqual([null, 200])
  expect(await boot()).toMatchObject({ boot: before.boot, version: expect.stringMatching(/^\d/) })
  const status = JSON.parse((await done(one, ['local', 'status', '--json'])).stdout)
  expect(status.environments.map((e: { up: boolean }) => e.up)).toEqual([false, true])
  const moved = [ports[0]!, ports[1]!, ports[4]!, ports[5]!]
  one.config({ ...gates, environments: environments(moved) })
  await done(one, ['local', 'up', '--env', 'other'])
  expect(await predict(ports[2]!)).toBeNull()
  await serves(ports[4]!)
  const down = await done(one, ['local', 'down', '--env', 'other', '--force'])
  expect(down.stdout).toContain('undo: slipway local up --env other\n')
  expect(JSON.parse((await done(one, ['local', 'status', '--json'])).stdout).host.alive).toBe(false)
}, 180_000)

it('releases count in each environment, and every view shows those of its own', async () => {
  const ports = await freePorts(4)
  const one = await scenario({ config: { ...gates, environments: environments(ports) } })
  await done(one, ['pack', '--tag', 'v1'])
  one.model({ threshold: 4.5 })
  await done(one, ['pack', '--tag', 'v2'])
  await done(one, ['release', 'start', 'scale:v1'])
  await done(one, ['release', 'start', 'scale:v2', '--env', 'other'])
  const seen = async (more: readonly string[]) => {
    const { release, environment, candidate, notes, timeline } = await told(one, ['release', 'status', ...more])
    const started = notes.filter((note: { what: string }) => note.what === 'started').length
    return [release, environment, candidate.name, started, timeline.length > 0]
  }
  const [here, there] = [
    ['scale-1', 'dev', 'v1', 1, true],
    ['scale-1', 'other', 'v2', 1, true],
  ]
  expect(await seen([])).toEqual(here)
  expect(await seen(['scale-1'])).toEqual(here)
  expect(await seen(['--env', 'other'])).toEqual(there)
  expect(await seen(['scale-1', '--env', 'other'])).toEqual(there)
  for (const [env, name] of [
    ['dev', 'v1'],
    ['other', 'v2'],
  ] as const) {
    const history = await told(one, ['release', 'history', '--env', env])
    expect(history.releases.map((r: Record<string, unknown>) => [r.name, r.candidateTag])).toEqual([['scale-1', name]])
    for (const view of ['explain', 'report'])
      expect((await done(one, ['release', view, 'scale-1', '--env', env])).stdout).toContain(
        `scale ${name} was promoted`,
      )
  }
  one.model({ threshold: 4.6 })
  await done(one, ['release', 'start', '--no-baseline', '--reason', 'a test', '--env', 'other'])
  expect(await seen(['--env', 'other'])).toEqual(['scale-2', 'other', 'v3', 1, true])
  expect(await seen([])).toEqual(here)
  expect(await one.fails(['release', 'status', 'scale-2'])).toMatchObject({
    exit: 2,
    code: 'RELEASE_UNKNOWN',
    next: ['slipway release status scale-2 --env other'],
  })
}, 180_000)
