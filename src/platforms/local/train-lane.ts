/** The lane of training jobs on one machine: behind everything that serves users. */
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { Clock } from '../../io/clock.ts'
import { endFamily, heldMemory, launch } from '../../io/launch.ts'
import { findLimiter } from '../../io/limits.ts'
import { markOf } from '../../io/marks.ts'
import type { Processes } from '../../io/processes-contract.ts'
import type { TrainLane } from '../../training/contract.ts'
import { lastLines } from './supervisor/logs.ts'

const LOWEST_PRIORITY = 19
const GRACE_MS = 5000
const LOOK_MS = 50
/** A look takes a core from users for a moment: it is seldom while less than half of the limit is held. */
const SELDOM_MS = 2000
/** Whoever left the job's tree is found by its mark, which takes a look at every process: not at each look. */
const WHOLE_EACH = 8

/** Threads of this process; 0, the process, where the system does not list them. */
function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number)
  } catch {
    return [0]
  }
}

export function trainLane(options: {
  readonly processes: Processes
  readonly clock: Clock
  readonly stateFolder: string
  readonly env: Readonly<Record<string, string>>
}): TrainLane {
  const { processes, clock, stateFolder, env } = options
  const limiter = findLimiter()
  let [looks, due] = [0, 0]
  return {
    stepBack() {
      // On Linux a priority is a thread's: those that are there, and by heritage those to come.
      for (const thread of threads())
        try {
          setPriority(thread, LOWEST_PRIORITY)
        } catch {
          // A machine that refuses keeps its order, and a thread may have ended.
        }
    },
    start: ({ command, cwd, id, log, memoryBytes, cpu }) =>
      launch(
        processes,
        {
          command,
          cwd,
          env,
          mark: markOf(stateFolder, 'train', id),
          log,
          nice: LOWEST_PRIORITY,
          limits: { memoryBytes, cpu },
        },
        limiter,
      ),
    alive: (process) => processes.alive(process),
    over(process, limit) {
      if (clock.mono() < due) return null
      const held = heldMemory(processes, process, limit, looks++ % WHOLE_EACH === WHOLE_EACH - 1)
      due = clock.mono() + (held === null || 2 * held < limit ? SELDOM_MS : 0)
      return held !== null && held > limit ? held : null
    },
    async end(process) {
      endFamily(processes, process, 'SIGTERM')
      const until = clock.mono() + GRACE_MS
      while (clock.mono() < until) {
        await clock.sleep(LOOK_MS)
        if (!processes.alive(process) && processes.family(process, process.mark).length === 0) return
      }
      while (endFamily(processes, process, 'SIGKILL') > 0) await clock.sleep(LOOK_MS)
    },
    lastLines: (log) => lastLines(log, []),
  }
}
