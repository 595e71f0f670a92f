/** One turn of the host: read the journal, fold, look at the world, step, append, perform. Anything may die between two lines. */
import { SlipwayError } from '../errors.ts'
import type { Reading } from '../evidence/types.ts'
import type { PointRow } from '../io/journal.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { NewRow } from '../record/entries.ts'
import type { ProjectState } from '../record/fold.ts'
import { EMPTY, environmentOf, fold } from '../record/fold.ts'
import { DRIVEN, drivenBy, type ReleaseId, releaseKey, snapshotsOf } from '../record/release-id.ts'
import { ENVIRONMENT, type EnvironmentRuntime, environmentKey, type ReleaseRuntime } from '../record/runtime.ts'
import { step } from '../release/engine.ts'
import type { Event } from '../release/types.ts'
import { applied } from './apply.ts'
import { askedRow } from './asked.ts'
import type { RunnerDeps } from './deps.ts'
import { failureOf, together, Unsteppable } from './failures.ts'
import { LabelReader } from './labels.ts'
import { loadRelease } from './load.ts'
import { counterEvidence, lookEvent, setEvidence, trafficOf } from './look.ts'
import { MinuteKeeper } from './minutes.ts'
import { moveTurn } from './move.ts'
import { type Driven, serveOrders } from './orders.ts'
import { OutsideServers } from './outside.ts'
import { Timelines } from './points.ts'
import { AnswerPruner } from './prune.ts'
import { answerRequests } from './requests.ts'
import { routeUsers } from './route.ts'
import { SetAsker, type SetProgress, withProgress } from './sets.ts'
import { keepValues } from './values.ts'

const NEW_RUNTIME: EnvironmentRuntime = {
  revision: 0,
  orders: '',
  applied: null,
  users: null,
  cursor: 0,
  boot: null,
  move: null,
}
/** Rows between two snapshots of the fold. */
const FOLD_EVERY = 500

export class Runner {
  readonly deps: RunnerDeps
  state: ProjectState = EMPTY
  /** By their keys. */
  readonly releases = new Map<string, Driven>()
  readonly environments = new Map<string, EnvironmentRuntime>()
  readonly #minutes = new Map<string, MinuteKeeper>()
  readonly #labels = new Map<string, LabelReader>()
  readonly #sets: SetAsker
  readonly #outside: OutsideServers
  readonly #timelines = new Timelines()
  /** ms from the decision to the data plane acting on it, by release. */
  readonly #takebacks = new Map<string, number>()
  readonly #pruner = new AnswerPruner()
  #foldedAt = 0

  constructor(deps: RunnerDeps) {
    this.deps = deps
    this.#sets = new SetAsker(deps)
    this.#outside = new OutsideServers(deps)
  }

  /** Reads what is there, and lets releases know that another host drives: the time between does not count. Returns why releases could not be taken over. */
  begin(): readonly Error[] {
    const kept = this.deps.journal.snapshot('fold') as ProjectState | undefined
    if (kept) this.state = kept
    this.#foldedAt = this.state.seq
    this.sync()
    for (const key of this.deps.journal.snapshotKeys(ENVIRONMENT))
      this.environments.set(key.slice(ENVIRONMENT.length), this.deps.journal.snapshot(key) as EnvironmentRuntime)
    const at = this.deps.clock.now()
    return this.deps.journal.snapshotKeys(DRIVEN).flatMap((key) =>
      failureOf(key.slice(DRIVEN.length), () => {
        const driven = loadRelease(this.deps.journal, this.state, drivenBy(key))
        if (!driven) return
        this.releases.set(releaseKey(driven), driven)
        while (!this.commit(driven, { kind: 'host-started', at }, driven.runtime).written);
      }),
    )
  }

  /** Folds what others appended. HOST_ELSEWHERE where another host began after this one: it drives now. */
  sync(): void {
    this.state = fold(this.state, this.deps.journal.read(this.state.seq))
    const { epoch } = this.state
    if (epoch > this.deps.epoch) throw new SlipwayError('HOST_ELSEWHERE', `the host of epoch ${epoch} drives now`)
    if (this.state.seq - this.#foldedAt >= FOLD_EVERY) {
      this.deps.journal.append([], null, { fold: this.state })
      this.#foldedAt = this.state.seq
    }
  }

