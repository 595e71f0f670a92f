/** Is a file text, and what stands in it? Read in pieces, never as a whole. */
import { type Bytes, slice } from './bytes.ts'

const PIECE = 2 ** 20
/** Pieces overlap by this much, so that a pattern is not cut. */
const OVERLAP = 256

export interface TextFacts {
  /** UTF-8 without NUL. */
  readonly text: boolean
  /** Index of the first pattern that was found; null: none. */
  readonly found: number | null
}

export async function textFacts(bytes: Bytes, patterns: readonly RegExp[]): Promise<TextFacts> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let carried = ''
  for (let at = 0; at < bytes.size; ) {
    const piece = await slice(bytes, at, PIECE)
    if (piece.length === 0) break
    at += piece.length
    if (piece.includes(0)) return { text: false, found: null }
    try {
      carried += decoder.decode(piece, { stream: at < bytes.size })
    } catch {
      return { text: false, found: null }
    }
    const found = patterns.findIndex((pattern) => pattern.test(carried))
    if (found !== -1) return { text: true, found }
    carried = carried.slice(-OVERLAP)
  }
  return { text: true, found: null }
}

/** The first characters, where the beginning is printable text; else null. */
export function textHead(head: Uint8Array): string | null {
  // A character cut at the end of the head is no fault of the text.
  const text = new TextDecoder('utf-8').decode(head).replace(/\ufffd{1,3}$/, '')
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.test(text) ? null : text
}
