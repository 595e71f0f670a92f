/** A runner over a journal in memory, and a clock that moves when told. */

import { openAnswers } from '../../src/io/answers.ts'
import { memoryClock } from '../../src/io/clock.ts'
import { memoryJournal } from '../../src/io/journal.ts'
import type { ReleasePlan } from '../../src/plan/types.ts'
import type { EnvironmentSettings, RequestData, Served } from '../../src/record/entries.ts'
import { environmentOf } from '../../src/record/fold.ts'
import { runtimeOf } from '../../src/record/release-id.ts'
import type { ReleaseRuntime } from '../../src/record/runtime.ts'
import { Runner } from '../../src/runner/turn.ts'
import { V1, V2 } from '../release/plans.ts'
import { type Answers, MemoryPlatform } from './memory-platform.ts'
import { scoreAll } from './scores.ts'

export const settings: EnvironmentSettings = {
  listen: { host: '127.0.0.1', port: 1 },
  control: { host: '127.0.0.1', port: 2 },
  limits: { inFlight: 512, queue: 512, bodyBytes: 1 },
  timeouts: { connectMs: 1, firstByteMs: 1, idleMs: 1 },
  notify: null,
}
export const served = (digest: string, tag: string): Served => ({
  digest,
  outside: false,
  tag,
  run: { replicas: 1, memoryBytes: null, cpu: null, gpu: null, readyTimeoutMs: 1000, drainMs: 0, port: null },
  shell: { path: '', command0: null },
  envFile: null,
  requests: ['POST /predict'],
  answer: '/label',
  sticky: null,
  labelKey: null,
  arriveMs: 5000,
})

/** A world in which v1 serves. */
export function world(how: Readonly<Record<string, Answers>> = {}) {
  const clock = memoryClock(1_000_000)
  const journal = memoryJournal()
  const answers = openAnswers(':memory:')
  const platform = new MemoryPlatform(clock, how)
  let epoch = 0
  let broken: readonly Error[] = []
  const add = (kind: string, data: unknown) =>
    journal.append([{ at: clock.now(), kind, environment: 'dev', release: '', data }], null)
  const host = (): Runner => {
    epoch += 1
    add('host', { epoch, version: '1' })
    const runner = new Runner({
      journal,
      answers,
      clock,
      platform,
      epoch,
      scoreNow: scoreAll,
      score: async (evaluator, items) => scoreAll(evaluator, items),
      reach: async () => made.unreachable,
      readSet: async () => [],
      remember: async () => {},
      weightsOf: () => [],
      notify: () => {},
      wake: () => {},
    })
    broken = runner.begin()
    return runner
  }
  add('settings', { settings, up: true })
  add('serving', { serving: served(V1, 'v1'), former: null, why: 'promoted' })
  const made = {
    clock,
    journal,
    answers,
    platform,
    runner: host(),
    add,
    /** Of releases that the last host could not take over. */
    get broken() {
      return broken
    },
    /** Why servers outside do not answer; null: they do. */
    unreachable: null as string | null,
    /** Somebody else writes just before the host writes snapshots that begin like this, once. */
    cross(prefix: string) {
      const { append } = journal
      const crossed: typeof append = (rows, expected, snapshots = {}, points = []) => {
        if (Object.keys(snapshots).some((key) => key.startsWith(prefix))) {
          Object.assign(journal, { append })
          add('note', { what: 'host', text: 'somebody else writes' })
        }
        return append(rows, expected, snapshots, points)
      }
      Object.assign(journal, { append: crossed })
    },
    /** The host dies and another one takes over. */
    restart() {
      made.runner = host()
    },
    ask: (data: Partial<RequestData> & { readonly verb: string }) =>
      add('request', { id: `ask-${clock.now()}`, by: 'tester', reason: null, to: null, quarantine: false, ...data }),
    start(plan: ReleasePlan, candidate: string = V2, baseline: Served = served(V1, 'v1')) {
      const start = { plan, planHash: 'hash', candidate: served(candidate, 'v2'), baseline }
      made.ask({ verb: 'start', ...start, settings, replace: false } as never)
    },
    /** Turns of the host, a quarter of a second apart, with so many requests before each. */
    async turns(count: number, requests = 0, labels = false) {
      for (let i = 0; i < count; i++) {
        clock.advance(250)
        platform.traffic(requests, labels)
        await made.runner.turn()
      }
    },
    /** Turns until the release has an outcome; how many it took. */
    async toEnd(requests: number, labels = false): Promise<number> {
      for (let i = 1; i <= 1000; i++) {
        await made.turns(1, requests, labels)
        if (made.release()?.outcome) return i
      }
      throw new Error(`no outcome: ${JSON.stringify(made.runtime()?.state.phase)}`)
    },
    environment: () => environmentOf(made.runner.state, 'dev'),
    release: () => environmentOf(made.runner.state, 'dev').releases.at(-1),
    runtime: (): ReleaseRuntime | undefined => {
      const release = made.release()
      return release && runtimeOf(journal, release)
    },
    /** How much evidence the judge has of a gate. */
    judged(gate: string): number {
      const { strata, pending } = made.runtime()!.state.judge.gates[gate]!
      return [...Object.values(strata), ...Object.values(pending)].reduce(
        (n, counts) => n + (counts.kind === 'pairs' ? counts.n : counts.nc + counts.nb),
        0,
      )
    },
    notes: () =>
      journal
        .read(0)
        .filter((row) => row.kind === 'note')
        .map((row) => (row.data as { text: string }).text),
  }
  return made
}
export { V1, V2 }
