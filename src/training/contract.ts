/** What training needs from the outside. */
import type { LaunchedRef } from '../io/launch.ts'
import type { Exit } from '../io/processes-contract.ts'

export interface TrainLaunch {
  readonly command: readonly string[]
  readonly cwd: string
  readonly id: string
  readonly log: string
  readonly memoryBytes: number | null
  readonly cpu: number | null
}
export interface TrainProcess extends LaunchedRef {
  readonly exited: Promise<Exit>
}
/** The lane of its own: low priority, a process group, a memory limit. */
export interface TrainLane {
  /** This process too stands behind what serves users from now on: it checks data and looks after the job. */
  stepBack(): void
  start(order: TrainLaunch): Promise<TrainProcess>
  alive(process: LaunchedRef): boolean
  /** Bytes held above the limit, or null. */
  over(process: LaunchedRef, limit: number): number | null
  end(process: LaunchedRef): Promise<void>
  /** The last lines of a log, made safe. */
  lastLines(log: string): string | null
}
