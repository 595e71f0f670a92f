/** One look at the world for one release: readings, labels and sets become one event of the engine. */

import type { ErrorCode } from '../errors.ts'
import { FAILED, MOVED } from '../evidence/codes.ts'
import { differences, unread } from '../evidence/translate.ts'
import type { Evidence, Reading } from '../evidence/types.ts'
import { gateKind } from '../gates/index.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { Served } from '../record/entries.ts'
import type { EnvironmentRuntime, ReleaseRuntime, UsersRequests } from '../record/runtime.ts'
import { setsToAsk } from '../release/shape.ts'
import type { LookEvent, VersionSeen } from '../release/types.ts'
import type { Driven } from './orders.ts'

const NONE: VersionSeen & { exits: number } = { ready: false, stopped: true, exits: 0, failed: null }

/** Does a server outside answer? `before`: what was known of it. */
export type OutsideReady = (served: Served, before: boolean) => boolean

function side(
  served: Served | null,
  statuses: readonly VersionStatus[],
  outside: (served: Served) => boolean,
): VersionSeen & { readonly exits: number } {
  if (!served) return NONE
  if (served.outside) return { ready: outside(served), stopped: false, exits: 0, failed: null }
  const status = statuses.find((s) => s.digest === served.digest)
  if (!status) return NONE
  const why = status.why ?? 'it failed'
  return {
    ready: status.readyReplicas > 0,
    stopped: status.state === 'stopped',
    exits: status.unaskedExits,
    failed: status.state === 'failed' ? { code: (status.code ?? 'NEVER_READY') as ErrorCode, why } : null,
  }
}

/** No reading is no number: the gates that the present step counts for are in error until the next one. */
function missing({ plan, runtime }: Driven): Evidence[] {
  const { split, everObserved, phase } = runtime.state
  if (!everObserved || (phase !== 'steps' && phase !== 'watch')) return []
  const counted = plan.gates.filter(
    (gate) => gateKind(gate.kind).counterSpec(gate) !== null && stepAsks(plan, split.step, gate.name),
  )
  return unread(
    counted.map((gate) => gate.name),
    split.step,
    'the data plane gives no reading',
  )
}

function stepAsks(plan: ReleasePlan, index: number, gate: string): boolean {
  const step = plan.steps[index]
  if (!step) return false
  return step.kind === 'shadow' ? Object.hasOwn(step.pairs, gate) : step.gates.includes(gate)
}

/** Evidence of the counters since the last look, and what was counted so far. */
export function counterEvidence(
  driven: Driven,
  reading: Reading | null,
): { evidence: Evidence[]; boot: string | null; counted: ReleaseRuntime['counted'] } {
  const { runtime } = driven
  if (!reading) return { evidence: missing(driven), boot: runtime.boot, counted: runtime.counted }
  const mine = reading.gates.filter((g) => g.release === driven.name)
  const { evidence, counted } = differences(reading.boot === runtime.boot ? runtime.counted : {}, mine)
  return { evidence, boot: reading.boot, counted }
}

/** Set results that the engine has not taken yet: judged once, repeated until the judge has them. */
export function setEvidence(driven: Driven): { evidence: Evidence[]; unanswered: string | null } {
  const { judge } = driven.runtime.state
  const evidence: Evidence[] = []
  let unanswered: string | null = null
  for (const result of Object.values(driven.runtime.asked)) {
    if (judge.sets[result.gate] == null) evidence.push({ gate: result.gate, step: -1, block: result.counts })
    unanswered ??= result.unanswered
  }
  return { evidence, unanswered }
}

/** Which versions have answered every line of the sets that they are asked. A failure to ask or to score is no answer. */
function answeredBy({ plan, runtime }: Driven): LookEvent['answered'] {
  const done = (set: string) => runtime.asked[set] !== undefined && !('error' in runtime.asked[set].counts)
  const all = (side: 'baseline' | 'candidate') =>
    setsToAsk(plan, {}).every((set) => done(set) || runtime.setAnswers[set]?.[side] !== undefined)
  return { baseline: all('baseline'), candidate: all('candidate') }
}

