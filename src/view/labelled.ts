/** What became of labels, or would. */
import { formatCount } from '../kit/units.ts'

export interface LabelCounts {
  readonly dryRun: boolean
  readonly taken: number
  readonly repeated: number
  readonly unknown: number
}

export function labelledText({ dryRun, taken, repeated, unknown }: LabelCounts): string {
  const labels = `${formatCount(taken)} ${taken === 1 ? 'label' : 'labels'}`
  const has = repeated === 1 ? 'has' : 'have'
  const one = unknown === 1
  const ids = one ? 'an id' : 'ids'
  const kept = one ? ': kept, it joins its answer if that comes' : ': kept, they join their answers if those come'
  const wouldKeep = one ? ' would be kept in case its answer comes' : ' would be kept in case their answers come'
  const more = [
    ...(repeated > 0 ? [`${formatCount(repeated)} ${dryRun ? has : 'had'} one already`] : []),
    ...(unknown > 0 ? [`${formatCount(unknown)} of ${ids} not known yet${dryRun ? wouldKeep : kept}`] : []),
  ]
  const rest = more.length > 0 ? `, ${more.join(', ')}` : ''
  return dryRun ? `${labels} would join an answer${rest}; nothing was changed\n` : `${labels} taken${rest}\n`
}
