/** What commands asked for, answered one by one. */
import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import { sameIntent } from '../plan/intent.ts'
import type { RequestData } from '../record/entries.ts'
import type { EnvironmentState, PendingRequest, ReleaseSummary } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { overRefusal, stateRefusal } from '../record/refusals.ts'
import { envFlag, releaseKey, snapshotsOf } from '../record/release-id.ts'
import type { PersonVerb } from '../release/types.ts'
import { endByHand } from './by-hand.ts'
import { named, Unsteppable } from './failures.ts'
import { beginMove } from './move.ts'
import type { Driven } from './orders.ts'
import { answer, baselineMoved, row, type StartRequest, startRefusal, startRelease } from './start.ts'
import type { Runner } from './turn.ts'

/** Said of a release that runs, where no host could take it over. */
const LOST = 'its state is lost or damaged'

/** A request that lay so long unheard is not carried out by surprise. */
const TOO_OLD_MS = 10 * 60_000

type PersonRequest = Extract<RequestData, { verb: PersonVerb }>

/** Answers what can be answered now; a start that waits for another release to end stays pending. Returns what failed: none keeps others from their answer. */
export async function answerRequests(runner: Runner): Promise<Error[]> {
  const failed: Error[] = []
  for (const request of runner.state.pending)
    await answerOne(runner, request).catch((cause: unknown) => {
      failed.push(named(`${request.data.verb} in ${request.environment}`, cause))
    })
  return failed
}

async function answerOne(runner: Runner, request: PendingRequest): Promise<void> {
  const { data } = request
  // The move answers it once users have arrived.
  if (runner.runtimeOf(request.environment).move?.request === data.id) return
  if (runner.deps.clock.now() - request.at > TOO_OLD_MS) {
    const text = `it was asked at ${isoTime(request.at)}, when no host could do it; type it again`
    return refuse(runner, request, new SlipwayError('HOST_UNREACHABLE', text))
  }
  if ('quarantine' in data && data.quarantine) await rememberLeft(runner, request)
  if (data.verb === 'start') start(runner, request, data)
  else if (data.verb === 'up' || data.verb === 'down') upOrDown(runner, request, data)
  else person(runner, request, data)
}

/** What a quarantine will name is read before it is written down. */
async function rememberLeft(runner: Runner, request: PendingRequest): Promise<void> {
  const environment = environmentOf(runner.state, request.environment)
  const active = runner.activeIn(request.environment)
  for (const left of [active?.candidate, environment.serving])
    if (left && !left.outside) await runner.deps.remember(left.digest).catch(() => undefined)
}

function refuse(runner: Runner, request: PendingRequest, error: SlipwayError): void {
  runner.append([answer(runner.deps.clock.now(), request, { refused: error })], {})
}

function start(runner: Runner, request: PendingRequest, data: StartRequest): void {
  const same = runner.activeIn(request.environment)
  if (same && sameIntent(same.plan, data.plan)) {
    runner.append([answer(runner.deps.clock.now(), request, { release: same.name })], {})
    return
  }
  const refused = startRefusal(runner.state, request, data)
  if (refused) return refuse(runner, request, refused)
  // Users who are being moved arrive first.
  if (runner.runtimeOf(request.environment).move) return
  const at = runner.deps.clock.now()
  const environment = environmentOf(runner.state, request.environment)
  const active = runner.activeIn(request.environment)
  if (environment.active) return replace(runner, request, data, active)
  if (baselineMoved(environment, data))
    return refuse(
      runner,
      request,
      new SlipwayError(
        'PLAN_CHANGED',
        `the plan compares with ${data.baseline?.tag ?? data.baseline?.digest ?? 'nothing'}, but ${environment.serving?.tag ?? environment.serving?.digest ?? 'nothing'} serves now`,
        {
          next: [`slipway release start${envFlag(request.environment)}`],
        },
      ),
    )
  for (const warm of runner.releases.values()) {
    if (warm.environment !== request.environment || warm.active) continue
    const by = data.plan.candidate.tag ?? data.plan.candidate.digest
    const { done, why } = tried(() => runner.commit(warm, { kind: 'make-room', at, by }, warm.runtime).written)
    // Where somebody else wrote meanwhile all of it is looked at again in the next turn.
    if (why === null ? !done : !dropWarm(runner, warm)) return
  }
  const { name, rows, runtime } = startRelease(runner.state, request, data, at)
  const driven: Driven = {
    name,
    environment: request.environment,
    plan: data.plan,
    candidate: data.candidate,
    baseline: data.baseline,
    active: true,
    runtime,
  }
  if (runner.append(rows, snapshotsOf(driven, runtime))) runner.releases.set(releaseKey(driven), driven)
}

/** What work of the engine came to, or why it cannot do it. */
function tried<T>(
  work: () => T,
): { readonly done: T; readonly why: null } | { readonly done: null; readonly why: string } {
  try {
    return { done: work(), why: null }
  } catch (cause) {
    if (!(cause instanceof Unsteppable)) throw cause
    return { done: null, why: cause.message }
  }
}

/** A release that is concluded and cannot be stepped keeps nothing warm any more. */
function dropWarm(runner: Runner, warm: Driven): boolean {
  const { runtime } = warm
  const over = { ...runtime, state: { ...runtime.state, phase: 'over' as const } }
  if (!runner.append([], snapshotsOf(warm, over))) return false
  runner.forget(warm)
  return true
}