  runtimeOf(environment: string): EnvironmentRuntime {
    return this.environments.get(environment) ?? NEW_RUNTIME
  }

  /** The release that runs in an environment. */
  activeIn(environment: string): Driven | undefined {
    return [...this.releases.values()].find((d) => d.environment === environment && d.active)
  }

  /** Appends rows, snapshots and points where nobody appended in between; folds them. */
  append(rows: readonly NewRow[], snapshots: Record<string, unknown>, points: readonly PointRow[] = []): boolean {
    if (!this.deps.journal.append(rows, this.state.seq, snapshots, points)) {
      this.sync()
      return false
    }
    this.sync()
    return true
  }

  /** What an event makes of a release, before anything is written down; a string: why a person is refused. Throws Unsteppable. */
  #stepped(driven: Driven, event: Event, runtime: ReleaseRuntime) {
    try {
      const result = step(driven.plan, runtime.state, event)
      if (result.refused !== null) return result.refused
      const environment = environmentOf(this.state, driven.environment)
      const done = applied({ ...driven, runtime }, environment, result, event.at, () =>
        this.deps.weightsOf(driven.candidate.digest),
      )
      return { done, point: this.#timelines.next(driven, done.runtime, event) }
    } catch (cause) {
      throw new Unsteppable(driven.name, cause)
    }
  }

  /** Steps a release by one event and writes the result down; returns why a person is refused, or null. Throws Unsteppable. */
  commit(
    driven: Driven,
    event: Event,
    runtime: ReleaseRuntime,
    extra: readonly NewRow[] = [],
    snapshots: Record<string, unknown> = {},
  ): { refused: string | null; written: boolean } {
    const stepped = this.#stepped(driven, event, runtime)
    if (typeof stepped === 'string') return { refused: stepped, written: true }
    const { done, point } = stepped
    const next = point ? { ...done.runtime, lastPointAt: event.at } : done.runtime
    // While the former version stays warm there is nothing to write, look by look.
    const rests = !driven.active && event.kind === 'look' && done.rows.length === 0 && extra.length === 0
    if (rests && JSON.stringify(next) === JSON.stringify(driven.runtime)) return { refused: null, written: true }
    // Whoever reads of the end may read the report.
    if (done.rows.some((r) => r.kind === 'concluded')) this.#labels.get(releaseKey(driven))?.flush(driven)
    const kept = { ...snapshots, ...snapshotsOf(driven, next) }
    if (!this.append([...done.rows, ...extra], kept, point ? [point] : [])) return { refused: null, written: false }
    if (point) this.#timelines.added(this.deps.journal, driven)
    const active = environmentOf(this.state, driven.environment).active === driven.name
    const after: Driven = { ...driven, runtime: next, active }
    if (next.state.phase === 'over') this.forget(driven)
    else this.releases.set(releaseKey(driven), after)
    if (done.ask) this.#sets.ask(after, done.ask, (progress) => this.#setAnswered(after, progress))
    if (done.rows.some((r) => r.kind === 'concluded') || next.state.status !== runtime.state.status)
      this.deps.notify(driven.environment, driven.name)
    return { refused: null, written: true }
  }

  /** A release is over: nothing of it is driven any more. */
  forget(id: ReleaseId): void {
    const key = releaseKey(id)
    this.releases.delete(key)
    this.#labels.get(key)?.flush(id)
    this.#labels.delete(key)
    this.#takebacks.delete(key)
    this.#timelines.forget(id)
  }

