/** Random lives of releases: a sequence of numbers is read as events in a world that follows the engine's orders, or lies. */
import type { Evidence } from '../../src/evidence/types.ts'
import type { ReleasePlan } from '../../src/plan/types.ts'
import type { Engine } from '../../src/release/engine.ts'
import { formerOf } from '../../src/release/shape.ts'
import type { Effect, Event, LookEvent, PersonVerb, ReleaseState } from '../../src/release/types.ts'
import { hurried, plans, quick, V0 } from './plans.ts'
import { World } from './world.ts'

/** States of release-rules.md, told apart as far as a person's verb or a fault means something else in them. */
export const STATES = [
  'start',
  'sets',
  'shadow',
  'canary',
  'paused',
  'held before users',
  'held',
  'watch',
  'watch, paused',
  'swap holding',
  'swap old-stopped',
  'swap new-starting',
  'swap asked',
  'swap open',
  'swap back-holding',
  'swap back-stopped',
  'swap back-starting',
  'end, to all',
  'end, taken back',
  'keep-warm',
  'drain',
  'over',
] as const
export type StateClass = (typeof STATES)[number]

export const EVENTS = [
  'look',
  'look, split not observed',
  'look, candidate not ready',
  'look, candidate exited',
  'look, candidate failed',
  'look, baseline not ready',
  'look, fault for evidence',
  'host-started',
  'make-room',
  'pause',
  'resume',
  'advance',
  'accept',
  'abort',
  'replace',
  'rollback',
  'rollback --to',
] as const
export type EventClass = (typeof EVENTS)[number]

/** Pairs that cannot be: a version that is not to run is not missed. */
export const UNREACHABLE: ReadonlySet<string> = new Set([
  ...['old-stopped', 'new-starting', 'asked', 'open'].map((state) => `swap ${state} x look, baseline not ready`),
  ...['holding', 'back-stopped', 'back-starting'].map((state) => `swap ${state} x look, candidate not ready`),
])

export function stateClass(plan: ReleasePlan, state: ReleaseState): StateClass {
  if (state.phase === 'over' || state.phase === 'drain' || state.phase === 'keep-warm') return state.phase
  if (state.swap !== null && (state.phase === 'swap' || state.swap.startsWith('back-')))
    return `swap ${state.swap}` as StateClass
  if (state.phase === 'end') return state.target === 'candidate' ? 'end, to all' : 'end, taken back'
  if (state.phase === 'watch') return state.status === 'paused' ? 'watch, paused' : 'watch'
  if (state.status === 'paused') return 'paused'
  if (state.status === 'held') return state.phase === 'sets' ? 'held before users' : 'held'
  if (state.phase !== 'steps') return state.phase === 'sets' ? 'sets' : 'start'
  return plan.steps[state.judge.step]?.kind === 'shadow' ? 'shadow' : 'canary'
}

/** A version that should not run is not missed. */
export function eventClass(plan: ReleasePlan, state: ReleaseState, event: Event): EventClass {
  if (event.kind === 'host-started' || event.kind === 'make-room') return event.kind
  if (event.kind === 'person') {
    if (event.verb === 'abort') return event.replace ? 'replace' : 'abort'
    return event.verb === 'rollback' && event.to !== undefined ? 'rollback --to' : event.verb
  }
  if (event.candidate.failed) return 'look, candidate failed'
  if (event.candidate.exits > (state.exitsSeen ?? event.candidate.exits)) return 'look, candidate exited'
  if (event.evidence.some((piece) => 'error' in piece.block)) return 'look, fault for evidence'
  if (!event.applied || event.applied.step !== state.split.step || event.applied.weightPpm !== state.split.weightPpm)
    return 'look, split not observed'
  if (!event.candidate.ready && state.serve.candidate) return 'look, candidate not ready'
  const missed = state.serve.baseline || formerOf(plan) === 'outside'
  return event.baseline.ready || !missed ? 'look' : 'look, baseline not ready'
}

