/** The data and parameters of a training run, checked before anything is trained. */
import { join, relative, resolve } from 'node:path'
import type { TrainingConfig } from '../config/types.ts'
import { SlipwayError } from '../errors.ts'
import { DataChecker } from '../training/checks.ts'
import { parseParam, type TrainingRun } from '../training/run.ts'
import type { Project } from './project.ts'
import type { TrainOptions } from './train.ts'
import { runFolder } from './train-runs.ts'

/** Checks the data and keeps the report; a bad data set stops the run. */
export async function checkedData(
  project: Project,
  training: TrainingConfig,
  id: string,
  options: TrainOptions,
): Promise<TrainingRun['data']> {
  const path = options.data ?? training.data?.path
  if (path === undefined) return null
  const file = options.data === undefined ? resolve(project.folder, path) : resolve(project.cwd, path)
  const checker = new DataChecker(training.data?.checks ?? { rows: null, label: null, fields: {}, duplicates: null })
  const digest = await project.eachLine(file, (line, number) => checker.take(line, number))
  const report = checker.report()
  const shown = relative(project.folder, file)
  const reportFile = join(runFolder(project, id), 'data-report.json')
  if (!options.dryRun)
    await project.files.write(
      reportFile,
      `${JSON.stringify({ data: shown, digest: `sha256:${digest}`, ...report }, null, 2)}\n`,
    )
  if (report.passed) return { path: shown, digest: `sha256:${digest}`, report }
  const failed = report.results.filter((r) => !r.passed)
  throw new SlipwayError(
    'DATA_INVALID',
    `${shown} is not fit to train on: ${failed.map((r) => r.text).join('; ')}`.slice(0, 1500),
    {
      where: [{ file: shown }],
      next: [`cat ${relative(project.cwd, reportFile)}`],
    },
  )
}

/** `--param K=V` of a command. */
export function paramsOf(texts: readonly string[]): TrainingRun['params'] {
  const pairs = texts.map((text) => {
    const pair = parseParam(text)
    if (!pair) throw new SlipwayError('USAGE', `--param takes K=V, not ${JSON.stringify(text)}`)
    return pair
  })
  return Object.fromEntries(pairs)
}
