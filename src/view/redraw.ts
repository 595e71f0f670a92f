/** Lines redrawn in place on the terminal's other screen: only those that changed are written. */

/** What stands on the screen now. */
export interface Drawn {
  readonly lines: readonly string[]
  readonly columns: number
  readonly rows: number
}

/** To the other screen, without a cursor; and back, where everything is as it was. */
export const ENTER = '\u001b[?1049h\u001b[?25l\u001b[2J'
export const LEAVE = '\u001b[0m\u001b[?25h\u001b[?1049l'

const at = (row: number): string => `\u001b[${row + 1};1H`

/** Where there are fewer rows than lines, the last line (the keys) stays and the middle goes. */
const fitting = (lines: readonly string[], rows: number): readonly string[] =>
  lines.length <= rows ? lines : rows < 2 ? lines.slice(0, rows) : [...lines.slice(0, rows - 1), lines.at(-1)!]

/** What to write so that `lines` stand there, and what stands there then. `before` null: nothing yet. A new size draws all of it. */
export function redraw(
  before: Drawn | null,
  lines: readonly string[],
  size: { readonly columns: number; readonly rows: number },
): { readonly text: string; readonly drawn: Drawn } {
  const now = fitting(lines, size.rows)
  const same = before !== null && before.columns === size.columns && before.rows === size.rows
  let text = same || before === null ? '' : '\u001b[2J'
  for (let row = 0; row < Math.max(now.length, same ? before.lines.length : 0); row++) {
    const line = now[row] ?? ''
    if (!same || before.lines[row] !== line) text += `${at(row)}${line}\u001b[0m\u001b[K`
  }
  return { text, drawn: { lines: now, columns: size.columns, rows: size.rows } }
}
