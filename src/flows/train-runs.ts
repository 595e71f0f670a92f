/** The runs of a project: `.slipway/runs/ID/run.json`. */
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { nearest } from '../kit/text.ts'
import type { TrainingRun } from '../training/run.ts'
import type { Project } from './project.ts'

const MOST = 16 * 2 ** 20

export const runFolder = (project: Pick<Project, 'stateFolder'>, id: string): string =>
  join(project.stateFolder, 'runs', id)

export const runIds = async (project: Project): Promise<readonly string[]> =>
  (await project.files.list(join(project.stateFolder, 'runs'))).filter((name) => /^run-\d+$/.test(name))

export const writeRun = async (project: Project, run: TrainingRun): Promise<void> =>
  void (await project.files.write(join(runFolder(project, run.id), 'run.json'), `${JSON.stringify(run, null, 2)}\n`, {
    mode: 0o600,
  }))

/** What stands in the file of a run. RUN_UNKNOWN. */
export async function writtenRun(project: Project, id: string): Promise<TrainingRun> {
  const file = join(runFolder(project, id), 'run.json')
  const ids = await runIds(project)
  if (ids.includes(id) && (await project.files.facts(file)) !== null)
    return JSON.parse(new TextDecoder().decode(await project.files.read(file, MOST))) as TrainingRun
  const near = nearest(id, ids)
  throw new SlipwayError('RUN_UNKNOWN', `there is no training run ${JSON.stringify(id)}`, {
    next: near ? [`slipway train status ${near}`] : ['slipway train list'],
  })
}

/** One run; one whose watcher was killed while it ran is told as failed. */
export async function readRun(project: Project, id: string): Promise<TrainingRun> {
  const run = await writtenRun(project, id)
  if (run.status !== 'running' || run.process === null || project.trainLane.alive(run.process)) return run
  const why = 'what watched it was killed before it ended; what it wrote is in its folder'
  return { ...run, status: 'failed', why }
}

/** All runs, oldest first; those whose file cannot be read are left out. */
export async function readRuns(project: Project): Promise<readonly TrainingRun[]> {
  const runs = await Promise.all((await runIds(project)).map((id) => readRun(project, id).catch(() => null)))
  return runs.filter((run): run is TrainingRun => run !== null)
}

const UNDO = 'slipway train run'
export interface Cancelled {
  readonly run: TrainingRun
  readonly text: string
  /** The command that undoes it; null: nothing was done. */
  readonly undo: string | null
}
/** Ends a run that goes on; one that is over stays as it is. */
export async function cancelRun(project: Project, id: string, dryRun: boolean): Promise<Cancelled> {
  const run = await readRun(project, id)
  if (run.status !== 'running') return { run, text: `${id} is over: ${run.status}`, undo: null }
  if (dryRun) return { run, text: `would cancel ${id}`, undo: UNDO }
  const cancelled: TrainingRun = {
    ...run,
    status: 'cancelled',
    why: `cancelled by ${project.actor}`,
    endedAt: project.clock.now(),
  }
  await writeRun(project, cancelled)
  if (run.process) await project.trainLane.end(run.process)
  return { run: { ...cancelled, process: null }, text: `${id} is cancelled`, undo: UNDO }
}
