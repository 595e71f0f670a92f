/** The one property of random lives, for the real engine and for its mutants. */
import fc from 'fast-check'
import type { Engine } from '../../src/release/engine.ts'
import { formerOf } from '../../src/release/shape.ts'
import { Life, type Seen } from './random.ts'

export const sequences = fc.tuple(
  fc.nat(1000),
  fc.array(fc.nat(2 ** 20 - 1), { minLength: 20, maxLength: 200, size: 'max' }),
)
/** No server of these worlds takes more looks to stop. */
const MOST_LOOKS = 8
export type Sequence = readonly [number, readonly number[]]

/** Throws where a life breaks a rule that no single step shows: it concludes once, it ends without evidence, and the world is as it should be. */
export function live(engine: Engine, [first, numbers]: Sequence, seen: Seen): void {
  let quarantines = 0
  let conclusions = 0
  const life = new Life(engine, first, (plan, before, event, after, effects, refused) => {
    seen(plan, before, event, after, effects, refused)
    if (refused !== null && (after !== before || effects.length > 0))
      throw new Error('what is refused changes something')
    if (before.phase === 'start') quarantines = conclusions = 0
    for (const effect of effects) {
      if (effect.kind === 'quarantine') quarantines++
      if (effect.kind === 'conclude') conclusions++
    }
    if (quarantines > 1) throw new Error('quarantined twice')
    if (after.phase === 'over' && conclusions !== 1) throw new Error(`concluded ${conclusions} times`)
  })
  for (const n of numbers) life.act(n)
  life.bringHome()
  const { state, world, plan } = life
  if (state.phase !== 'over') throw new Error(`it does not end without evidence: ${state.phase} ${state.swap}`)
  if (life.lied) return
  // A newer release may have ended it before everything was gone: the host still has what its last orders say, and the
  // platform goes on by itself.
  world.perform([state.serve])
  for (let i = 0; i < MOST_LOOKS; i++) world.look()
  const promoted = state.outcome === 'promoted'
  const goal = promoted ? 'candidate' : typeof state.target === 'object' ? 'other' : 'baseline'
  // Without a data plane that ever followed, users are where they were.
  if ((world.applied?.target ?? 'baseline') !== goal || world.applied?.hold)
    throw new Error(`users are on ${world.applied?.target}, not ${goal}`)
  if (world.candidate.running !== promoted) throw new Error('the candidate runs where it should not, or the reverse')
  if (goal === 'baseline' && formerOf(plan) === 'own' && !world.baseline.wanted)
    throw new Error('users are on a baseline that is not to run')
}