  #setAnswered(id: ReleaseId, progress: SetProgress): void {
    const driven = this.releases.get(releaseKey(id))
    if (!driven) return
    const { set, result } = progress
    const next = withProgress(driven.runtime, progress)
    const rows = result && !('error' in result.counts) ? [askedRow(this.deps.clock.now(), driven, set, result)] : []
    while (!this.append(rows, snapshotsOf(driven, next)));
    this.releases.set(releaseKey(driven), { ...driven, runtime: next })
    this.deps.wake()
  }

  /** A whole turn: the environments side by side, so that one cannot keep the others from theirs. Throws what failed, in the end. */
  async turn(): Promise<void> {
    this.sync()
    const failed = failureOf('answers', () => this.#pruner.turn(this))
    failed.push(...(await answerRequests(this)))
    const up = Object.entries(this.state.environments).filter(([, environment]) => environment.up)
    const turns = await Promise.allSettled(up.map(([name]) => this.#environmentTurn(name)))
    failed.push(...turns.flatMap((turn) => (turn.status === 'rejected' ? [turn.reason as Error] : [])))
    if (failed.length > 0) throw together(failed)
  }

  async #environmentTurn(name: string): Promise<void> {
    const { platform, clock, answers } = this.deps
    const statuses = await platform.status(name)
    const before = this.runtimeOf(name)
    const reading = await platform.observe(name, before).catch(() => null)
    const active = this.activeIn(name)
    if (reading) {
      this.#minutesOf(name).take(reading)
      keepValues(answers, name, reading.answers)
      if (reading.cursor !== before.cursor || reading.boot !== before.boot)
        this.environments.set(name, { ...before, cursor: reading.cursor, boot: reading.boot })
      await platform.takeLabels(name, (labels) => void answers.label(name, labels, clock.now())).catch(() => undefined)
    }
    if (active) await this.deps.remember(active.candidate.digest).catch(() => undefined)
    const here = [...this.releases.values()].filter((d) => d.environment === name)
    const failed: Error[] = []
    for (const driven of here) {
      const before = failed.length
      failed.push(...failureOf(driven.name, () => this.#look(driven, statuses, reading)))
      // Nothing is performed for a release that cannot be judged: the data plane goes on, and gives its weight back.
      if (failed.length > before && driven.active) throw together(failed)
    }
    moveTurn(this, name, statuses, reading)
    await this.#perform(name, statuses, reading)
    // Only now: a host that decides nothing any more must not keep a candidate at its weight.
    await platform.renew(name).catch(() => undefined)
    if (failed.length > 0) throw together(failed)
  }

  #minutesOf(name: string): MinuteKeeper {
    let keeper = this.#minutes.get(name)
    if (!keeper) {
      keeper = new MinuteKeeper(this.deps.journal, name)
      this.#minutes.set(name, keeper)
    }
    return keeper
  }

  #look(driven: Driven, statuses: readonly VersionStatus[], reading: Reading | null): void {
    const at = this.deps.clock.now()
    const environment = this.runtimeOf(driven.environment)
    const key = releaseKey(driven)
    let labels = this.#labels.get(key)
    if (!labels) {
      labels = new LabelReader(this.deps)
      this.#labels.set(key, labels)
    }
    const counters = driven.active
      ? counterEvidence(driven, reading)
      : { evidence: [], boot: driven.runtime.boot, counted: driven.runtime.counted }
    const values = driven.active
      ? labels.read(driven)
      : { evidence: [], taken: driven.runtime.taken, noise: driven.runtime.noise }
    const sets = setEvidence(driven)
    const { lastAt } = driven.runtime.state
    const runtime: ReleaseRuntime = {
      ...driven.runtime,
      boot: counters.boot,
      counted: counters.counted,
      taken: values.taken,
      noise: values.noise,
      takebackMs: driven.runtime.takebackMs ?? this.#takebacks.get(key) ?? null,
      ...(driven.active ? trafficOf(driven, reading, lastAt === null ? 0 : at - lastAt) : {}),
    }
    const event = lookEvent(
      driven,
      environment,
      statuses,
      // What was given back is not what the orders say.
      reading?.givenBack ? null : reading,
      this.deps.epoch,
      [...counters.evidence, ...values.evidence, ...sets.evidence],
      sets.unanswered,
      at,
      (served, before) => this.#outside.ready(served, before),
    )
    this.commit(driven, event, runtime, [], { [environmentKey(driven.environment)]: environment })
  }

  /** Makes the world what the journal says: traffic first where it leaves a version, then what runs. */
  async #perform(name: string, statuses: readonly VersionStatus[], reading: Reading | null): Promise<void> {
    const environment = environmentOf(this.state, name)
    if (!environment.settings) return
    await routeUsers(this, name, environment, statuses, reading, this.#takebacks)
    const driven = [...this.releases.values()].filter((d) => d.environment === name)
    await this.deps.platform.serve(name, serveOrders(environment, this.runtimeOf(name), driven))
  }
}
