/** `label add`: labels of answers that users got, for quality. */
import { SlipwayError } from '../errors.ts'
import { type Label, labelValue, parseLabels, unfit } from '../evidence/labels.ts'
import type { Project } from './project.ts'

export interface LabelOptions {
  readonly id?: string | undefined
  readonly value?: string | undefined
  /** A file, or - for stdin. */
  readonly file?: string | undefined
  readonly dryRun: boolean
  stdin(): Promise<string>
}
export interface Labelled {
  readonly taken: number
  /** Had a label already: the first counts. */
  readonly repeated: number
  /** No answer of that id is known (yet); kept in case its answer comes. */
  readonly unknown: number
}
const MOST_BYTES = 256 * 2 ** 20

async function labelsOf(project: Project, options: LabelOptions): Promise<Label[]> {
  if (options.file === '-') return parseLabels(await options.stdin(), 'stdin')
  if (options.file !== undefined)
    return parseLabels(new TextDecoder().decode(await project.files.read(options.file, MOST_BYTES)), options.file)
  if (options.id === undefined || options.value === undefined)
    throw new SlipwayError('USAGE', 'label add takes REQUEST_ID and VALUE, or --file FILE', {
      next: ['slipway label add --help'],
    })
  const label = { id: options.id, label: labelValue(options.value) }
  const fault = unfit(label)
  if (fault !== null) throw new SlipwayError('LABEL_INVALID', fault)
  return [label]
}

/** Takes labels. LABEL_INVALID for a broken line; LABEL_ID_UNKNOWN where a single id has no answer. */
export async function addLabels(project: Project, options: LabelOptions): Promise<Labelled> {
  const labels = await labelsOf(project, options)
  if (options.dryRun) return { taken: labels.length, repeated: 0, unknown: 0 }
  const done = project.answers.label(labels, project.clock.now())
  if (labels.length === 1 && done.unknown === 1)
    throw new SlipwayError(
      'LABEL_ID_UNKNOWN',
      `no answer with the id ${JSON.stringify(labels[0]!.id)} is known; the label is kept in case it comes`,
      {
        next: ['slipway release status'],
      },
    )
  return done
}
