import { visible } from '../kit/text.ts'
import { formatCount, formatDuration } from '../kit/units.ts'
import { isoTime } from '../kit/when.ts'
import type { TrainingRun } from '../training/run.ts'

const took = (run: TrainingRun): string =>
  run.endedAt === null ? '' : formatDuration(Math.max(1000, Math.round((run.endedAt - run.startedAt) / 1000) * 1000))
const pairs = (of: Readonly<Record<string, unknown>>): string =>
  Object.entries(of)
    .map(([k, v]) => `${k}=${typeof v === 'number' ? Number(v.toPrecision(6)) : v}`)
    .join(' ')

/** One run, whole. */
export function runText(run: TrainingRun): string {
  const lines = [
    `${run.id}  ${run.status}  ${run.model}  started ${isoTime(run.startedAt)} by ${visible(run.by)}${run.endedAt === null ? '' : `, took ${took(run)}`}`,
  ]
  if (run.why) lines.push(`why       ${visible(run.why)}`)
  lines.push(`params    ${visible(pairs(run.params)) || '-'}  seed ${run.seed}`)
  if (run.data) {
    lines.push(
      `data      ${visible(run.data.path)}  ${run.data.digest.slice(0, 19)}  ${formatCount(run.data.report.rows)} rows`,
    )
    for (const result of run.data.report.results)
      lines.push(`  ${result.passed ? 'ok ' : 'bad'}  ${visible(result.text)}`)
  }
  if (Object.keys(run.metrics).length > 0) lines.push(`metrics   ${visible(pairs(run.metrics))}`)
  if (run.packed) lines.push(`packed    ${run.model}:${run.packed.tag}  ${run.packed.digest}`)
  else if (run.status === 'done') lines.push(`next      slipway pack .slipway/runs/${run.id}/out`)
  return `${lines.join('\n')}\n`
}

/** A line a run. */
export const runsText = (runs: readonly TrainingRun[]): string =>
  runs.length === 0
    ? 'no training has run yet\n'
    : runs
        .map(
          (run) =>
            `${run.id}  ${run.status.padEnd(9)}  ${isoTime(run.startedAt)}  ${took(run).padEnd(7)}  ${run.packed?.tag ?? '-'}  ${visible(pairs(run.params))}  ${visible(pairs(run.metrics))}\n`,
        )
        .join('')
