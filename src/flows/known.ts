/** What earlier releases of an environment tell about labels and about the version that serves now. */

import type { TrafficSeen } from '../evidence/traffic.ts'
import type { Counts } from '../evidence/types.ts'
import type { ModelVersion } from '../model/types.ts'
import type { EnvironmentState, ProjectState } from '../record/fold.ts'
import { releaseKey, runtimeOf } from '../record/release-id.ts'
import type { Project } from './project.ts'

/** Fewer answers tell nothing. */
const FEW = 50

/** Bad answers and all of one side in one block of counts. */
function side(counts: Counts, candidate: boolean): { bad: number; total: number } {
  if (counts.kind === 'pairs') return { bad: counts.x11 + (candidate ? counts.x10 : counts.x01), total: counts.n }
  return candidate ? { bad: counts.xc, total: counts.nc } : { bad: counts.xb, total: counts.nb }
}

/** Share of answers that got a label in the last release, and by gate how the version that serves was judged in it. */
export function knownOf(project: Project, here: EnvironmentState): Pick<TrafficSeen, 'labelledShare' | 'judged'> {
  const last = here.releases.filter((r) => r.endedAt !== null && r.baseline !== null).at(-1)
  const runtime = last && runtimeOf(project.journal, last)
  if (!last || !runtime) return { labelledShare: null, judged: {} }
  const shares = project.answers.labelledShares(releaseKey(last))
  const answers = shares.reduce((sum, s) => sum + s.answers, 0)
  const labelled = shares.reduce((sum, s) => sum + s.labelled, 0)
  const candidate = here.serving?.digest === last.candidate
  const judged: Record<string, { bad: number; total: number }> = {}
  for (const [gate, state] of Object.entries(runtime.state.judge.gates)) {
    const all = Object.values(state.strata).map((counts) => side(counts, candidate))
    const total = all.reduce((sum, s) => sum + s.total, 0)
    if (total >= FEW) judged[gate] = { bad: all.reduce((sum, s) => sum + s.bad, 0), total }
  }
  return { labelledShare: answers >= FEW && labelled > 0 ? labelled / answers : null, judged }
}

/** A note where a quarantined version has the same weights under another digest. */
export function sameWeights(state: ProjectState, version: ModelVersion): string[] {
  const mine = version.files
    .filter((f) => f.weight)
    .map((f) => f.sha256)
    .sort()
    .join()
  if (mine === '') return []
  return Object.values(state.quarantine)
    .filter((held) => held.digest !== version.digest && [...held.weights].sort().join() === mine)
    .map((held) => `its weights are those of ${held.tag ?? held.digest}, which is quarantined: ${held.reason}`)
}
