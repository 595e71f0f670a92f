/** What happened to a release besides its gates: marks above the timeline, in as few lanes as they fit. */

import { shorten } from '../../kit/text.ts'
import { spokenTime } from '../../record/figures.ts'
import type { NoteView, ReleaseView } from '../../record/types.ts'

/** ms since the start. */
export interface Happening {
  readonly from: number
  readonly to: number
  readonly text: string
}
export interface Placed extends Happening {
  /** From 0, topmost first. */
  readonly lane: number
  /** The text stands left of the mark. */
  readonly left: boolean
  readonly number: number
}

const SHOWN: readonly NoteView['what'][] = [
  'fault',
  'server',
  'host',
  'data-plane',
  'held',
  'paused',
  'resumed',
  'advanced',
  'accepted',
]
const LONGEST = 60
const LANES = 3
/** Plot of 600 px, letters of 6.3 px. */
const LETTER = 6.3 / 600

function happenings(view: ReleaseView): Happening[] {
  const found: Happening[] = []
  for (const note of view.notes) {
    const asksToEnd = note.what === 'person' && /asks: (abort|rollback)/.test(note.text)
    if (!SHOWN.includes(note.what) && !asksToEnd) continue
    const at = Math.max(0, note.at - view.startedAt)
    const open = found.findLast((one) => one.text.startsWith('paused'))
    if (note.what === 'resumed' && open) {
      found[found.indexOf(open)] = { ...open, to: at }
      continue
    }
    found.push({ from: at, to: at, text: shorten(note.text, LONGEST) })
  }
  return found
}

/** Equal ones become one: "exited 4 times". */
function merged(all: readonly Happening[]): Happening[] {
  const same = new Map<string, Happening[]>()
  for (const one of all) same.set(one.text, [...(same.get(one.text) ?? []), one])
  return [...same.values()].map((group) =>
    group.length === 1
      ? group[0]!
      : { from: group[0]!.from, to: group.at(-1)!.to, text: `${group[0]!.text} (${group.length} times)` },
  )
}

function lanes(all: readonly Happening[], totalMs: number): Placed[] {
  const ends: number[] = []
  return all.map((one, i) => {
    const [from, to] = [one.from / totalMs, one.to / totalMs]
    const width = one.text.length * LETTER + 0.02
    const left = to + width > 1.12 && from - width > -0.04
    const [begin, end] = left ? [from - width, to] : [from, to + width]
    let lane = ends.findIndex((taken) => taken <= begin)
    if (lane === -1) lane = ends.length
    ends[lane] = end
    return { ...one, lane, left, number: i + 1 }
  })
}

/** Placed in at most three lanes: what finds no room, even merged, stands in the journal alone. */
export function events(view: ReleaseView, totalMs: number): Placed[] {
  const all = happenings(view)
  const first = lanes(all, totalMs)
  if (first.every(({ lane }) => lane < LANES)) return first
  return lanes(merged(all), totalMs).filter(({ lane }) => lane < LANES)
}

export const eventLine = ({ from, to, text }: Happening): string =>
  `${spokenTime(from)}${to > from ? ` to ${spokenTime(to)}` : ''}: ${text}`
