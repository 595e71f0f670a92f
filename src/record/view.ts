/** The journal of one release folded into the value that every view renders. Pure. */
import { type Examples, NO_EXAMPLES } from '../evidence/examples.ts'
import type { Counts } from '../evidence/types.ts'
import { gateNumbers } from '../gates/numbers.ts'
import type { GateNumbers, GateState } from '../gates/types.ts'
import { isoTime } from '../kit/when.ts'
import type { Lineage, ModelVersion } from '../model/types.ts'
import { FULL_PPM, type PlanGate, type PlanStep, type ReleasePlan } from '../plan/types.ts'
import { changesOf } from './changes.ts'
import type { JournalRow, Served } from './entries.ts'
import type { ReleaseSummary } from './fold.ts'
import type { KeptAnswers } from './kept.ts'
import { isNote, noteOf } from './notes.ts'
import { codeOf, exitOf } from './outcome.ts'
import { envFlag } from './release-id.ts'
import type { ReleaseRuntime, SetResult } from './runtime.ts'
import { affectedSentence, nowSentence, stepName, type Told } from './sentences.ts'
import { startedOf } from './started.ts'
import type { ChangeView, GateView, ReleaseView, StepCounts, TimelinePoint, VersionView } from './types.ts'
import { type Flow, minimumOf, nextSentence, wouldChange } from './what-next.ts'

/** What is known of a version beyond its digest; null for an outside baseline or one that was pruned. */
export interface KnownVersion {
  readonly version: ModelVersion
  readonly lineage: Lineage
}

export interface ViewInput {
  readonly summary: ReleaseSummary
  /** The release's rows, oldest first. */
  readonly rows: readonly JournalRow[]
  readonly runtime: ReleaseRuntime
  readonly points: readonly TimelinePoint[]
  readonly kept: KeptAnswers
  readonly candidate: KnownVersion | null
  readonly baseline: KnownVersion | null
  readonly quarantined: boolean
  /** Who serves the environment's users now. */
  readonly serving: Pick<Served, 'digest' | 'tag'> | null
  readonly now: number
}

const shortDigest = (digest: string): string => (digest.startsWith('sha256:') ? digest.slice(7, 19) : digest)
const nameOf = (served: Pick<Served, 'digest' | 'tag'>): string => served.tag ?? shortDigest(served.digest)

function versionView(served: Served, known: KnownVersion | null): VersionView {
  return {
    name: nameOf(served),
    digest: served.digest,
    lineage: known?.lineage ?? {},
    parameters: known?.version.header?.parameters ?? null,
    bytes: known ? known.version.files.reduce((sum, f) => sum + f.size, 0) : null,
  }
}

/** What came of each step, as it was counted; keys of the state are "step/kind", or "watch/kind" for the last step. */
function countsBySteps(gate: GateState | undefined, only: boolean, watch: number): StepCounts[] {
  const all: [string, Counts][] = gate ? Object.entries(only ? { ...gate.pending, ...gate.strata } : gate.strata) : []
  return all
    .map(([key, counts]) => ({ step: key.startsWith('watch/') ? watch : Number.parseInt(key, 10), counts }))
    .sort((a, b) => a.step - b.step)
}

function gateView(
  { steps }: ReleasePlan,
  gate: PlanGate,
  numbers: GateNumbers,
  { runtime, kept }: Pick<ViewInput, 'runtime' | 'kept'>,
  flow: Flow,
): GateView {
  const watch = steps.length - 1
  const verdict = runtime.verdicts[gate.name]
  const set = Object.values(runtime.asked).find((r) => r.gate === gate.name)
  const decided = verdict && (verdict.verdict === 'pass' || verdict.verdict === 'fail') ? verdict : null
  const { judge } = runtime.state
  return {
    plan: gate,
    numbers,
    decidedAt: decided?.at ?? null,
    decidedIn: decided?.step ?? null,
    steps: [
      ...countsBySteps(judge.gates[gate.name], Object.hasOwn(judge.sets, gate.name), watch),
      ...countsBySteps(judge.watch?.gates[gate.name], false, watch),
    ],
    wouldChange: wouldChange(gate, numbers, flow),
    ...examplesOf(set, kept.examples[gate.name]),
  }
}

/** Of a set, or of a gate of labels. */
function examplesOf(
  set: SetResult | undefined,
  { newlyWrong, newlyRight }: Examples = NO_EXAMPLES,
): Pick<GateView, 'newlyWrong' | 'newlyRight'> {
  if (set) return { newlyWrong: set.newlyWrong, newlyRight: set.newlyRight }
  return { newlyWrong: newlyWrong.map((one) => one.example), newlyRight: newlyRight.map((one) => one.example) }
}

function gateViews(plan: ReleasePlan, input: ViewInput, step: PlanStep | undefined): GateView[] {
  const { state, requestsPerSecond } = input.runtime
  const flow: Flow = { step, requestsPerSecond, over: state.status === 'concluded' }
  return plan.gates.map((g) => gateView(plan, g, gateNumbers(plan, state.judge, g.name), input, flow))
}

const changesBetween = ({ baseline, candidate }: ViewInput): ChangeView[] =>
  changesOf(baseline?.version ?? null, candidate?.version ?? null, baseline?.lineage, candidate?.lineage)

function standsBecause({ baseline, steps }: ReleasePlan, runtime: ReleaseRuntime): string | null {
  const { state } = runtime
  if (state.status === 'concluded') return null
  if (state.status === 'paused') return 'paused by a person'
  if (state.phase === 'start') return 'the candidate is starting'
  if (state.phase === 'sets') return 'the evaluation sets are being asked'
  const compared = (state.phase === 'steps' || state.phase === 'watch') && steps[0]?.kind !== 'swap'
  if (baseline && compared && !state.ready.baseline)
    return 'url' in baseline ? `${baseline.url} does not answer` : 'the baseline has no ready server'
  return null
}

