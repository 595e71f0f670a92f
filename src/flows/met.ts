/** What users of an environment met: in a release and since, or lately. */
import { type Minutes, metIn, worstMinute } from '../evidence/met.ts'
import type { MinuteRow } from '../evidence/traffic.ts'
import { type EnvironmentState, environmentOf, type ProjectState } from '../record/fold.ts'
import type { ReleaseView } from '../record/types.ts'
import type { UsersMet, UsersWindow } from '../view/met.ts'
import type { Project } from './project.ts'

const MINUTE_MS = 60_000
const HOUR = 60
const DAY = 24 * HOUR

/** Tags by digest, the latest last. */
function namesOf({ releases, serving, former }: EnvironmentState): Map<string, string> {
  const names = new Map<string, string>()
  for (const { candidate, candidateTag } of releases) if (candidateTag !== null) names.set(candidate, candidateTag)
  for (const served of [former, serving]) if (served?.tag) names.set(served.digest, served.tag)
  return names
}

const short = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(7, 19) : digest)

type Asked = Pick<ReleaseView, 'startedAt' | 'endedAt' | 'requests' | 'candidate' | 'baseline' | 'now'>

/** The release's own counts, for minutes hold what came before and after; null: an older host did not keep them. */
function inRelease({ requests, candidate, baseline, ...view }: Asked): UsersWindow | null {
  const { candidateFailed, baseline: answered, baselineFailed } = requests
  if (candidateFailed === undefined || answered === undefined || baselineFailed === undefined) return null
  const times = { p50Ms: null, p95Ms: null }
  const { name, digest } = candidate
  const versions = [
    { name, digest, requests: requests.candidate, failed: candidateFailed, ...times },
    ...(baseline === null
      ? []
      : [{ name: baseline.name, digest: baseline.digest, requests: answered, failed: baselineFailed, ...times }]),
  ]
  const met = versions.filter((one) => one.requests > 0).sort((a, b) => b.requests - a.requests)
  return { what: 'release', from: view.startedAt, to: view.endedAt ?? view.now, versions: met }
}

/** Windows of whole minutes that are asked for: since a release ended; and lately, where that is more than a part of it. */
function windowsOf(view: Asked | null, now: number): [UsersWindow['what'], Minutes][] {
  const lately: [UsersWindow['what'], Minutes][] = [
    ['hour', { from: now - HOUR + 1, to: now }],
    ['day', { from: now - DAY + 1, to: now }],
  ]
  if (view === null) return lately
  const ended = view.endedAt === null ? now : Math.floor(view.endedAt / MINUTE_MS)
  const since = now - ended
  const after: [UsersWindow['what'], Minutes][] = since > 0 ? [['since', { from: ended + 1, to: now }]] : []
  return [...after, ...lately.filter(([what]) => since > (what === 'hour' ? HOUR : DAY))]
}

/** `view`: the release that is asked about; null: none. null comes back where no count is kept. */
export function usersMet(
  { journal, clock }: Pick<Project, 'journal' | 'clock'>,
  state: ProjectState,
  environment: string,
  view: Asked | null,
): UsersMet | null {
  const now = Math.floor(clock.now() / MINUTE_MS)
  const asked = windowsOf(view, now)
  const started = view === null ? now : Math.floor(view.startedAt / MINUTE_MS)
  const from = Math.min(started, ...asked.map(([, minutes]) => minutes.from))
  const rows = journal.minutes(environment, from) as MinuteRow[]
  const names = namesOf(environmentOf(state, environment))
  const named = <T extends { readonly digest: string }>(one: T) => ({
    ...one,
    name: names.get(one.digest) ?? short(one.digest),
  })
  const own = view === null ? null : inRelease(view)
  const byMinute = asked.map(([what, minutes]) => ({
    what,
    from: minutes.from * MINUTE_MS,
    to: (minutes.to + 1) * MINUTE_MS,
    versions: metIn(rows, minutes).map(named),
  }))
  const windows = [...(own ? [own] : []), ...byMinute].filter(({ versions }) => versions.length > 0)
  const worst = worstMinute(rows, { from, to: now })
  if (windows.length === 0) return null
  if (worst === null) return { windows, worst }
  const { minute, ...rest } = worst
  return { windows, worst: named({ at: minute * MINUTE_MS, ...rest }) }
}
