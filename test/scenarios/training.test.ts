/** Training beside serving: data checked, artifact and lineage out, and every way in which a run may end. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { systemProcesses } from '../../src/io/processes.ts'
import { jsonLines } from './harness.ts'
import { place } from './place.ts'
import { rows, TRAINING, teach } from './trained.ts'
import { eventually } from './waits.ts'

const here = place({ config: { training: TRAINING } })
const { typed, seen } = here

interface Run {
  readonly id: string
  readonly status: string
  readonly why: string | null
  readonly metrics: Readonly<Record<string, number>>
  readonly process: { readonly pid: number } | null
  readonly data: { readonly digest: string } | null
}
const status = (id: string): Promise<Run> => seen<Run>(`train status ${id}`)
const fails = (line: string) => here.one.fails(line.split(' '))

const becomes = (id: string, wanted: string): Promise<Run> =>
  eventually(`${id} is ${wanted}`, async () => {
    const run = await status(id)
    return run.status === wanted && run
  })
/** The last run, once its trainer is there. */
const trains = () =>
  eventually('a run with its trainer', async () => {
    const last = (await seen<{ runs: Run[] }>('train list')).runs.at(-1)
    return last?.status === 'running' && last.process && { id: last.id, trainer: last.process }
  })
const gone = (pid: number) => eventually(`${pid} is gone`, () => !systemProcesses().identify(pid))

beforeAll(() => teach(here.one))

describe('a run', () => {
  it('of no known name is refused', async () => {
    expect(await seen('train list')).toMatchObject({ runs: [] })
    expect(await fails('train status run-0009')).toMatchObject({ exit: 2, code: 'RUN_UNKNOWN' })
  })

  it('changes nothing with --dry-run', async () => {
    expect(await seen('train run --dry-run')).toMatchObject({ id: 'run-0001', status: 'running', process: null })
    expect(await seen('train list')).toMatchObject({ runs: [] })
  })

  it('gives a version that knows where it comes from', async () => {
    const run = await seen<Run>('train run --pack --tag good --seed 7 --param hidden=64')
    expect(run).toMatchObject({ id: 'run-0001', status: 'done', metrics: { accuracy: 0.97 }, packed: { tag: 'good' } })
    const { lineage } = await seen<{ lineage: object }>('inspect scale:good')
    expect(lineage).toEqual({ run: 'run-0001', seed: 7, metrics: { accuracy: 0.97 }, dataDigest: run.data?.digest })
    expect(await typed('inspect scale:good')).toMatchObject({ stdout: expect.stringContaining('run-0001') })
    expect(await typed('train logs run-0001')).toMatchObject({ code: 0, stdout: 'training with seed 7\ntrained\n' })
  })

  it('gives the same version again from the same seed, and another from another', async () => {
    const again = await seen<{ packed: { tag: string } }>('train run --pack --seed 7 --param hidden=64')
    expect(again.packed.tag).toBe('good')
    const other = await seen<{ packed: { tag: string } }>('train run --pack --seed 8 --param hidden=64')
    expect(other.packed.tag).not.toBe('good')
  })

  it('stops at bad data, with a report', async () => {
    here.one.write('data/bad.jsonl', jsonLines(rows(30, 2)))
    const refused = await fails('train run --data data/bad.jsonl')
    expect(refused).toMatchObject({ exit: 2, code: 'DATA_INVALID', where: [{ file: 'data/bad.jsonl' }] })
    expect(refused.message).toContain('high')
    const file = /^cat (\S+)$/.exec(refused.next[0] ?? '')?.[1] ?? ''
    const report = JSON.parse(readFileSync(join(here.one.folder, file), 'utf8'))
    expect(report).toMatchObject({
      data: 'data/bad.jsonl',
      rows: 32,
      passed: false,
      labels: { '"low"': 30, '"high"': 2 },
    })
  })

  it('that dies, or leaves no model, has failed', async () => {
    const died = await fails('train run --param mood=dies')
    expect(died).toMatchObject({ exit: 11, code: 'TRAINING_FAILED' })
    expect(died.message).toMatch(/exit 4.*the loss is not a number/s)
    expect(died.next[0]).toMatch(/^slipway train logs run-\d+$/)
    const idle = await fails('train run --param mood=idle')
    expect(idle).toMatchObject({ exit: 11, message: expect.stringContaining('wrote no model') })
  })

  it('that takes more memory than it may is ended', async () => {
    here.one.config({ training: { ...TRAINING, resources: { memory: '200MiB' } } })
    const hungry = await fails('train run --param mood=hungry')
    expect(hungry).toMatchObject({ exit: 11, code: 'TRAINING_FAILED' })
    expect(hungry.message).toMatch(/more than its limit of 200 ?MiB|SIGKILL/)
    here.one.config({ training: TRAINING })
  })
})