/** The event of a look. `evidence` holds counters, labels, agreement and sets together. */
export function lookEvent(
  driven: Driven,
  environment: EnvironmentRuntime,
  statuses: readonly VersionStatus[],
  reading: Reading | null,
  epoch: number,
  evidence: readonly Evidence[],
  unanswered: string | null,
  at: number,
  ready: OutsideReady,
): LookEvent {
  const agreed = reading !== null && reading.epoch === epoch && reading.revision === environment.revision
  const { other, state } = driven.runtime
  // On their way back users go to a server outside whatever it says: nobody else will start it.
  const outside = (before: boolean) => (served: Served) => ready(served, before) || state.phase === 'end'
  return {
    kind: 'look',
    at,
    candidate: side(driven.candidate, statuses, outside(false)),
    baseline: side(driven.baseline, statuses, outside(state.ready.baseline)),
    ...(other ? { other: side(other, statuses, outside(state.ready.other)) } : {}),
    applied: agreed ? environment.applied : null,
    evidence,
    answered: answeredBy(driven),
    unanswered,
  }
}

/** Cumulative codes by who answered. */
const codesOf = ({
  versions,
  refused,
}: Reading): [digest: string | null, key: string, Readonly<Record<string, number>>][] => [
  ...versions.map(({ digest, role, codes }) => [digest, `${digest} ${role}`, codes] as [string, string, typeof codes]),
  [null, 'ours', { refused: refused ?? 0 }],
]

type Sides = Pick<Required<UsersRequests>, 'candidateFailed' | 'baseline' | 'baselineFailed'>

/** What each version did, with what came; nothing where an older host began to count without it. */
function sides({ candidateFailed, baseline, baselineFailed }: UsersRequests, more: Sides): Partial<Sides> {
  if (candidateFailed === undefined || baseline === undefined || baselineFailed === undefined) return {}
  return {
    candidateFailed: candidateFailed + more.candidateFailed,
    baseline: baseline + more.baseline,
    baselineFailed: baselineFailed + more.baselineFailed,
  }
}

/** Requests of users and their rate, from cumulative codes. */
export function trafficOf(
  driven: Driven,
  reading: Reading | null,
  elapsedMs: number,
): Pick<ReleaseRuntime, 'requests' | 'codes' | 'requestsPerSecond' | 'measured'> {
  const { runtime } = driven
  if (!reading) return runtime
  let { total, candidate, failed } = runtime.requests
  let [candidateFailed, baseline, baselineFailed] = [0, 0, 0]
  const fresh = runtime.boot === null
  let now = 0
  const codes: Record<string, Record<string, number>> = {}
  for (const [digest, key, cumulative] of codesOf(reading)) {
    codes[key] = { ...cumulative }
    // The first pull of a release holds what came before it.
    const before = reading.boot === runtime.boot || fresh ? runtime.codes[key] : {}
    if (fresh && before === undefined) continue
    for (const [code, n] of Object.entries(cumulative)) {
      if (code === MOVED) continue
      const more = Math.max(0, n - (before?.[code] ?? 0))
      now += more
      const bad = FAILED.has(code) ? more : 0
      failed += bad
      // What a full version did not take it did not answer.
      if (code === 'full') continue
      if (digest === driven.candidate.digest) {
        candidate += more
        candidateFailed += bad
      } else if (digest === driven.baseline?.digest) {
        baseline += more
        baselineFailed += bad
      }
    }
  }
  total += now
  const rate = elapsedMs > 0 ? (now * 1000) / elapsedMs : 0
  const smooth =
    elapsedMs > 0
      ? runtime.requestsPerSecond + (rate - runtime.requestsPerSecond) * Math.min(1, elapsedMs / 3000)
      : runtime.requestsPerSecond
  return {
    requests: { total, candidate, failed, ...sides(runtime.requests, { candidateFailed, baseline, baselineFailed }) },
    codes,
    requestsPerSecond: fresh ? rate : smooth,
    measured: reading.split,
  }
}
