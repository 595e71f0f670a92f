/** Finding and ending what carries a project's mark, wherever it went. */
import type { Clock } from '../../../io/clock.ts'
import { kindOfMark, type MarkKind } from '../../../io/marks.ts'
import type { MarkedProcess, Processes } from '../../../io/processes-contract.ts'

const LOOK_MS = 50

export const markedOf = (processes: Processes, prefix: string, kinds: readonly MarkKind[]): readonly MarkedProcess[] =>
  processes
    .marked(prefix)
    .filter(({ mark, pid }) => pid !== process.pid && kinds.some((kind) => kind === kindOfMark(mark)))

/** SIGKILL to all of them, again until none is left; for `local down`. True where none is left after `limitMs`. */
export async function endMarked(
  processes: Processes,
  clock: Clock,
  prefix: string,
  kinds: readonly MarkKind[],
  limitMs = 10_000,
): Promise<boolean> {
  const until = clock.mono() + limitMs
  for (;;) {
    const left = markedOf(processes, prefix, kinds)
    if (left.length === 0) return true
    if (clock.mono() > until) return false
    processes.signal(left, 'SIGKILL')
    await clock.sleep(LOOK_MS)
  }
}
