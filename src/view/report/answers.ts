/** Whole answers of pairs in reports, each cut so that all fit. */
import type { WholeAnswer } from '../../evidence/types.ts'
import { shorten, visible } from '../../kit/text.ts'
import type { ReleaseView } from '../../record/types.ts'
import { escaped, markdown, outside } from '../escape.ts'

/** Fewer letters of an answer tell nothing. */
const LEAST = 200
const MOST_PAIRS = 10
/** Letters that markup and marks may add. */
const SPARE = 2

interface Shown {
  readonly pairs: ReleaseView['answers']
  /** Letters of each answer. */
  readonly letters: number
}

/** How many pairs, and how much of each answer, where all may have so many letters. */
function fitted({ answers }: ReleaseView, letters: number): Shown {
  const pairs = answers.slice(0, Math.max(1, Math.min(MOST_PAIRS, Math.floor(letters / (2 * LEAST)))))
  return { pairs, letters: Math.floor(letters / (2 * SPARE * pairs.length)) }
}

const textOf = (answer: WholeAnswer | null, letters: number): string =>
  answer === null ? 'no text or JSON' : shorten(answer.text.replaceAll('\r\n', '\n'), letters)

const titleOf = (name: string, answer: WholeAnswer | null): string =>
  answer === null ? name : `${name}, ${answer.status}`

function summary({ answers }: ReleaseView, shown: number): string {
  const differ = answers.filter((pair) => pair.differ).length
  return `Of the ${answers.length} pairs kept ${differ} ${differ === 1 ? 'disagrees' : 'disagree'}; ${shown} ${shown === 1 ? 'is' : 'are'} shown, all are in the JSON.`
}

export function answersSection(view: ReleaseView, most: number): string {
  const { pairs, letters } = fitted(view, most)
  const side = (name: string, answer: WholeAnswer | null) =>
    `<div><h4>${outside(titleOf(name, answer))}</h4><pre>${escaped(textOf(answer, letters), { lines: true })}</pre></div>`
  const one = (pair: ReleaseView['answers'][number]) =>
    `<h3><code>${escaped(pair.id)}</code> ${pair.differ ? 'disagree' : 'agree'}</h3><div class="two">${side(view.baseline?.name ?? 'baseline', pair.baseline)}${side(view.candidate.name, pair.candidate)}</div>\n`
  return `<p>${summary(view, pairs.length)}</p>\n${pairs.map(one).join('')}`
}

/** Empty where none are kept. */
export function answersText(view: ReleaseView, most: number): string {
  if (view.answers.length === 0) return ''
  const { pairs, letters } = fitted(view, most)
  const block = (text: string) => `\`\`\`\n${visible(text, { lines: true }).replaceAll('`', "'")}\n\`\`\`\n`
  const side = (name: string, answer: WholeAnswer | null) =>
    `\n${markdown(titleOf(name, answer))}:\n\n${block(textOf(answer, letters))}`
  const one = (pair: ReleaseView['answers'][number]) =>
    `\n### ${markdown(pair.id)}: ${pair.differ ? 'disagree' : 'agree'}\n${side(view.baseline?.name ?? 'baseline', pair.baseline)}${side(view.candidate.name, pair.candidate)}`
  return `\n## Whole answers\n\n${summary(view, pairs.length)}\n${pairs.map(one).join('')}`
}
