/** What a trainer wrote: its model, its metrics, and the version that it is packed as. */
import { basename, join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import type { Lineage } from '../model/types.ts'
import { metricsOf, type TrainingRun } from '../training/run.ts'
import { pack } from './pack.ts'
import type { Project } from './project.ts'
import { runFolder, writeRun } from './train-runs.ts'

export async function outputOf(
  project: Project,
  id: string,
): Promise<{ model: readonly string[]; metrics: Record<string, number> }> {
  const out = join(runFolder(project, id), 'out')
  const names = await project.files.list(out)
  const metrics = names.includes('metrics.json')
    ? metricsOf(new TextDecoder().decode(await project.files.read(join(out, 'metrics.json'), 2 ** 20)))
    : {}
  return { model: names.filter((name) => name !== 'metrics.json'), metrics }
}

/** Packs what a run wrote, with its lineage. A single file of output is the model where artifact.path names a file. */
export async function packRun(project: Project, run: TrainingRun, tag: string | undefined): Promise<TrainingRun> {
  const out = join(runFolder(project, run.id), 'out')
  const { model } = await outputOf(project, run.id)
  const named = basename(project.config.artifact.path)
  const path = model.includes(named) && /\.\w+$/.test(named) ? join(out, named) : out
  const lineage: Lineage = {
    run: run.id,
    seed: run.seed,
    metrics: run.metrics,
    ...(run.data ? { dataDigest: run.data.digest } : {}),
    ...(run.codeCommit ? { codeCommit: run.codeCommit } : {}),
  }
  const config = {
    ...project.config,
    artifact: { ...project.config.artifact, exclude: [...project.config.artifact.exclude, '/metrics.json'] },
  }
  const packed = await pack(project, config, { path, tag, lineage })
  const done = { ...run, packed: { digest: packed.version.digest, tag: packed.tag } }
  await writeRun(project, done)
  return done
}

/** Writes down that a run did not end well, and says why. INTERRUPTED, TRAINING_FAILED. */
export async function stopped(project: Project, run: TrainingRun): Promise<never> {
  await writeRun(project, run)
  if (run.status === 'cancelled')
    throw new SlipwayError('INTERRUPTED', `${run.id} is cancelled`, { next: ['slipway train run'] })
  const last = project.trainLane.lastLines(join(runFolder(project, run.id), 'train.log'))
  throw new SlipwayError('TRAINING_FAILED', `${run.id}: ${run.why}${last ? `; its last words: ${last}` : ''}`, {
    next: [`slipway train logs ${run.id}`],
  })
}
