/** A person takes users to another version while no release runs: capacity, then traffic, then scale-down. */
import { type ErrorCode, SlipwayError } from '../errors.ts'
import type { Reading } from '../evidence/types.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { RequestData, Served } from '../record/entries.ts'
import type { PendingRequest } from '../record/fold.ts'
import { environmentOf } from '../record/fold.ts'
import type { PersonVerb } from '../release/types.ts'
import { answer, row } from './start.ts'
import type { Runner } from './turn.ts'

const nameOf = (served: Served): string => served.tag ?? served.digest

/** Begins, or answers at once where nothing is to be done. */
export function beginMove(
  runner: Runner,
  request: PendingRequest,
  data: Extract<RequestData, { verb: PersonVerb }>,
): void {
  const at = runner.deps.clock.now()
  const environment = environmentOf(runner.state, request.environment)
  const runtime = runner.runtimeOf(request.environment)
  const to = data.to ?? (environment.servingWhy === 'rollback' ? environment.serving : environment.former)
  if (!to)
    return void runner.append(
      [
        answer(at, request, {
          refused: new SlipwayError('NOTHING_TO_ROLL_BACK', 'nothing to go back to: no version served before', {
            next: ['slipway release history'],
          }),
        }),
      ],
      {},
    )
  if (environment.serving?.digest === to.digest && !runtime.move)
    return void runner.append([answer(at, request, { text: `${nameOf(to)} serves already` })], {})
  if (runtime.move) return
  const move = { to, by: data.by, reason: data.reason, request: data.id, since: at }
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
  if (runner.append(rows, { [`environment:${request.environment}`]: next }))
    runner.environments.set(request.environment, next)
}

/** Ends a move once the data plane sends users to its target, or the target cannot run. */
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
  const environment = environmentOf(runner.state, name)
  const request = runner.state.pending.find((p) => p.data.id === move.request)
  const status = statuses.find((s) => s.digest === move.to.digest)
  const done = { ...runtime, move: null }
  const end = (rows: Parameters<Runner['append']>[0]) => {
    if (runner.append(rows, { [`environment:${name}`]: done })) runner.environments.set(name, done)
  }
  if (status?.state === 'failed') {
    const error = new SlipwayError(
      (status.code ?? 'NEVER_READY') as ErrorCode,
      `${nameOf(move.to)} does not run: ${status.why ?? 'it failed'}`,
      { next: ['slipway local logs'] },
    )
    return end(request ? [answer(at, request, { refused: error })] : [])
  }
  const observed = reading !== null && reading.revision === runtime.revision && reading.epoch === runner.deps.epoch
  const routed = observed && runtime.users === move.to.digest
  if (!routed) return
  end([
    row(at, name, '', { kind: 'serving', data: { serving: move.to, former: environment.serving, why: 'rollback' } }),
    ...(request ? [answer(at, request, { text: `${nameOf(move.to)} serves` })] : []),
  ])
}
