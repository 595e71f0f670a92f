/** Releases brought into each column of the table of what persons may do. */
import { Drive, inStep } from './drive.ts'
import { plans } from './plans.ts'

const undecided = { ...plans.short, horizonMs: 8000, holdMs: 1_000_000, gates: plans.standard.gates }

/** A drive in each column of the table "States and what persons may do". */
export const columns = {
  running: () => new Drive(plans.standard).until(inStep(1)),
  paused: () => new Drive(plans.standard).until(inStep(1)).person('pause'),
  held: () => held(new Drive(undecided)),
  watch: () => new Drive(plans.standard).until((s) => s.phase === 'watch' && s.observed),
  'swap before open': () => new Drive(plans.swap).until((s) => s.swap === 'new-starting'),
  'concluded, promoted': () => new Drive(plans.standard).until((s) => s.status === 'concluded'),
  'concluded, aborted': () =>
    new Drive(plans.standard)
      .until(inStep(1))
      .person('abort')
      .until((s) => s.status === 'concluded'),
  'concluded, rolled back': () =>
    new Drive(plans.standard)
      .until(inStep(1))
      .person('rollback')
      .until((s) => s.status === 'concluded'),
} as const
export type Column = keyof typeof columns

/** 4 pp worse than the baseline in quality: within the margin of 5 pp, undecided at a short horizon. */
function held(d: Drive): Drive {
  d.world.rates = { errors: [1, 1], latency: [10, 10], quality: [5, 9] }
  return d.until((s) => s.status === 'held')
}