/** Ends the release that runs, for another one. */
function replace(runner: Runner, request: PendingRequest, data: StartRequest, active: Driven | undefined): void {
  if (active?.runtime.state.phase === 'end') return
  const at = runner.deps.clock.now()
  const reason = data.reason ?? 'replaced by another release'
  const event = { kind: 'person', at, verb: 'abort', by: data.by, reason, replace: true } as const
  const { why } = active ? tried(() => runner.commit(active, event, active.runtime)) : { why: LOST }
  const release = meant(environmentOf(runner.state, request.environment), '')
  if (why === null || !release) return
  const cause = { kind: 'person', by: data.by, reason, verb: 'replace' } as const
  endByHand(runner, { request, release, cause, to: null, why, extra: [] })
}

function upOrDown(runner: Runner, request: PendingRequest, data: Extract<RequestData, { verb: 'up' | 'down' }>): void {
  const at = runner.deps.clock.now()
  const settings = data.verb === 'up' ? data.settings : null
  const named = data.verb === 'up' && data.serving ? data.serving : null
  const environment = environmentOf(runner.state, request.environment)
  if (data.verb === 'up') void runner.deps.platform.retry(request.environment)
  const serves =
    named && !environment.serving && !environment.active
      ? [
          row(at, request.environment, '', {
            kind: 'serving',
            data: { serving: named, former: null, why: 'baseline' },
          }),
        ]
      : []
  runner.append(
    [
      ...serves,
      row(at, request.environment, '', { kind: 'settings', data: { settings, up: data.verb === 'up' } }),
      answer(at, request, {}),
    ],
    {},
  )
}

/** The release that a person means: named, or the one that runs, or the last. */
function meant(environment: EnvironmentState, name: string): ReleaseSummary | undefined {
  const wanted = name || environment.active
  return wanted ? environment.releases.find((r) => r.name === wanted) : environment.releases.at(-1)
}

function person(runner: Runner, request: PendingRequest, data: PersonRequest): void {
  const at = runner.deps.clock.now()
  const environment = environmentOf(runner.state, request.environment)
  const release = meant(environment, request.release)
  const driven = release && runner.releases.get(releaseKey(release))
  if (release && driven?.active) {
    const runtime = data.to ? { ...driven.runtime, other: data.to } : driven.runtime
    const event = {
      kind: 'person',
      at,
      verb: data.verb,
      by: data.by,
      reason: data.reason,
      ...(data.to ? { to: data.to.digest } : {}),
    } as const
    const extra = [answer(at, request, { release: driven.name }), ...quarantineRows(runner, request, data, release)]
    const { done, why } = tried(() => runner.commit(driven, event, runtime, extra))
    if (why !== null) return undriven(runner, request, data, release, why)
    const { refused } = done
    if (refused !== null) refuse(runner, request, stateRefusal(refused, request.environment))
    return
  }
  if (release?.outcome === null) return undriven(runner, request, data, release, LOST)
  if (data.verb === 'rollback' && request.release !== '' && release?.outcome && release.outcome !== 'promoted') {
    const text = `${release.name} is over (${release.outcome}); its users are back already`
    runner.append([answer(at, request, { release: release.name, text })], {})
    return
  }
  if (data.verb === 'rollback') return beginMove(runner, request, data)
  concludedRefusal(runner, request, data, release)
}

/** A release runs that the engine cannot step: it can still be ended. */
function undriven(
  runner: Runner,
  request: PendingRequest,
  data: PersonRequest,
  release: ReleaseSummary,
  why: string,
): void {
  const { verb, by, reason } = data
  if (verb === 'rollback' || verb === 'abort') {
    const extra = quarantineRows(runner, request, data, release)
    const cause = { kind: 'person', by, reason, verb } as const
    return endByHand(runner, { request, release, cause, to: data.to, why, extra })
  }
  const next = [`slipway release abort ${release.name}${envFlag(request.environment)}`]
  refuse(runner, request, new SlipwayError('RELEASE_STATE', `${why}; it can only be ended`, { next }))
}

function quarantineRows(runner: Runner, request: PendingRequest, data: PersonRequest, release: ReleaseSummary) {
  if (!data.quarantine) return []
  const digest = release.candidate
  return [
    row(runner.deps.clock.now(), request.environment, release.name, {
      kind: 'quarantine',
      data: {
        digest,
        model: release.model,
        tag: release.candidateTag,
        reason: data.reason ?? 'rolled back',
        by: data.by,
        gate: null,
        weights: runner.deps.weightsOf(digest),
      },
    }),
  ]
}

function concludedRefusal(
  runner: Runner,
  request: PendingRequest,
  data: PersonRequest,
  release: ReleaseSummary | undefined,
): void {
  const env = envFlag(request.environment)
  if (!release)
    return refuse(
      runner,
      request,
      new SlipwayError('RELEASE_UNKNOWN', 'no release runs here', { next: [`slipway release history${env}`] }),
    )
  const refused = overRefusal(data.verb, release)
  if (refused) return refuse(runner, request, refused)
  const done = { release: release.name, text: `${release.name} is aborted already` }
  runner.append([answer(runner.deps.clock.now(), request, done)], {})
}
