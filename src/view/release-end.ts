import type { Screen } from '../kit/screen.ts'
import { paint } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { headline } from '../record/headline.ts'
import type { ReleaseView } from '../record/types.ts'
import { askedText } from './asked.ts'

/** The end of a wait: outcome and cause, who was affected, what to type next. */
export function releaseEndText(
  end: { readonly text: string; readonly view: ReleaseView | null; readonly undo?: string | null },
  screen: Screen,
): string {
  const { view } = end
  if (!view) return askedText({ text: end.text, undo: end.undo ?? null })
  const lines = [paint(screen, 'bold', visible(`${view.release}  ${headline(view)}`))]
  if (view.unjudged) lines.unshift(visible(view.unjudged))
  lines.push(
    ...[view.affected, view.nowSentence, ...view.commands.map((command) => `  ${command}`)].map((line) =>
      visible(line),
    ),
  )
  return `${lines.join('\n')}\n`
}
