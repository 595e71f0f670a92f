/** Points of the timeline: what each gate showed at a look. */

import { stripPoint } from '../gates/numbers.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import type { TimelinePoint } from '../record/types.ts'
import type { Event } from '../release/types.ts'

/** Least distance of two points. */
export const POINT_MS = 250

/** The point of one look. Sets have no strip. */
export function pointOf(
  plan: ReleasePlan,
  runtime: ReleaseRuntime,
  event: Extract<Event, { kind: 'look' }>,
): TimelinePoint {
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