/** Every plan; those more often whose states last a look or two. */
const PLANS: readonly ReleasePlan[] = [
  ...Object.values(plans),
  ...[plans.swap, plans.swapBare, plans.swap, plans.swapBare, plans.swap, plans.swapBare, plans.swapBare],
  ...[plans.first, plans.noBaseline, plans.noBaseline, plans.noBaseline],
  ...[plans.sets, plans.sets, plans.swap, plans.swapBare, quick, quick, quick, hurried, hurried, hurried, hurried],
]
const PERSON: readonly (readonly [PersonVerb, { to?: string; replace?: boolean }])[] = [
  ['pause', {}],
  ['resume', {}],
  ['advance', {}],
  ['accept', {}],
  ['abort', {}],
  ['abort', { replace: true }],
  ['rollback', {}],
  ['rollback', { to: V0 }],
]
/** Of the changes below, those that end a release: rare where it should live on. */
const DEADLY = new Set([6, 7, 8, 14, 15, 16, 17, 18, 24, 26, 28, 29])
const CHANGES = 30
/** Of 100 events in a state, how many are plain looks: few in those that last a look or two. */
const CALM: Partial<Record<StateClass, number>> = {
  start: 60,
  shadow: 60,
  canary: 70,
  watch: 40,
  'watch, paused': 10,
  paused: 40,
  held: 20,
  'swap holding': 60,
  'swap back-holding': 60,
  'swap back-starting': 60,
  'end, taken back': 50,
  drain: 50,
  'swap asked': 3,
  'swap open': 3,
  'swap old-stopped': 10,
  'swap new-starting': 10,
  'end, to all': 10,
}
const CALM_ELSE = 25
/** States that a life has to pass to reach the later ones. */
const LONG = new Set<StateClass>(['start', 'sets', 'shadow', 'canary', 'watch', 'swap holding', 'swap new-starting'])

export type Seen = (
  plan: ReleasePlan,
  before: ReleaseState,
  event: Event,
  after: ReleaseState,
  effects: readonly Effect[],
  refused: string | null,
) => void

/** One person or host after another; a release that is over is followed by the next. */
export class Life {
  readonly engine: Engine
  readonly seen: Seen
  plan: ReleasePlan
  world: World
  state: ReleaseState
  /** Somebody said of this world what is not so. */
  lied = false
  #next: number
  #after = 0

  constructor(engine: Engine, first: number, seen: Seen) {
    this.engine = engine
    this.seen = seen
    this.#next = first
    this.plan = PLANS[0]!
    this.world = new World(this.plan)
    this.state = engine.begin(this.plan, 0)
    this.#begin()
  }

