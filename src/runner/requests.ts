/** What commands asked for, answered one by one. */
import { SlipwayError } from '../errors.ts'
import { isoTime } from '../kit/when.ts'
import { sameIntent } from '../plan/intent.ts'
import type { RequestData } from '../record/entries.ts'
import type { EnvironmentState, PendingRequest, ReleaseSummary } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag, releaseKey, snapshotsOf } from '../record/release-id.ts'
import type { PersonVerb } from '../release/types.ts'
import { beginMove } from './move.ts'
import type { Driven } from './orders.ts'
import { answer, baselineMoved, row, type StartRequest, startRefusal, startRelease } from './start.ts'
import type { Runner } from './turn.ts'

/** A request that lay so long unheard is not carried out by surprise. */
const TOO_OLD_MS = 10 * 60_000

type PersonRequest = Extract<RequestData, { verb: PersonVerb }>

/** Answers what can be answered now; a start that waits for another release to end stays pending. */
export async function answerRequests(runner: Runner): Promise<void> {
  for (const request of runner.state.pending) {
    const { data } = request
    const moving = runner.runtimeOf(request.environment).move?.request === data.id
    if (!moving && runner.deps.clock.now() - request.at > TOO_OLD_MS) {
      const text = `it was asked at ${isoTime(request.at)}, when no host could do it; type it again`
      refuse(runner, request, new SlipwayError('HOST_UNREACHABLE', text))
      continue
    }
    if ('quarantine' in data && data.quarantine) await rememberLeft(runner, request)
    if (data.verb === 'start') start(runner, request, data)
    else if (data.verb === 'up' || data.verb === 'down') upOrDown(runner, request, data)
    else person(runner, request, data)
  }
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
  if (environment.active) {
    if (active && active.runtime.state.phase !== 'end')
      runner.commit(
        active,
        {
          kind: 'person',
          at,
          verb: 'abort',
          by: data.by,
          reason: data.reason ?? 'replaced by another release',
          replace: true,
        },
        active.runtime,
      )
    return
  }
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
    // Where somebody else wrote meanwhile all of it is looked at again in the next turn.
    if (!runner.commit(warm, { kind: 'make-room', at, by }, warm.runtime).written) return
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

function upOrDown(runner: Runner, request: PendingRequest, data: Extract<RequestData, { verb: 'up' | 'down' }>): void {
  const at = runner.deps.clock.now()
  const settings = data.verb === 'up' ? data.settings : null
  const named = data.verb === 'up' && data.serving ? data.serving : null
  const environment = environmentOf(runner.state, request.environment)
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
  if (driven?.active) {
    const runtime = data.to ? { ...driven.runtime, other: data.to } : driven.runtime
    const event = {
      kind: 'person',
      at,
      verb: data.verb,
      by: data.by,
      reason: data.reason,
      ...(data.to ? { to: data.to.digest } : {}),
    } as const
    const extra = [answer(at, request, { release: driven.name }), ...quarantineRows(runner, request, data, driven)]
    const { refused } = runner.commit(driven, event, runtime, extra)
    if (refused !== null)
      refuse(
        runner,
        request,
        new SlipwayError('RELEASE_STATE', refused, { next: [`slipway release status${envFlag(request.environment)}`] }),
      )
    return
  }
  if (data.verb === 'rollback' && request.release !== '' && release?.outcome && release.outcome !== 'promoted') {
    const text = `${release.name} is over (${release.outcome}); its users are back already`
    runner.append([answer(at, request, { release: release.name, text })], {})
    return
  }
  if (data.verb === 'rollback') return beginMove(runner, request, data)
  concludedRefusal(runner, request, data, release)
}

function quarantineRows(runner: Runner, request: PendingRequest, data: PersonRequest, driven: Driven) {
  if (!data.quarantine) return []
  const digest = driven.candidate.digest
  return [
    row(runner.deps.clock.now(), request.environment, driven.name, {
      kind: 'quarantine',
      data: {
        digest,
        model: driven.plan.model,
        tag: driven.candidate.tag,
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
  if (data.verb === 'abort' && release.outcome === 'aborted') {
    runner.append(
      [answer(runner.deps.clock.now(), request, { release: release.name, text: `${release.name} is aborted already` })],
      {},
    )
    return
  }
  const next =
    data.verb === 'abort' && release.outcome === 'promoted'
      ? [`slipway rollback${env}`]
      : [`slipway release explain ${release.name}${env}`]
  refuse(
    runner,
    request,
    new SlipwayError('RELEASE_STATE', `${release.name} is over: ${release.outcome ?? 'it runs nowhere'}`, { next }),
  )
}
