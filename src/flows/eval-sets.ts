/** The evaluation sets that are to be asked. */
import { join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { type EvaluationSet, parseSet } from '../evidence/sets.ts'
import { nearest, visible } from '../kit/text.ts'
import type { EvalFlowOptions } from './eval.ts'
import type { Project } from './project.ts'

const MOST_BYTES = 256 * 2 ** 20

/** The set named, or all of slipway.yaml, cut to `limit` lines. USAGE where there is none, SET_INVALID. */
export async function setsAsked(project: Project, options: EvalFlowOptions): Promise<Record<string, EvaluationSet>> {
  const { sets } = project.config.evaluation
  const names = Object.keys(sets)
  if (options.set !== undefined && !Object.hasOwn(sets, options.set)) {
    const near = nearest(options.set, names)
    const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`
    throw new SlipwayError(
      'USAGE',
      `slipway.yaml has no evaluation set ${JSON.stringify(visible(options.set))}; ${has}`,
      {
        next: near ? [`--set ${near}`] : ['slipway validate'],
      },
    )
  }
  if (names.length === 0)
    throw new SlipwayError('USAGE', 'slipway.yaml has no evaluation set; add `evaluation.sets.golden: {path: …}`', {
      where: [{ file: 'slipway.yaml', pointer: '/evaluation/sets' }],
    })
  const read: Record<string, EvaluationSet> = {}
  for (const name of options.set === undefined ? names : [options.set]) {
    const { path, evaluator } = sets[name]!
    const whole = parseSet(await project.files.read(join(project.folder, path), MOST_BYTES), path, evaluator)
    read[name] = options.limit === undefined ? whole : { ...whole, lines: whole.lines.slice(0, options.limit) }
  }
  return read
}
