/** What a text is rendered for, and the few colours that it may have. */

export interface Screen {
  /** Columns; null where nobody looks (a pipe, a file): then nothing is cut. */
  readonly width: number | null
  readonly colour: boolean
  /** False where the locale is not UTF-8: ASCII only. */
  readonly unicode: boolean
}

export const PLAIN: Screen = { width: null, colour: false, unicode: true }

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
} as const
export type Colour = keyof typeof CODES

/** The text in a colour, or as it is on a screen without. */
export function paint(screen: Screen, colour: Colour, text: string): string {
  if (!screen.colour || text === '') return text
  const [on, off] = CODES[colour]
  return `\u001b[${on}m${text}\u001b[${off}m`
}
