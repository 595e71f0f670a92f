/** Releases of an environment and the rollbacks between them, newest first. */
import type { Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { isoTime } from '../kit/when.ts'
import { NONE, spokenTime } from '../record/figures.ts'
import type { ReleaseSummary } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import type { Status } from '../release/types.ts'
import { tableText } from './table.ts'

interface Named {
  readonly digest: string | null
  readonly tag: string | null
}
/** A person took users elsewhere while no release ran. */
export interface Move {
  readonly at: number
  readonly to: Named
  readonly from: Named
  /** null: not known any more. */
  readonly by: string | null
  readonly reason: string | null
}
export interface History {
  readonly environment: string
  readonly serving: string | null
  readonly releases: readonly (ReleaseSummary & { readonly status: Status })[]
  readonly moves: readonly Move[]
  /** Releases that are older than those shown. */
  readonly older: number
}

const short = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(7, 19) : digest)
const nameOf = ({ tag, digest }: Named): string => visible(tag ?? (digest === null ? NONE : short(digest)))
const began = (at: number): string => isoTime(at).replace('T', ' ')

const releaseRow = (r: History['releases'][number]): string[] => [
  visible(r.name),
  nameOf({ tag: r.candidateTag, digest: r.candidate }),
  nameOf({ tag: r.baselineTag, digest: r.baseline }),
  `${r.outcome ?? r.status}${r.accepted ? ` (${visible(r.accepted.join(', '))} accepted)` : ''}`,
  r.exit === null ? NONE : String(r.exit),
  r.blame === null ? NONE : visible(r.blame),
  began(r.startedAt),
  r.endedAt === null ? NONE : spokenTime(r.endedAt - r.startedAt),
  visible(r.by),
]
const moveRow = ({ at, to, from, by, reason }: Move): string[] => [
  NONE,
  nameOf(to),
  nameOf(from),
  'rollback',
  NONE,
  NONE,
  began(at),
  NONE,
  visible(`${by ?? NONE}${reason === null ? '' : `: ${reason}`}`),
]

export function historyText(history: History, screen: Screen): string {
  if (history.releases.length + history.moves.length === 0)
    return `no release in ${visible(history.environment)} yet\n  slipway release start${visible(envFlag(history.environment))}\n`
  const rows = [
    ...history.releases.map((r) => ({ at: r.startedAt, cells: releaseRow(r) })),
    ...history.moves.map((move) => ({ at: move.at, cells: moveRow(move) })),
  ]
    .sort((a, b) => b.at - a.at)
    .map(({ cells }) => cells)
  const head = ['release', 'version', 'against', 'outcome', 'exit', 'blamed', 'started', 'took', 'by']
  const more =
    history.older > 0
      ? `${history.older} older: slipway release history --limit ${history.releases.length + history.older}${visible(envFlag(history.environment))}\n`
      : ''
  const serves =
    history.serving === null ? '' : `${visible(history.serving)} serves in ${visible(history.environment)}\n`
  return `${tableText(head, rows, screen, [4])}${more}${serves}`
}
