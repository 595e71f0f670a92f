/** The report as Markdown, at most 64 kB: for a pull request or a terminal. */
import { shorten, visible } from '../../kit/text.ts'
import { formatCount } from '../../kit/units.ts'
import { clockTime, isoTime } from '../../kit/when.ts'
import { spokenTime } from '../../record/figures.ts'
import { headline } from '../../record/headline.ts'
import { envFlag } from '../../record/release-id.ts'
import type { ExampleView, ReleaseView } from '../../record/types.ts'
import { markdown } from '../escape.ts'
import { plainWords, togetherSentence, verdictSentence } from '../explain.ts'
import { type ArmFigures, gateFigures, questionOf, worstFirst } from '../gate-figures.ts'
import { answersText } from './answers.ts'
import { stepRows, uncountedSentence } from './steps.ts'

/** Bytes that a report may have. */
const MOST = 64_000
const EXAMPLES = 10
const LONGEST = 72
/** Letters of all whole answers together. */
const ANSWERS = 10_000

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `${[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`

const code = (text: string): string => `\`\`\`\n${text.replaceAll('`', "'")}\n\`\`\`\n`

function gates(view: ReleaseView): string {
  const all = worstFirst(view)
  if (all.length === 0) return 'No gate was asked: readiness alone was judged.\n'
  const arm = ({ rate, count }: ArmFigures) => (count === '' ? rate : `${rate} of ${count}`)
  const rows = all.map((gate) => {
    const f = gateFigures(gate)
    return [
      markdown(f.name),
      arm(f.baseline),
      arm(f.candidate),
      f.difference === '-' ? '-' : `${f.difference} pp (${f.interval})`,
      f.allowed,
      `${f.fail} / ${f.pass}`,
      `**${markdown(f.verdict)}**`,
    ]
  })
  const head = [
    'gate',
    markdown(view.baseline?.name ?? 'baseline'),
    markdown(view.candidate.name),
    'worse by (95 %)',
    'allowed',
    'evidence to fail / pass',
    'verdict',
  ]
  const words = all.map((gate) => {
    const text = [questionOf(view, gate), plainWords(view, gate), verdictSentence(view, gate), gate.wouldChange ?? '']
    return `- **${markdown(gate.plan.name)}**: ${markdown(text.join(' ').trim())}`
  })
  const together = togetherSentence(view)
  return `${table(head, rows)}\n${words.join('\n')}\n${together === null ? '' : `\n${together}\n`}`
}

const value = (given: unknown): string => markdown(shorten(JSON.stringify(given) ?? 'no answer', LONGEST))

function examples(view: ReleaseView, title: string, all: readonly ExampleView[]): string {
  if (all.length === 0) return ''
  const head = ['id', 'right', markdown(view.baseline?.name ?? 'baseline'), markdown(view.candidate.name)]
  const rows = all
    .slice(0, EXAMPLES)
    .map((e) => [markdown(shorten(e.id, LONGEST)), value(e.expect), value(e.baseline), value(e.candidate)])
  return `\n### ${title}\n\n${table(head, rows)}`
}

function journal(view: ReleaseView, most: number): string {
  const line = (n: ReleaseView['notes'][number]) =>
    `- ${spokenTime(n.at - view.startedAt)} (${clockTime(n.at)}) ${n.what}: ${markdown(shorten(n.text, 400))}`
  const { notes } = view
  if (notes.length <= 2 * most) return `${notes.map(line).join('\n')}\n`
  const left = `- … ${formatCount(notes.length - 2 * most)} more …`
  return `${[...notes.slice(0, most).map(line), left, ...notes.slice(-most).map(line)].join('\n')}\n`
}

function text(view: ReleaseView, notes: number): string {
  const when = `${isoTime(view.startedAt)}${view.endedAt === null ? '' : ` to ${isoTime(view.endedAt)}`}`
  const versions = [view.candidate, view.baseline].flatMap((v, i) =>
    v === null
      ? []
      : [`- ${i === 0 ? 'candidate' : 'baseline'} ${markdown(v.name)} \`${visible(v.digest).replace(/[`<]/g, "'")}\``],
  )
  const wrong = view.gates.flatMap((gate) => gate.newlyWrong)
  const right = view.gates.flatMap((gate) => gate.newlyRight)
  const uncounted = uncountedSentence(view)
  const changes = view.changes.map((c) => [markdown(c.what), value(c.baseline), value(c.candidate)])
  return [
    `# ${markdown(view.release)} in ${markdown(view.environment)}: ${view.outcome ?? view.status}\n\n`,
    view.unjudged === null ? '' : `**Not judged:** ${markdown(view.unjudged)}\n\n`,
    `**${markdown(headline(view))}**\n\n`,
    `- Who was affected: ${markdown(view.affected)}\n- Now: ${markdown(view.nowSentence)}\n`,
    `- Asked of you: ${markdown(view.asked ?? 'nothing.')}\n`,
    `${versions.join('\n')}\n- ${when}, started by ${markdown(view.startedBy)}, plan \`${view.planHash}\`\n`,
    `- exit ${view.exit ?? '-'}\n`,
    `\n## Steps\n\n${table(
      ['step', 'when', 'baseline answered', 'candidate answered', 'failed', 'ended because'],
      stepRows(view).map((r) => [markdown(r.name), r.when, r.baseline, r.candidate, r.failed, markdown(r.ended)]),
    )}${uncounted === null ? '' : `\n${uncounted}\n`}`,
    `\n## Gates\n\n${gates(view)}`,
    `\n## What changed\n\n${changes.length === 0 ? 'Nothing that is recorded.\n' : table(['what', 'baseline', 'candidate'], changes)}`,
    `\n## Newly wrong and newly right\n`,
    wrong.length + right.length === 0 ? '\nNone: no line of a set, and no labelled request, changed.\n' : '',
    examples(view, 'Newly wrong', wrong),
    examples(view, 'Newly right', right),
    answersText(view, ANSWERS),
    `\n## Journal\n\n${journal(view, notes)}`,
    `\n## Undo and recompute\n\n${code([...view.commands, `slipway release report ${view.release}${envFlag(view.environment)} --format json`].map((c) => visible(c)).join('\n'))}`,
  ].join('')
}

const bytes = (written: string): number => new TextEncoder().encode(written).length

export function reportMarkdown(view: ReleaseView): string {
  for (const notes of [200, 50, 10]) {
    const written = text(view, notes)
    if (bytes(written) <= MOST) return written
  }
  const least = {
    ...view,
    changes: view.changes.slice(0, 10),
    gates: view.gates.map((g) => ({ ...g, newlyWrong: [], newlyRight: [] })),
    answers: [],
  }
  return text(least, 3)
}
