/** An evaluation as text and as Markdown. */
import { paint, type Screen } from '../kit/screen.ts'
import { shorten, visible } from '../kit/text.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import { askedText } from './asked.ts'

interface Named {
  readonly digest: string
  readonly tag: string | null
}
interface Example {
  readonly id: string
  readonly expect: unknown
  readonly baseline: unknown
  readonly candidate: unknown
}
interface ShownSet {
  readonly name: string
  readonly lines: number
  readonly answered: number
  readonly score: number
  readonly baselineScore: number | null
  readonly margin: number | null
  readonly min: number | null
  readonly verdict: 'pass' | 'fail' | 'inconclusive' | null
  readonly unanswered: string | null
  readonly worst: readonly Example[]
  readonly newlyWrong: readonly Example[]
  readonly newlyRight: readonly Example[]
}
interface Shown {
  readonly model: string
  readonly version: Named
  readonly baseline: Named | null
  readonly sets: readonly ShownSet[]
  readonly verdict: ShownSet['verdict']
  readonly would: string | null
  readonly undo: string | null
}
const EXAMPLES = 5
const VALUE = 60

const nameOf = ({ digest, tag }: Named): string => tag ?? digest.slice(0, 19)
const count = (score: number): string => (Number.isInteger(score) ? formatCount(score) : score.toFixed(1))
const value = (json: unknown): string => visible(shorten(JSON.stringify(json ?? null), VALUE))

/** `209 of 220 right, 95.0 %; baseline 210, 95.5 %; may be 3pp worse`. */
function figures(set: ShownSet): string {
  const share = (score: number): string => `${count(score)}, ${formatShare(score / set.lines)}`
  const parts = [`${formatCount(set.lines)} lines, ${share(set.score)} right`]
  if (set.baselineScore !== null) parts.push(`baseline ${share(set.baselineScore)}`)
  if (set.margin !== null) parts.push(`may be ${Number((set.margin * 100).toFixed(3))}pp worse`)
  if (set.min !== null) parts.push(`must be above ${formatShare(set.min)}`)
  if (set.answered < set.lines) parts.push(`${formatCount(set.lines - set.answered)} without an answer`)
  return parts.join('; ')
}
const verdictText = (verdict: ShownSet['verdict']): string => verdict ?? 'not judged: no baseline and no min'

const exampleText = ({ id, expect, baseline, candidate }: Example, compared: boolean): string =>
  `${visible(id)}: ${value(candidate)}${expect === null ? '' : `, expected ${value(expect)}`}${compared ? `, baseline ${value(baseline)}` : ''}`

/** The examples worth a look: what got worse, else what is wrong. */
function shownExamples(set: ShownSet): { readonly title: string; readonly lines: readonly string[] }[] {
  const compared = set.baselineScore !== null
  const part = (title: string, examples: readonly Example[]) => ({
    title,
    lines: examples.slice(0, EXAMPLES).map((one) => exampleText(one, compared)),
  })
  const parts = compared
    ? [part('newly wrong', set.newlyWrong), part('newly right', set.newlyRight)]
    : [part('worst', set.worst)]
  return parts.filter(({ lines }) => lines.length > 0)
}

const COLOURS = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const

export function evaluatedText(result: Shown, screen: Screen): string {
  const { model, version, baseline, sets, would, undo } = result
  if (would !== null) return askedText({ text: would, undo })
  const against = baseline === null ? '' : ` against ${nameOf(baseline)}`
  const lines = [`${model} ${nameOf(version)}${against}`]
  for (const set of sets) {
    const verdict = verdictText(set.verdict)
    const shown = set.verdict === null ? verdict : paint(screen, COLOURS[set.verdict], verdict)
    lines.push(`${visible(set.name)}  ${shown}  ${figures(set)}`)
    if (set.unanswered !== null) lines.push(`  ${visible(set.unanswered)}`)
    for (const { title, lines: examples } of shownExamples(set))
      lines.push(`  ${title}:`, ...examples.map((one) => `    ${one}`))
  }
  if (undo !== null) lines.push(`undo: ${visible(undo)}`)
  return `${lines.join('\n')}\n`
}

/** Values from outside stand in code spans: nothing in them is Markdown. */
const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``

export function evaluatedMarkdown({ model, version, baseline, sets, verdict }: Shown): string {
  const lines = [
    `# ${model} ${nameOf(version)}: ${verdictText(verdict)}`,
    '',
    `Version ${code(version.digest)}${baseline === null ? '' : `, compared with ${nameOf(baseline)} ${code(baseline.digest)}`}.`,
  ]
  for (const set of sets) {
    lines.push('', `## ${visible(set.name)}: ${verdictText(set.verdict)}`, '', `${figures(set)}.`)
    if (set.unanswered !== null) lines.push('', code(visible(set.unanswered)))
    for (const { title, lines: examples } of shownExamples(set))
      lines.push('', `${title}:`, '', ...examples.map((one) => `- ${code(one)}`))
  }
  return `${lines.join('\n')}\n`
}
