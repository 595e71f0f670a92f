/** What holds after every step, whatever happened. A broken one is a bug of ours and stops the release where traffic stands. */
import { SlipwayError } from '../errors.ts'
import type { ReleasePlan } from '../plan/types.ts'
import { FULL_PPM } from '../plan/types.ts'
import type { Effect, Event, ReleaseState } from './types.ts'

function assert(holds: boolean, text: string): void {
  if (!holds) throw new SlipwayError('BUG', `the engine broke its own rule: ${text}`)
}

export function check(
  _plan: ReleasePlan,
  before: ReleaseState,
  _event: Event,
  after: ReleaseState,
  effects: readonly Effect[],
): void {
  const { weightPpm } = after.split
  assert(Number.isInteger(weightPpm) && weightPpm >= 0 && weightPpm <= FULL_PPM, 'weights sum to 1,000,000 ppm')
  assert(before.phase !== 'over' || effects.length === 0, 'a release that is over does nothing')
}
