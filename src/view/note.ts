import { visible } from '../kit/text.ts'
import { clockTime } from '../kit/when.ts'
import type { NoteView } from '../record/types.ts'

/** One line of a release's life: time, release, what, why. */
export const noteLine = (release: string, note: NoteView): string =>
  `${clockTime(note.at)}  ${release}  ${note.what}  ${visible(note.text)}`
