/** `train run`: data checked, a job in its own lane, artifact and lineage out. */
import { join, resolve } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { formatSize } from '../kit/units.ts'
import type { TrainProcess } from '../training/contract.ts'
import { nextRunId, type TrainingRun, trainingCommand } from '../training/run.ts'
import type { Project } from './project.ts'
import { checkedData, paramsOf } from './train-data.ts'
import { outputOf, packRun, stopped } from './train-output.ts'
import { runFolder, runIds, writeRun, writtenRun } from './train-runs.ts'

export interface TrainOptions {
  readonly params: readonly string[]
  readonly data?: string | undefined
  readonly seed: number
  readonly pack: boolean
  readonly tag?: string | undefined
  readonly dryRun: boolean
  readonly signal: AbortSignal
  /** Called once it runs. */
  started?(run: TrainingRun): void
}
const LOOK_MS = 250

/** Runs a training to its end. DATA_INVALID with the report, TRAINING_FAILED, COMMAND_NOT_FOUND. */
export async function train(project: Project, options: TrainOptions): Promise<TrainingRun> {
  const { training } = project.config
  if (!training)
    throw new SlipwayError('USAGE', 'slipway.yaml has no training:', {
      where: [{ file: 'slipway.yaml', pointer: '/training' }],
      next: ['slipway init --help'],
    })
  project.trainLane.stepBack()
  const id = nextRunId(await runIds(project))
  const folder = runFolder(project, id)
  if (!options.dryRun) await project.files.folder(join(folder, 'out'), 0o700)
  const data = await checkedData(project, training, id, options)
  const params = { ...training.params, ...paramsOf(options.params) }
  const places = { data: data ? resolve(project.folder, data.path) : '', out: join(folder, 'out'), seed: options.seed }
  const command = trainingCommand(training, params, places)
  const program = project.findCommand(command[0] ?? '')
  if (program === null)
    throw new SlipwayError('COMMAND_NOT_FOUND', `training.command: ${command[0]} is not in PATH`, {
      where: [{ file: 'slipway.yaml', pointer: '/training/command' }],
      next: ['slipway doctor'],
    })
  const run: TrainingRun = {
    id,
    model: project.config.model,
    status: 'running',
    by: project.actor,
    startedAt: project.clock.now(),
    endedAt: null,
    params,
    seed: options.seed,
    data,
    command: training.command,
    process: null,
    codeCommit: await project.git.commit(project.folder, []),
    metrics: {},
    why: null,
    packed: null,
  }
  if (options.dryRun) return run
  const { memoryBytes, cpu } = training.resources
  const job = await project.trainLane.start({
    command: [program, ...command.slice(1)],
    cwd: project.folder,
    id,
    log: join(folder, 'train.log'),
    memoryBytes,
    cpu,
  })
  const { exited: _exited, ...process } = job
  const running: TrainingRun = { ...run, process }
  await writeRun(project, running)
  options.started?.(running)
  return ended(project, running, job, options)
}

async function ended(
  project: Project,
  run: TrainingRun,
  job: TrainProcess,
  options: TrainOptions,
): Promise<TrainingRun> {
  const limit = project.config.training?.resources.memoryBytes ?? null
  let over: number | null = null
  let exit: Awaited<TrainProcess['exited']> | null = null
  void job.exited.then((result) => {
    exit = result
  })
  while (exit === null) {
    await Promise.race([job.exited, project.clock.sleep(LOOK_MS, options.signal)])
    over ??= limit === null ? null : project.trainLane.over(job, limit)
    if (over !== null || options.signal.aborted) await project.trainLane.end(job)
  }
  const { code, signal } = exit as { code: number | null; signal: string | null }
  const now = await writtenRun(project, run.id)
  const cancelled = now.status === 'cancelled' || options.signal.aborted
  const end = { ...now, endedAt: project.clock.now(), process: null }
  if (cancelled) return stopped(project, { ...end, status: 'cancelled', why: now.why ?? 'interrupted' })
  const files = await outputOf(project, run.id)
  const why =
    over !== null && limit !== null
      ? `it held ${formatSize(over)}, more than its limit of ${formatSize(limit)}`
      : code !== 0
        ? `the trainer ended with ${signal ?? `exit ${code}`}`
        : files.model.length === 0
          ? 'the trainer ended well and wrote no model into {out}'
          : null
  if (why !== null) return stopped(project, { ...end, status: 'failed', why })
  const done: TrainingRun = { ...end, status: 'done', metrics: files.metrics }
  await writeRun(project, done)
  return options.pack ? packRun(project, done, options.tag) : done
}
