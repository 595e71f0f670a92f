/** One release on a few lines: where it stands, who is served, what its gates say, what to type. */
import { paint, type Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { formatShare } from '../kit/units.ts'
import { isoTime } from '../kit/when.ts'
import { span, spokenTime } from '../record/figures.ts'
import { headline } from '../record/headline.ts'
import { stepName } from '../record/sentences.ts'
import type { ReleaseView } from '../record/types.ts'
import { shownOn } from './columns.ts'
import { gateFigures, worstFirst } from './gate-figures.ts'
import { tableText } from './table.ts'

function stands(view: ReleaseView): string {
  if (view.outcome) return `${view.outcome}${view.exit === null ? '' : `, exit ${view.exit}`}`
  const step = `${stepName(view.plan.steps[view.step])}, step ${view.step + 1} of ${view.plan.steps.length}`
  const time = view.phase === 'watch' ? '' : `, ${span(view.clockMs)} of ${span(view.plan.horizonMs)} to a verdict`
  return `${view.status}: ${step}${time}`
}

export function statusText(view: ReleaseView, screen: Screen): string {
  const rows = worstFirst(view).map((gate) => {
    const f = gateFigures(gate)
    return [visible(f.name), f.baseline.rate, f.candidate.rate, f.interval, f.allowed, f.verdict]
  })
  const took = view.endedAt === null ? '' : `, ${spokenTime(view.endedAt - view.startedAt)}`
  const lines: [string, string][] = [
    ['state', stands(view)],
    ['weight', `${formatShare(view.weightPpm / 1_000_000, 0)} to ${view.candidate.name}`],
    ['users', `${view.affected} ${view.nowSentence}`],
    ['started', `${isoTime(view.startedAt)} by ${view.startedBy}, plan ${view.planHash.slice(0, 12)}${took}`],
  ]
  if (view.unjudged !== null) lines.unshift(['not judged', view.unjudged])
  if (view.timeStands !== null) lines.push(['waits', `release time stands still: ${view.timeStands}`])
  if (view.nextSentence !== null) lines.push(['next', view.nextSentence])
  if (view.asked !== null) lines.push(['asked', view.asked])
  const facts = lines.map(([name, text]) => ` ${name.padEnd(10)} ${visible(text)}\n`).join('')
  const gates =
    rows.length === 0
      ? ''
      : tableText(['gate', 'baseline', 'candidate', 'worse by (95 %)', 'allowed', 'verdict'], rows, {
          ...screen,
          width: screen.width === null ? null : screen.width - 1,
        })
          .split('\n')
          .map((line) => (line === '' ? '' : ` ${line}`))
          .join('\n')
  const commands = view.commands.map((command) => `   ${visible(command)}\n`).join('')
  const head = paint(screen, 'bold', `${visible(view.release)}  ${visible(headline(view))}`)
  return shownOn(screen, `${head}\n${facts}${gates}${commands}`)
}
