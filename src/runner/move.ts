/** A person takes users to another version while no release runs: capacity, then traffic, then scale-down. */
import { type ErrorCode, SlipwayError } from '../errors.ts'
import type { Reading } from '../evidence/types.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { RequestData, Served } from '../record/entries.ts'
import type { EnvironmentState, PendingRequest } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import { envFlag } from '../record/release-id.ts'
import { type EnvironmentRuntime, environmentKey } from '../record/runtime.ts'
import { readStarted } from '../record/started.ts'
import { takenBack } from '../record/taken-back.ts'
import type { PersonVerb } from '../release/types.ts'
import { answer, row } from './start.ts'
import type { Runner } from './turn.ts'

type Move = NonNullable<EnvironmentRuntime['move']>

const nameOf = (served: Served): string => served.tag ?? served.digest

/** Versions that do not run at once: they want the same port, or the one that serves came by a swap. */
function needsSwap(runner: Runner, environment: EnvironmentState, to: Served): boolean {
  const { serving } = environment
  if (!serving || serving.outside || to.outside) return false
  if (serving.run.port !== null && serving.run.port === to.run.port) return true
  const came = environment.releases.findLast((r) => r.outcome === 'promoted' && r.candidate === serving.digest)
  const started = came && readStarted(runner.deps.journal, came)
  return started?.plan.steps[0]?.kind === 'swap'
}

const isReady = (served: Served, statuses: readonly VersionStatus[]): boolean =>
  served.outside || statuses.some((s) => s.digest === served.digest && s.readyReplicas > 0)

/** Who gets the users of an environment in which no release runs, or whether they wait. */
export function movingUsers(
  environment: EnvironmentState,
  move: Move | null,
  statuses: readonly VersionStatus[],
): { users: Served | null; hold: boolean } {
  if (!move) return { users: environment.serving, hold: false }
  if (isReady(move.to, statuses) && (!move.swap || move.swap === 'starting')) return { users: move.to, hold: false }
  return { users: environment.serving, hold: move.swap != null }
}

/** Begins, or answers at once where nothing is to be done. */
export function beginMove(
  runner: Runner,
  request: PendingRequest,
  data: Extract<RequestData, { verb: PersonVerb }>,
): void {
  const at = runner.deps.clock.now()
  const environment = environmentOf(runner.state, request.environment)
  const runtime = runner.runtimeOf(request.environment)
  const to = data.to ?? takenBack(environment) ?? environment.former
  if (!to)
    return void runner.append(
      [
        answer(at, request, {
          refused: new SlipwayError('NOTHING_TO_ROLL_BACK', 'nothing to go back to: no version served before', {
            next: [`slipway release history${envFlag(request.environment)}`],
          }),
        }),
      ],
      {},
    )
  if (environment.serving?.digest === to.digest && !runtime.move)
    return void runner.append([answer(at, request, { text: `${nameOf(to)} serves already` })], {})
  if (runtime.move) return
  const swap = needsSwap(runner, environment, to) ? ('holding' as const) : null
  const move: Move = { to, by: data.by, reason: data.reason, request: data.id, since: at, swap }
  const rows = [
    row(at, request.environment, '', {
      kind: 'note',
      data: { what: 'person', text: `${data.by} takes users to ${nameOf(to)}${data.reason ? `: ${data.reason}` : ''}` },
    }),
  ]
  if (data.quarantine && environment.serving && !environment.serving.outside) {
    const left = environment.serving
    const model = environment.releases.at(-1)?.model ?? ''
    rows.push(
      row(at, request.environment, '', {
        kind: 'quarantine',
        data: {
          digest: left.digest,
          model,
          tag: left.tag,
          reason: data.reason ?? 'rolled back',
          by: data.by,
          gate: null,
          weights: runner.deps.weightsOf(left.digest),
        },
      }),
    )
  }
  const next = { ...runtime, move }
  if (runner.append(rows, { [environmentKey(request.environment)]: next }))
    runner.environments.set(request.environment, next)
}

/** Where a swap's next state may begin; null: not yet. */
function nextOfSwap(
  move: Move,
  serving: Served | null,
  statuses: readonly VersionStatus[],
  held: boolean,
): Move['swap'] | null {
  if (move.swap === 'holding' && held) return 'stopping'
  const old = statuses.find((s) => s.digest === (move.leaves ?? serving?.digest))
  if (move.swap === 'stopping' && (!old || old.state === 'stopped' || old.state === 'failed')) return 'starting'
  return null
}

/** Takes a move on, and ends it once the data plane sends users to its target, or the target cannot run. */
export function moveTurn(
  runner: Runner,
  name: string,
  statuses: readonly VersionStatus[],
  reading: Reading | null,
): void {
  const runtime = runner.runtimeOf(name)
  const { move } = runtime
  if (!move) return
  const at = runner.deps.clock.now()
  const { serving } = environmentOf(runner.state, name)
  const request = runner.state.pending.find((p) => p.data.id === move.request)
  const status = statuses.find((s) => s.digest === move.to.digest)
  const become = (next: Move | null, rows: Parameters<Runner['append']>[0]) => {
    const changed = { ...runtime, move: next }
    if (runner.append(rows, { [environmentKey(name)]: changed })) runner.environments.set(name, changed)
  }
  // Before its turn has come in a swap, what is said of the target is of an earlier try.
  const tried = !move.swap || move.swap === 'starting'
  if (tried && status?.state === 'failed' && move.to.digest !== serving?.digest) {
    const error = new SlipwayError(
      (status.code ?? 'NEVER_READY') as ErrorCode,
      `${nameOf(move.to)} does not run: ${status.why ?? 'it failed'}`,
      { next: ['slipway local logs'] },
    )
    // In a swap users wait until the old version is back.
    const back: Move | null = move.swap && serving ? { ...move, to: serving, swap: 'starting' } : null
    return become(back, request ? [answer(at, request, { refused: error })] : [])
  }
  const observed = reading !== null && reading.revision === runtime.revision && reading.epoch === runner.deps.epoch
  const next = nextOfSwap(move, serving, statuses, observed && reading.holding === true)
  if (next) return become({ ...move, swap: next }, [])
  if (!observed || runtime.users !== move.to.digest) return
  const moved = row(at, name, '', {
    kind: 'serving',
    data: { serving: move.to, former: serving, why: 'rollback' },
  })
  become(null, [
    ...(move.to.digest === serving?.digest ? [] : [moved]),
    ...(request ? [answer(at, request, { text: `${nameOf(move.to)} serves` })] : []),
  ])
}