  #begin(): void {
    this.plan = PLANS[this.#next % PLANS.length]!
    this.world = new World(this.plan)
    const kind = Math.floor(this.#next / PLANS.length)
    this.world.requests = [100, 400, 100, 25][kind % 4]!
    if (kind % 2 === 1) this.world.rates = UNDECIDED
    this.world.setBlock = [EQUAL_SET, OPEN_SET, EQUAL_SET][kind % 3]!
    if (kind % 5 === 2) this.world.unsure = 'quality'
    this.#next += 31
    this.#after = 0
    this.lied = false
    this.state = this.engine.begin(this.plan, this.world.at)
  }

  send(event: Event, perform = true): void {
    const before = this.state
    const result = this.engine.step(this.plan, before, event)
    this.state = result.state
    if (perform) this.world.perform(result.effects)
    this.seen(this.plan, before, event, result.state, result.effects, result.refused)
  }

  /** Reads one number as what happens next. */
  act(n: number): void {
    if (this.state.phase === 'over' && this.#after++ > 0) this.#begin()
    const state = stateClass(this.plan, this.state)
    const usual = CALM[state] ?? CALM_ELSE
    const change = n % CHANGES
    const dice = Math.floor(n / CHANGES) % 100
    const afterMs = [250, 250, 1000, 3000][Math.floor(n / (CHANGES * 100)) % 4]!
    const spared = LONG.has(state) && DEADLY.has(change)
    const calm = dice < (spared ? 100 - (100 - usual) / 2.5 : usual)
    if (calm) this.send(this.world.look(afterMs))
    else this.#change(change, afterMs, n)
  }

  #change(change: number, afterMs: number, n: number): void {
    const { world } = this
    if ((change >= 10 && change < 18) || change === 19) {
      const [verb, more] = PERSON[change === 19 ? 0 : change - 10]!
      return this.send({ kind: 'person', at: world.at, verb, by: 'ann', reason: n % 2 ? 'why' : null, ...more })
    }
    if (change === 0) return this.send({ kind: 'host-started', at: world.at })
    if (change === 1) return this.send({ kind: 'make-room', at: world.at, by: 'digits-9' })
    if (change === 2) return this.send(world.look(afterMs), false)
    if (change >= 28) return this.send(this.#lie(afterMs, n))
    this.#befall(change, n)
    const look = world.look(afterMs)
    if (change === 3) return this.send({ ...look, applied: null })
    if (change === 4)
      return this.send({ ...look, applied: look.applied && { ...look.applied, weightPpm: 0, step: -1 } })
    if (change === 5 || change === 27) return this.send({ ...look, evidence: [...look.evidence, this.#fault(n)] })
    this.send(look)
  }

  /** Something happens to the world. */
  #befall(change: number, n: number): void {
    const { world } = this
    if (change === 6) world.crash('candidate')
    else if (change === 26) world.candidate.exits++
    else if (change === 7) world.candidate.failed = { code: 'NEVER_READY', why: 'it never listened' }
    else if (change === 8) world.rates = { errors: [1, 70], latency: [10, 80], quality: [5, 70] }
    else if (change === 9) world.crash('baseline')
    else if (change === 18) world.setBlock = { kind: 'pairs', x10: 60, x01: 6, x11: 20, n: 400 }
    else if (change === 20) world.reachable = !world.reachable
    else if (change === 21) {
      world.rates = n % 2 ? UNDECIDED : EQUAL
      world.unsure = n % 5 === 1 ? 'quality' : null
    } else if (change === 22) world.setBlock = [OPEN_SET, EQUAL_SET, null][n % 3]!
    else if (change === 23) world.requests = [0, 25, 100, 400][n % 4]!
    else if (change === 24) world.unanswered = 'line 3 got no answer'
    else if (change === 25) {
      world.candidate.ready = false
      world.candidate.countdown = n % 7
    }
  }

  #fault(n: number): Evidence {
    const step = this.state.judge.step
    const gate = this.plan.gates[n % Math.max(1, this.plan.gates.length)]?.name ?? 'errors'
    const block = [
      { error: 'source down' },
      { kind: 'arms', xc: Number.NaN, nc: 5, xb: 0, nb: 5 },
      { kind: 'arms', xc: -3, nc: 5, xb: 0, nb: 5 },
      { error: 'no reading' },
    ] as const
    return { gate, step, block: block[n % 4]! }
  }

  /** A look that fits nothing: servers, split and evidence as they please. */
  #lie(afterMs: number, n: number): LookEvent {
    this.lied = true
    const look = this.world.look(afterMs)
    const bit = (k: number) => Math.floor(n / 2 ** k) % 2 === 1
    const { kind: _, ...split } = this.state.split
    const steps = this.plan.steps.length
    const evidence: Evidence[] = this.plan.gates.map(({ name }, i) => ({
      gate: name,
      step: ((n + i) % (steps + 2)) - 1,
      block: bit(i + 3)
        ? { kind: 'pairs', x10: n % 9, x01: n % 5, x11: 1, n: 40 }
        : { kind: 'arms', xc: n % 11, nc: 40, xb: n % 7, nb: 40 },
    }))
    return {
      ...look,
      candidate: { ready: bit(1), stopped: bit(2), failed: null, exits: look.candidate.exits + (n % 5 === 0 ? 1 : 0) },
      baseline: { ready: bit(3), stopped: bit(4), failed: null },
      other: { ready: bit(5), stopped: bit(6), failed: null },
      applied: bit(7) ? split : bit(8) ? null : { ...split, weightPpm: n % 1_000_001, hold: bit(9) },
      // Sets are of one kind, a gate gets blocks of one kind a step.
      evidence: bit(10) ? evidence.filter((piece) => piece.step >= 0) : [],
      answered: { baseline: bit(11), candidate: bit(12) },
    }
  }

  /** A person aborts and the world is mended, without any evidence from here on: it has to come to its end. */
  bringHome(most = 90): void {
    const { world } = this
    world.requests = 0
    world.setBlock = null
    world.reachable = true
    for (const one of [world.candidate, world.baseline, world.other]) one.failed = null
    if (this.state.outcome === null) this.send({ kind: 'person', at: world.at, verb: 'abort', by: 'ann', reason: null })
    for (let i = 0; i < most && this.state.phase !== 'over'; i++) this.send({ ...world.look(), evidence: [] })
  }
}

const EQUAL = { errors: [1, 1], latency: [10, 10], quality: [5, 5] } as const
const UNDECIDED = { errors: [1, 1], latency: [10, 10], quality: [5, 9] } as const
const EQUAL_SET = { kind: 'pairs', x10: 4, x01: 6, x11: 20, n: 400 } as const
const OPEN_SET = { kind: 'pairs', x10: 9, x01: 4, x11: 5, n: 100 } as const
