/** `train run --detach`: the same command in a process of its own, once its run is written down. */
import { SlipwayError } from '../errors.ts'
import type { TrainingRun } from '../training/run.ts'
import type { Project } from './project.ts'
import type { TrainOptions } from './train.ts'
import { readRun, runIds } from './train-runs.ts'

const PATIENCE_MS = 60_000
const LOOK_MS = 100

/** Resolves once the run is there; what stops it before that is thrown with the words of the other process. */
export async function detachTraining(project: Project, options: TrainOptions): Promise<TrainingRun> {
  const before = new Set(await runIds(project))
  const { params, data, seed, pack, tag } = options
  const args = [
    'train',
    'run',
    '--seed',
    String(seed),
    ...params.flatMap((p) => ['--param', p]),
    ...(data === undefined ? [] : ['--data', data]),
    ...(pack ? ['--pack'] : []),
    ...(tag === undefined ? [] : ['--tag', tag]),
  ]
  const pid = await project.again(args, 'train')
  const until = project.clock.mono() + PATIENCE_MS
  while (project.clock.mono() < until && !options.signal.aborted) {
    for (const id of (await runIds(project)).filter((one) => !before.has(one))) {
      const run = await readRun(project, id).catch(() => null)
      if (run) return run
    }
    if (!project.ownProcess(pid))
      throw new SlipwayError('TRAINING_FAILED', 'the training ended before it began; see .slipway/logs/train.log', {
        next: ['slipway train run'],
      })
    await project.clock.sleep(LOOK_MS, options.signal)
  }
  throw new SlipwayError('TRAINING_FAILED', 'the training did not begin within a minute; see .slipway/logs/train.log', {
    next: ['slipway train list'],
  })
}
