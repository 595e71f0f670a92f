/** Releases of an environment, newest first. */
import type { Screen } from '../kit/screen.ts'
import { visible } from '../kit/text.ts'
import { isoTime } from '../kit/when.ts'
import { NONE, spokenTime } from '../record/figures.ts'
import type { ReleaseSummary } from '../record/fold.ts'
import { tableText } from './table.ts'

export interface History {
  readonly environment: string
  readonly serving: string | null
  readonly releases: readonly ReleaseSummary[]
  /** Releases that are older than those shown. */
  readonly older: number
}

const short = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(7, 19) : digest)
const nameOf = (tag: string | null, digest: string | null): string =>
  visible(tag ?? (digest === null ? NONE : short(digest)))

export function historyText(history: History, screen: Screen): string {
  if (history.releases.length === 0)
    return `no release in ${visible(history.environment)} yet\n  slipway release start\n`
  const rows = history.releases.map((r) => [
    visible(r.name),
    nameOf(r.candidateTag, r.candidate),
    nameOf(r.baselineTag, r.baseline),
    r.outcome ?? 'running',
    r.exit === null ? NONE : String(r.exit),
    r.blame === null ? NONE : visible(r.blame),
    isoTime(r.startedAt).replace('T', ' '),
    r.endedAt === null ? NONE : spokenTime(r.endedAt - r.startedAt),
    visible(r.by),
  ])
  const head = ['release', 'version', 'against', 'outcome', 'exit', 'blamed', 'started', 'took', 'by']
  const more =
    history.older > 0
      ? `${history.older} older: slipway release history --limit ${history.releases.length + history.older}\n`
      : ''
  const serves =
    history.serving === null ? '' : `${visible(history.serving)} serves in ${visible(history.environment)}\n`
  return `${tableText(head, rows, screen, [4])}${more}${serves}`
}
