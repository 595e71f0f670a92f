/** What users met, version by version, in a few lines. */
import type { Met } from '../evidence/met.ts'
import { visible } from '../kit/text.ts'
import { formatCount, formatShare } from '../kit/units.ts'
import { isoTime } from '../kit/when.ts'
import { NONE, spokenTime } from '../record/figures.ts'
import { padded, rightAligned } from './columns.ts'

/** Times are wall ms; windows are made of whole minutes, but for the release, of which the times are not kept. */
export interface UsersWindow {
  readonly what: 'release' | 'since' | 'hour' | 'day'
  readonly from: number
  readonly to: number
  /** Who answered most first. */
  readonly versions: readonly (Met & { readonly name: string })[]
}
export interface UsersMet {
  /** Those in which somebody asked something. */
  readonly windows: readonly UsersWindow[]
  /** The minute of them in which most requests failed; null: none did. */
  readonly worst: {
    readonly at: number
    readonly digest: string
    readonly name: string
    readonly requests: number
    readonly failed: number
  } | null
}

function titleOf({ what, from, to }: UsersWindow): string {
  switch (what) {
    case 'release':
      return 'in the release'
    case 'since':
      return `since, ${spokenTime(to - from)}`
    case 'hour':
      return 'in the last hour'
    case 'day':
      return 'in the last day'
  }
}

/** `4.8 ms`, `1.2 s`: a bound of the grid. */
const time = (ms: number | null): string =>
  ms === null ? NONE : ms < 1000 ? `${Number(ms.toPrecision(2))} ms` : spokenTime(ms)

const rowOf = (title: string, met: UsersWindow['versions'][number]): string[] => [
  title,
  visible(met.name),
  `${formatCount(met.requests)} ${met.requests === 1 ? 'request' : 'requests'}`,
  `${formatShare(met.failed / met.requests, 2)} failed`,
  ...(met.p50Ms === null ? ['', ''] : [`p50 ${time(met.p50Ms)}`, `p95 ${time(met.p95Ms)}`]),
]

export function usersText({ windows, worst }: UsersMet): string {
  const rows = windows.flatMap((window) => window.versions.map((met, i) => rowOf(i === 0 ? titleOf(window) : '', met)))
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => [...row[k]!].length)))
  const lines = rows.map((row) =>
    row
      .map((cell, k) => (k < 2 ? padded(cell, widths[k]!) : rightAligned(cell, widths[k]!)))
      .join('  ')
      .trimEnd(),
  )
  const when = worst && `${isoTime(worst.at).slice(0, 16).replace('T', ' ')} UTC`
  const most = worst
    ? [
        `worst minute: ${when}, ${visible(worst.name)} failed ${formatCount(worst.failed)} of ${formatCount(worst.requests)}`,
      ]
    : []
  return [
    'What users met (judged requests; whole minutes but for the release; minutes are kept for 7 days):',
    ...[...lines, ...most].map((line) => `  ${line}`),
  ].join('\n')
}
