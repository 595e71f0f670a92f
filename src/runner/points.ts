/** Points of the timeline: what each gate showed at a look. */

import { stripPoint } from '../gates/numbers.ts'
import type { Journal, PointRow } from '../io/journal.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import { type ReleaseId, releaseKey } from '../record/release-id.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import type { TimelinePoint } from '../record/types.ts'
import type { Event } from '../release/types.ts'
import type { Driven } from './orders.ts'

/** Least distance of two points. */
const POINT_MS = 250
/** Beyond so many every other one goes; that is looked at now and then, for counting them costs more than a few too many. */
const MOST_POINTS = 4000
const THIN_EVERY = 200

/** The point of one look. Sets have no strip. */
function pointOf(plan: ReleasePlan, runtime: ReleaseRuntime, event: Extract<Event, { kind: 'look' }>): TimelinePoint {
  const { state } = runtime
  const { split } = state
  const gates = plan.gates.filter((g) => !(g.kind === 'quality' && 'set' in g.source))
  const applied = event.applied
  return {
    at: event.at,
    clockMs: state.clockMs,
    still: state.status === 'paused' || applied === null || !event.baseline.ready,
    weightPpm: applied ? (applied.target === 'candidate' ? FULL_PPM : applied.weightPpm) : split.weightPpm,
    mirroring: split.mirror,
    phase: state.phase,
    step: Math.max(0, split.step),
    requestsPerSecond: Math.round(runtime.requestsPerSecond * 10) / 10,
    gates: Object.fromEntries(gates.map((g) => [g.name, stripPoint(plan, state.judge, g.name, event.at)])),
  }
}

/** Points of the releases that are driven, as they are added to the journal. */
export class Timelines {
  readonly #added = new Map<string, number>()

  /** The point of an event, where it is time for one. */
  next(driven: Driven, runtime: ReleaseRuntime, event: Event): PointRow | null {
    if (event.kind !== 'look' || !driven.active || runtime.state.startedAt === 0) return null
    if (event.at - runtime.lastPointAt < POINT_MS) return null
    const { environment, name, plan } = driven
    return { environment, name, at: event.at, data: pointOf(plan, runtime, event) }
  }

  /** A point was written down. */
  added(journal: Pick<Journal, 'thinPoints'>, id: ReleaseId): void {
    const key = releaseKey(id)
    const n = (this.#added.get(key) ?? 0) + 1
    this.#added.set(key, n)
    if (n % THIN_EVERY === 0) journal.thinPoints(id, MOST_POINTS)
  }

  forget(id: ReleaseId): void {
    this.#added.delete(releaseKey(id))
  }
}
