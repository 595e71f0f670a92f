import { visible } from '../kit/text.ts'

/** What was asked, and how to undo it. */
export function askedText(result: { readonly text: string; readonly undo: string | null }): string {
  const lines = [visible(result.text)]
  if (result.undo) lines.push(`undo: ${result.undo}`)
  return `${lines.join('\n')}\n`
}
