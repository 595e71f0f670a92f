/** `label add`: labels of answers that users got, for quality. */
import { SlipwayError } from '../errors.ts'
import { type Label, labelValue, parseLabels, unfit } from '../evidence/labels.ts'
import { environmentName, type Project } from './project.ts'

export interface LabelOptions {
  readonly id?: string | undefined
  readonly value?: string | undefined
  /** A file, or - for stdin. */
  readonly file?: string | undefined
  /** Where the answers were given. */
  readonly env: string | undefined
  readonly dryRun: boolean
  stdin(): Promise<string>
}
export interface Labelled {
  /** True: nothing was taken; the numbers are what would be. */
  readonly dryRun: boolean
  readonly taken: number
  /** Had a label already: the first counts. */
  readonly repeated: number
  /** No answer of that id is known (yet); kept in case its answer comes. */
  readonly unknown: number
}
const MOST_BYTES = 256 * 2 ** 20
/** Labels written at once: whoever else writes comes in between. */
const AT_ONCE = 2000

/** Some at a time; of an id that stands in the text twice the first line counts. */
function taken(
  { answers, clock }: Pick<Project, 'answers' | 'clock'>,
  environment: string,
  labels: readonly Label[],
): Omit<Labelled, 'dryRun'> {
  const first = new Map<string, Label>()
  for (const label of labels) if (!first.has(label.id)) first.set(label.id, label)
  const all = [...first.values()]
  const sum = { taken: 0, repeated: labels.length - all.length, unknown: 0 }
  for (let i = 0; i < all.length; i += AT_ONCE) {
    const done = answers.label(environment, all.slice(i, i + AT_ONCE), clock.now())
    sum.taken += done.taken
    sum.repeated += done.repeated
    sum.unknown += done.unknown
  }
  return sum
}

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

/** What no header can hold: where `labels.key` names nothing in bodies, no answer has such an id. */
const NO_HEADER = /[\u0000-\u001f\u007f]|^\s|\s$/

/**
 * Takes labels; one whose answer is not known is kept, and joins it if it comes. LABEL_INVALID for a broken line;
 * LABEL_ID_UNKNOWN, and none is taken, where an id can be none of an answer by its form.
 */
export async function addLabels(project: Project, options: LabelOptions): Promise<Labelled> {
  const labels = await labelsOf(project, options)
  const environment = environmentName(project, options.env)
  const byBody = project.broken || project.config.evaluation.labels.key !== null
  const never = byBody ? undefined : labels.find(({ id }) => NO_HEADER.test(id))
  if (never)
    throw new SlipwayError(
      'LABEL_ID_UNKNOWN',
      `no answer can have the id ${JSON.stringify(never.id)}: it begins or ends with a space, or holds what no header can`,
      { next: ['slipway label add --help'] },
    )
  if (options.dryRun) return { dryRun: true, ...project.answers.wouldLabel(environment, labels) }
  return { dryRun: false, ...taken(project, environment, labels) }
}
