/** What `local prune` leaves alone, and that a dry run tells what the real one does. */
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/types.ts'
import { stateOf } from '../../src/flows/project.ts'
import { prune } from '../../src/flows/prune.ts'
import { memoryFiles } from '../../src/io/files-memory.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import { openStore } from '../../src/io/store.ts'
import type { Digest } from '../../src/model/types.ts'
import { RELEASES_KEPT } from '../../src/record/keepers.ts'
import { put } from '../io/put.ts'
import { served } from '../runner/world.ts'

/** A project with versions by their names; only what is given a tag has one. */
async function place(names: readonly string[], baseline: string | null = null) {
  const files = memoryFiles()
  const store = openStore(files, '/p/.slipway/store')
  const digests: Record<string, string> = {}
  for (const name of names) digests[name] = (await put(store, files, name)).digest
  const environments = { dev: { baseline: baseline && { ref: digests[baseline]! } } }
  const project = { store, journal: memoryJournal(), config: { model: 'digits', environments } as unknown as Config }
  const add = (kind: string, data: unknown, release = '') =>
    project.journal.append([{ at: 1, kind, environment: 'dev', release, data }], null)
  const of = (name: string) => served(digests[name]!, name)
  const namesOf = (gone: readonly string[]) => names.filter((name) => gone.includes(digests[name]!))
  return { ...project, project, digests, add, of, namesOf }
}
const plan = (sets: readonly { sha256: string }[] = []) => ({
  model: 'digits',
  candidate: { digest: 'd', tag: null },
  sets,
})

describe('versions', () => {
  it('that serve, served, are being gone to, wait for their start, or are named by slipway.yaml stay', async () => {
    const one = await place(['serves', 'served', 'moved', 'pending', 'beside', 'back', 'named', 'nothing'], 'named')
    one.add('serving', { serving: one.of('serves'), former: one.of('served'), why: 'promoted' })
    const start = { id: '1', verb: 'start', plan: plan(), candidate: one.of('pending'), baseline: one.of('beside') }
    one.add('request', start)
    one.add('request', { id: '2', verb: 'rollback', to: one.of('back') })
    const move = { to: one.of('moved') }
    one.journal.append([], null, { 'environment:dev': { move } })
    const would = await prune(one.project, 0, true)
    expect(one.namesOf(would.versions)).toEqual(['nothing'])
    expect(await prune(one.project, 0, false)).toEqual({ ...would, dryRun: false })
    expect(await prune(one.project, 0, false)).toMatchObject({ versions: [], files: 0 })
  })

  it('that are asked for, or packed, while it runs stay', async () => {
    const one = await place(['asked', 'nothing'])
    const { read } = one.journal
    let looks = 0
    Object.assign(one.journal, {
      read(...args: Parameters<typeof read>) {
        // Just after it was read for the first time.
        const rows = read(...args)
        if (looks++ === 0) one.add('request', { id: '1', verb: 'rollback', to: one.of('asked') })
        return rows
      },
    })
    expect(one.namesOf((await prune(one.project, 0, false)).versions)).toEqual(['nothing'])
    expect(await one.store.has(one.digests.asked as Digest)).toBe(true)
  })

  it('of a release that still keeps something running stay, with its sets', async () => {
    const one = await place(['candidate', 'former', 'to'])
    const set = await one.store.keepBytes(new TextEncoder().encode('set'))
    await one.store.keepBytes(new TextEncoder().encode('lost'))
    const started = { n: 1, plan: plan([{ sha256: set }]), candidate: one.of('candidate'), baseline: one.of('former') }
    one.add('started', started, 'digits-1')
    const concluded = { outcome: 'promoted', cause: { kind: 'passed' }, exit: 0, code: null, usersOffMs: null }
    one.add('concluded', concluded, 'digits-1')
    const runtime = { state: { phase: 'keep-warm' }, other: one.of('to') }
    one.journal.append([], null, { 'release:dev/digits-1': runtime })
    expect(await prune(one.project, 0, false)).toMatchObject({ versions: [], files: 1, bytes: 'lost'.length })
  })
})

describe('releases', () => {
  it('beyond the newest are forgotten, but not those that a quarantine names or that serve; the state stays as it was', async () => {
    const one = await place(['serves'])
    const all = RELEASES_KEPT + 10
    for (let n = 1; n <= all; n++) {
      const name = `digits-${n}`
      const candidate = n === 3 ? one.of('serves') : served(`sha256:${n}`, name)
      const started = { n, plan: { ...plan(), candidate }, candidate, baseline: null, by: 'me', planHash: 'h' }
      one.add('started', started, name)
      const cause = { kind: 'passed' }
      one.add('concluded', { outcome: 'promoted', cause, exit: 0, code: null, usersOffMs: null }, name)
      one.journal.append([], null, { [`over:dev/${name}`]: { state: { phase: 'over' } } })
    }
    one.add('quarantine', { digest: 'sha256:5', model: 'digits', tag: null, reason: 'bad' }, 'digits-5')
    one.add('serving', { serving: one.of('serves'), former: null, why: 'rollback' })
    one.journal.append([], null, { fold: stateOf(one.project) })
    const before = stateOf(one.project)
    const gone = Array.from({ length: 10 }, (_, k) => `dev/digits-${k + 1}`).filter((key) => !/-(3|5)$/.test(key))
    const would = await prune(one.project, 0, true)
    expect([...would.releases].sort()).toEqual([...gone].sort())
    expect(await prune(one.project, 0, false)).toEqual({ ...would, dryRun: false })
    expect(stateOf(one.project)).toEqual(before)
    const left = (n: number) => one.journal.readRelease({ environment: 'dev', name: `digits-${n}` }).length
    expect([left(1), left(3), left(5), left(11)]).toEqual([0, 2, 3, 2])
    one.add('note', { what: 'host', text: 'goes on' })
    expect(one.journal.head()).toBe(before.seq + 1)
  })
})
