/** What earlier releases of an environment tell about labels and about the version that serves now. */

import type { EnvironmentConfig } from '../config/types.ts'
import { BATCH_MINUTES } from '../evidence/bursts.ts'
import { evaluatorKind, scoresOf } from '../evidence/evaluators/index.ts'
import { poolOf } from '../evidence/pool.ts'
import type { LabelledKeys, MinuteRow, Together, TrafficSeen } from '../evidence/traffic.ts'
import type { Counts } from '../evidence/types.ts'
import type { Joined } from '../io/answers.ts'
import type { ModelVersion } from '../model/types.ts'
import type { EnvironmentState, ProjectState } from '../record/fold.ts'
import { releaseKey, runtimeOf } from '../record/release-id.ts'
import { type KeptKeys, keysKey } from '../record/runtime.ts'
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

/** Minutes that bursts are reckoned from. */
const BURST_MINUTES = 120
const MOST_ROWS = 20_000

/** The newest labelled answers outside of releases and of the last one, from a moment on from which none is left out; by time. */
function labelledRows({ answers }: Pick<Project, 'answers'>, name: string, here: EnvironmentState): Joined[] {
  const last = here.releases.at(-1)
  const lists = [poolOf(name), ...(last ? [releaseKey(last)] : [])].map((kept) => answers.newestJoined(kept, MOST_ROWS))
  const cut = lists.filter((list) => list.length === MOST_ROWS).map(([first]) => first!.answer.at)
  const since = Math.max(0, ...cut)
  return lists
    .flat()
    .filter(({ answer }) => answer.at >= since)
    .sort((a, b) => a.answer.at - b.answer.at)
}

/** What bursts of the version `baseline` are reckoned from. Commands as evaluators are not run for it. */
export function togetherOf(
  project: Pick<Project, 'journal' | 'answers' | 'clock'>,
  { name, serving, release }: EnvironmentConfig,
  here: EnvironmentState,
  baseline: string,
): Together {
  if (serving.sticky === null) {
    const now = Math.floor(project.clock.now() / 60_000)
    const rows = project.journal.minutes(name, now - BURST_MINUTES) as MinuteRow[]
    // The batch that runs is not whole.
    return { keys: null, minutes: rows.filter(({ minute }) => minute < now - (now % BATCH_MINUTES)), labelled: {} }
  }
  const keys = (project.journal.snapshot(keysKey(name)) ?? []) as readonly KeptKeys[]
  const rows = labelledRows(project, name, here).filter(
    ({ answer }) => answer.digest === baseline && answer.sticky !== undefined && answer.user !== undefined,
  )
  const [first, newest] = [rows[0], rows.at(-1)]
  const ms = first && newest ? newest.answer.at - first.answer.at : 0
  const labelled: Record<string, LabelledKeys> = {}
  for (const gate of release.gates ?? []) {
    if (gate.kind !== 'quality' || !('labels' in gate.source)) continue
    const evaluator = gate.evaluator ?? { kind: 'exact-match' }
    const fit = rows.filter(({ label }) => evaluatorKind(evaluator.kind).unfit(label) === null)
    const items = fit.map(({ answer, label }) => ({ id: answer.id, request: null, answer: answer.user, expect: label }))
    const scores = scoresOf(evaluator, items) ?? []
    labelled[gate.name] = { ms, scores: scores.map((score, i) => ({ key: fit[i]!.answer.sticky!, bad: 1 - score })) }
  }
  return { keys: keys.find(({ digest }) => digest === baseline) ?? null, minutes: [], labelled }
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
