/** Drives an engine through a world, for scenario tests. */
import type { ReleasePlan } from '../../src/plan/types.ts'
import { begin, type Engine, engine } from '../../src/release/engine.ts'
import { RULES } from '../../src/release/rules.ts'
import type { Effect, Event, PersonVerb, ReleaseState } from '../../src/release/types.ts'
import { plans } from './plans.ts'
import { World } from './world.ts'

export class Drive {
  readonly plan: ReleasePlan
  readonly world: World
  state: ReleaseState
  last: readonly Effect[] = []
  refused: string | null = null
  readonly notes: string[] = []
  #engine: Engine

  constructor(plan: ReleasePlan, of: Engine = engine(RULES)) {
    this.#engine = of
    this.plan = plan
    this.world = new World(plan)
    this.state = begin(plan, this.world.at)
  }

  send(event: Event, perform = true): this {
    const result = this.#engine.step(this.plan, this.state, event)
    this.state = result.state
    this.last = result.effects
    this.refused = result.refused
    for (const effect of result.effects) if (effect.kind === 'note') this.notes.push(`${effect.what}: ${effect.text}`)
    if (perform) this.world.perform(result.effects)
    return this
  }

  look(afterMs = 250): this {
    return this.send(this.world.look(afterMs))
  }

  /** Looks until it is so; fails after `most`. */
  until(so: (state: ReleaseState) => boolean, most = 4000): this {
    for (let i = 0; i < most; i++) {
      if (so(this.state)) return this
      this.look()
    }
    throw new Error(
      `not reached after ${most} looks: ${this.state.phase} ${this.state.status}\n${this.notes.join('\n')}`,
    )
  }

  person(verb: PersonVerb, more: { to?: string; replace?: boolean; reason?: string } = {}): this {
    const { reason = null, ...rest } = more
    return this.send({ kind: 'person', at: this.world.at, verb, by: 'ann', reason, ...rest })
  }

  hostStarted(): this {
    return this.send({ kind: 'host-started', at: this.world.at })
  }
}

/** All effects of a kind that the world was given. */
export const effectsOf = <K extends Effect['kind']>(d: Drive, kind: K) =>
  d.world.effects.filter((e): e is Extract<Effect, { kind: K }> => e.kind === kind)
/** The candidate's weights one after the other. */
export const weightsOf = (d: Drive): number[] =>
  effectsOf(d, 'split')
    .map((e) => e.weightPpm)
    .filter((weight, i, all) => weight !== all[i - 1])

export const over = (s: ReleaseState): boolean => s.phase === 'over'
export const watching = (s: ReleaseState): boolean => s.phase === 'watch' && s.observed
export const inStep = (step: number) => (s: ReleaseState) =>
  s.phase === 'steps' && s.judge.step === step && s.everObserved

export function slowSets(plan: (typeof plans)['sets' | 'first'] = plans.sets): Drive {
  const d = new Drive(plan)
  d.world.setBlock = null
  return d
}
export function heldDrive(plan: (typeof plans)['standard'] = { ...plans.standard, horizonMs: 8000 }): Drive {
  const d = new Drive(plan)
  d.world.rates = { errors: [1, 1], latency: [10, 10], quality: [5, 9] }
  return d.until((s) => s.status === 'held')
}