function unjudgedLine(plan: ReleasePlan): string | null {
  const parts: string[] = []
  if (plan.noBaseline) parts.push(`compared with nothing (--no-baseline: ${plan.noBaseline.reason})`)
  else if (plan.baseline === null) {
    const sets = plan.gates.filter((g) => g.kind === 'quality' && 'set' in g.source).map((g) => g.name)
    parts.push(
      `first release: ${sets.length > 0 ? `judged by ${sets.join(', ')} alone` : 'readiness alone was judged'}; errors, latency and quality in traffic were not`,
    )
  }
  const waived = plan.gates.filter((g) => g.waived !== null)
  if (waived.length > 0) parts.push(`waived: ${waived.map((g) => `${g.name} (${g.waived})`).join(', ')}`)
  return parts.length > 0 ? parts.join('; ') : null
}

/** Who serves now, where it is not whom this release left users with. */
function servesSince(
  { serving }: ViewInput,
  outcome: ReleaseView['outcome'],
  candidate: VersionView,
  baseline: VersionView | null,
): string | null {
  const left = outcome === 'promoted' ? candidate : baseline
  if (outcome === null || serving === null || serving.digest === left?.digest) return null
  return nameOf(serving)
}

function askedSentence(heldUntil: number | null, paused: boolean, baseline: string | null): string | null {
  if (paused) return 'Resume it, or abort it.'
  if (heldUntil === null) return null
  return `Decide before ${isoTime(heldUntil).replace('T', ' ').replace('Z', ' UTC')}, or everyone goes back to ${baseline ?? 'what served before'}.`
}

function commandsOf(
  view: Pick<ReleaseView, 'status' | 'outcome' | 'release' | 'environment' | 'candidate' | 'code'>,
  quarantined: boolean,
  first: boolean,
): string[] {
  const env = envFlag(view.environment)
  const release = `${view.release}${env}`
  const abort = `slipway release abort ${release}`
  if (view.status === 'held') return [`slipway release accept ${release} --reason TEXT`, abort]
  if (view.status === 'paused') return [`slipway release resume ${release}`, abort]
  if (view.outcome === null) return [`slipway release watch ${release}`, abort]
  const report = `slipway release report ${release} --format html -o ${view.release}.html`
  if (view.outcome === 'promoted') return first ? [report] : [report, `slipway rollback${env}`]
  return quarantined ? [report, `slipway quarantine lift ${view.candidate.digest} --reason TEXT`] : [report]
}

/** Folds what is known of a release into its view. */
export function viewOf(input: ViewInput): ReleaseView {
  const { summary, rows, runtime, now } = input
  const started = startedOf(rows)!
  const { plan } = started
  const { state } = runtime
  const candidate = versionView(started.candidate, input.candidate)
  const baseline = started.baseline && plan.baseline ? versionView(started.baseline, input.baseline) : null
  const index = Math.max(0, Math.min(state.judge.step, plan.steps.length - 1))
  const { target, weightPpm } = state.split
  const heldUntil = state.status === 'held' && state.heldAt !== null ? state.heldAt + plan.holdMs : null
  const weight = target === 'candidate' ? FULL_PPM : weightPpm
  // Decided before users have arrived where it wants them: it is over only then.
  const outcome = state.status === 'concluded' ? state.outcome : null
  const told: Told = {
    candidate: candidate.name,
    baseline: baseline?.name ?? null,
    outcome,
    weightPpm: weight,
    requests: runtime.requests,
    since: servesSince(input, outcome, candidate, baseline),
    takebackMs: runtime.takebackMs,
    quarantined: input.quarantined,
    // One that was ended by hand was never looked at.
    baselineReady: state.exitsSeen === null || state.ready.baseline,
  }
  const split = runtime.measured[0] + runtime.measured[1]
  const code = outcome && state.cause ? codeOf(outcome, state.cause) : null
  const { environment } = summary
  const base = { status: state.status, outcome, release: summary.name, environment, candidate, code }
  return {
    ...base,
    model: plan.model,
    planHash: summary.planHash,
    plan,
    startedBy: summary.by,
    startedAt: summary.startedAt,
    endedAt: summary.endedAt,
    now,
    phase: state.phase,
    swap: state.swap,
    step: index,
    stepElapsedMs: Math.max(0, state.clockMs - state.judge.since * 1000),
    stepForMs: minimumOf(plan.steps[index]),
    clockMs: state.clockMs,
    timeStands: standsBecause(plan, runtime),
    cause: state.cause,
    exit: outcome && state.cause ? exitOf(outcome, state.cause) : null,
    baseline,
    weightPpm: weight,
    measuredShare: split >= 20 ? runtime.measured[1] / split : null,
    requestsPerSecond: runtime.requestsPerSecond,
    requests: runtime.requests,
    gates: gateViews(plan, input, plan.steps[index]),
    notes: rows.filter(isNote).map(noteOf),
    timeline: input.points,
    changes: changesBetween(input),
    affected: affectedSentence(told),
    nowSentence: nowSentence(told),
    asked: askedSentence(heldUntil, state.status === 'paused', baseline?.name ?? null),
    commands: commandsOf(base, input.quarantined, plan.baseline === null && plan.noBaseline === null),
    nextSentence: nextSentence(plan, state, stepName),
    takebackMs: runtime.takebackMs,
    unjudged: unjudgedLine(plan),
    heldUntil,
    answers: input.kept.pairs,
    quarantined: input.quarantined ? plan.candidate.digest : null,
  }
}