describe('a detached run', () => {
  it('is there at once, goes on, and is cancelled', async () => {
    const { id } = await seen<Run>('train run --detach --param mood=endless')
    const running = await becomes(id, 'running')
    expect(await typed(`train cancel ${id} --dry-run`)).toMatchObject({
      stdout: `would cancel ${id}\nundo: slipway train run\n`,
    })
    expect(await seen(`train cancel ${id}`)).toMatchObject({ run: { status: 'cancelled' } })
    expect(await status(id)).toMatchObject({ status: 'cancelled', why: 'cancelled by tester' })
    if (running.process) await gone(running.process.pid)
    expect(await typed(`train cancel ${id}`)).toMatchObject({ code: 0, stdout: `${id} is over: cancelled\n` })
  })

  it('comes to its end by itself', async () => {
    const { id } = await seen<Run>('train run --detach --pack --tag late --seed 9')
    await becomes(id, 'done')
    await eventually('it is packed', async () => (await typed('inspect scale:late')).code === 0)
    expect(await typed('inspect scale:late')).toMatchObject({ stdout: expect.stringContaining(id) })
  })
})

describe('a run whose command is killed', () => {
  it('goes on while its trainer lives, and has failed after that', async () => {
    const { child, done } = here.one.start(['train', 'run', '--param', 'mood=endless'])
    const { id, trainer } = await trains()
    child.kill('SIGKILL')
    await done
    expect(await status(id)).toMatchObject({ status: 'running' })
    process.kill(trainer.pid, 'SIGKILL')
    expect(await becomes(id, 'failed')).toMatchObject({ why: expect.stringContaining('was killed') })
  })

  it('stands behind what serves, with its trainer', async () => {
    const { child, done } = here.one.start(['train', 'run', '--param', 'mood=endless'])
    const { trainer } = await trains()
    const threads = process.platform === 'linux' ? readdirSync(`/proc/${child.pid}/task`).map(Number) : [child.pid!]
    for (const thread of threads) expect(getPriority(thread)).toBe(19)
    // Where the kernel schedules by session, the trainer's own stands behind the others.
    const session = `/proc/${trainer.pid}/autogroup`
    if (existsSync(session)) expect(readFileSync(session, 'utf8')).toMatch(/nice 19$/m)
    // Its launcher steps back before it becomes the trainer.
    await expect.poll(() => getPriority(trainer.pid), { timeout: 20_000 }).toBe(19)
    child.kill('SIGINT')
    await done
  })

  it('interrupted, it ends its trainer', async () => {
    const { child, done } = here.one.start(['train', 'run', '--param', 'mood=endless'])
    await trains()
    child.kill('SIGINT')
    expect(await done).toMatchObject({ code: 130 })
    const { runs } = await seen<{ runs: Run[] }>('train list')
    expect(runs.at(-1)).toMatchObject({ status: 'cancelled', why: 'interrupted', process: null })
  })
})

it('a run whose file is broken is left out of the list', async () => {
  const file = join(here.one.folder, '.slipway', 'runs', 'run-0001', 'run.json')
  const before = await seen<{ runs: Run[] }>('train list')
  rmSync(file)
  writeFileSync(file, '{')
  const after = await seen<{ runs: Run[] }>('train list')
  expect(after.runs).toEqual(before.runs.slice(1))
})
