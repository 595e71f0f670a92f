/** Drives an engine through a world, for scenario tests. */
import type { ReleasePlan } from '../../src/plan/types.ts'
import { begin, engine } from '../../src/release/engine.ts'
import { RULES } from '../../src/release/rules.ts'
import type { Effect, Event, PersonVerb, ReleaseState } from '../../src/release/types.ts'
import { World } from './world.ts'

export class Drive {
  readonly plan: ReleasePlan
  readonly world: World
  state: ReleaseState
  last: readonly Effect[] = []
  refused: string | null = null
  readonly notes: string[] = []
  #engine = engine(RULES)

  constructor(plan: ReleasePlan) {
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
