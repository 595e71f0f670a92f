/** Tables without lines, for people. */
import Table from 'cli-table3'
import { paint, type Screen } from '../kit/screen.ts'
import { cut, shownOn } from './columns.ts'

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

/** Rows under their heads, each line with its end; cut to the screen. `right`: indexes of columns of numbers. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  screen: Screen,
  right: readonly number[] = [],
): string {
  // Colours are ours: the table's own would also go into pipes.
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
    chars: NO_LINES,
  })
  for (const row of rows) table.push([...row])
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => shownOn(screen, screen.width === null ? line : cut(line, screen.width)))
  return lines.map((line, i) => `${i === 0 ? paint(screen, 'dim', line) : line}\n`).join('')
}
