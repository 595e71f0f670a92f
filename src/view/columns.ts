/** Text on screens: columns it takes, cut to a width, and in ASCII where there is nothing else. */
import type { Screen } from '../kit/screen.ts'

const PAINT = /\u001b\[\d+m/g
/** East Asian wide and emoji blocks; good enough to keep lines inside a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u
const COMBINING = /\p{Mn}|\p{Me}/u

const columnsOfChar = (char: string): number => (COMBINING.test(char) ? 0 : WIDE.test(char) ? 2 : 1)

/** Columns of a text; paint takes none. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const char of text.replace(PAINT, '')) columns += columnsOfChar(char)
  return columns
}

/** At most `width` columns, with an ellipsis where it was cut; paint is closed. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  let kept = ''
  let columns = 0
  let painted = false
  for (const part of text.split(/(\u001b\[\d+m)/)) {
    if (part.startsWith('\u001b')) {
      kept += part
      painted = true
      continue
    }
    for (const char of part) {
      columns += columnsOfChar(char)
      if (columns > width - 1) return `${kept}…${painted ? '\u001b[0m' : ''}`
      kept += char
    }
  }
  return kept
}

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columnsOf(text)))
export const rightAligned = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - columnsOf(text))) + text

const ASCII: Readonly<Record<string, string>> = {
  '\u2212': '-',
  '…': '~',
  '█': '#',
  '░': '.',
  '×': 'x',
  '✓': '+',
  '→': '>',
  '—': '-',
  '–': '-',
  '’': "'",
  '“': '"',
  '”': '"',
  '\u00a0': ' ',
}

/** The text as a screen without Unicode can show it: what it does not know becomes `?`. */
export function shownOn({ unicode }: Pick<Screen, 'unicode'>, text: string): string {
  return unicode ? text : text.replace(/[^\x00-\x7f]/gu, (char) => ASCII[char] ?? '?')
}

/** Words broken into lines of at most `width` columns; lines after the first begin with `indent`. */
export function wrapped(text: string, width: number | null, indent = ''): string {
  if (width === null) return text
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > width) {
      lines.push(line)
      line = `${indent}${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}
