/** Requests of commands answered by the host: starts of releases, and what persons ask. */
import type { SlipwayError } from '../errors.ts'
import type { ReleasePlan } from '../plan/types.ts'
import type { Entry, NewRow, RequestData, Served } from '../record/entries.ts'
import type { EnvironmentState, PendingRequest, ProjectState } from '../record/fold.ts'
import { environmentOf, nextNumber } from '../record/fold.ts'
import { quarantined, releaseRunning } from '../record/refusals.ts'
import type { ReleaseRuntime } from '../record/runtime.ts'
import { begin } from '../release/engine.ts'

export type StartRequest = Extract<RequestData, { verb: 'start' }>

/** A row of the journal. */
export const row = (at: number, environment: string, release: string, entry: Entry): NewRow => ({
  at,
  environment,
  release,
  ...entry,
})

/** The host's answer to a request. */
export const answer = (
  at: number,
  request: PendingRequest,
  result: { release?: string; refused?: SlipwayError; text?: string },
): NewRow =>
  row(at, request.environment, result.release ?? request.release, {
    kind: 'answer',
    data: {
      request: request.data.id,
      release: result.release ?? (request.release === '' ? null : request.release),
      refused: result.refused
        ? { code: result.refused.code, message: result.refused.message, next: result.refused.next }
        : null,
      text: result.text ?? null,
    },
  })

const sameVersion = (a: Served | null, b: Served | null): boolean => (a?.digest ?? null) === (b?.digest ?? null)

/** Why a start is refused now, or null. What the command checked may have changed since. */
export function startRefusal(state: ProjectState, request: PendingRequest, data: StartRequest): SlipwayError | null {
  const environment = environmentOf(state, request.environment)
  const digest = data.plan.candidate.digest
  const held = Object.hasOwn(state.quarantine, digest) ? state.quarantine[digest] : undefined
  if (held) return quarantined(data.plan.candidate.tag ?? digest, held)
  if (!environment.active || data.replace) return null
  return releaseRunning(environment.releases.find((r) => r.name === environment.active)!)
}

/** True where the baseline that the plan names no longer serves. */
export function baselineMoved(environment: EnvironmentState, data: StartRequest): boolean {
  if (data.baseline?.outside) return false
  // A baseline that slipway.yaml names is started by its first release.
  if (data.baseline && !environment.serving) return false
  const expected = data.baseline ?? (data.plan.noBaseline ? environment.serving : null)
  return !sameVersion(environment.serving, expected)
}

/** Of a release of which nothing was seen yet. */
export const newRuntime = (plan: ReleasePlan, at: number): ReleaseRuntime => ({
  state: begin(plan, at),
  asked: {},
  setAnswers: {},
  boot: null,
  counted: {},
  taken: {},
  noise: {},
  verdicts: {},
  requests: { total: 0, candidate: 0, failed: 0, candidateFailed: 0, baseline: 0, baselineFailed: 0 },
  codes: {},
  requestsPerSecond: 0,
  measured: [0, 0],
  takebackMs: null,
  lastPointAt: 0,
  other: null,
})

/** Rows and snapshot that begin a release. */
export function startRelease(
  state: ProjectState,
  request: PendingRequest,
  data: StartRequest,
  at: number,
): { name: string; rows: NewRow[]; runtime: ReleaseRuntime } {
  const n = nextNumber(environmentOf(state, request.environment), data.plan.model)
  const name = `${data.plan.model}-${n}`
  const rows = [
    row(at, request.environment, name, {
      kind: 'started',
      data: {
        n,
        plan: data.plan,
        planHash: data.planHash,
        by: data.by,
        candidate: data.candidate,
        baseline: data.baseline,
        settings: data.settings,
      },
    }),
    answer(at, request, { release: name }),
  ]
  return { name, rows, runtime: newRuntime(data.plan, at) }
}
