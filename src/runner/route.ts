/** Orders of a data plane: where the users of an environment go now. */
import type { Reading } from '../evidence/types.ts'
import type { VersionStatus } from '../platforms/contract.ts'
import type { EnvironmentState } from '../record/fold.ts'
import { releaseKey } from '../record/release-id.ts'
import { environmentKey } from '../record/runtime.ts'
import { movingUsers } from './move.ts'
import { ordersText, releaseOrders, steadyOrders } from './orders.ts'
import type { Runner } from './turn.ts'

/** Sends orders that changed, and those that the data plane does not act on. `takebacks`: ms from the decision to its acting, by release. */
export async function routeUsers(
  runner: Runner,
  name: string,
  environment: EnvironmentState,
  statuses: readonly VersionStatus[],
  reading: Reading | null,
  takebacks: Map<string, number>,
): Promise<void> {
  const active = runner.activeIn(name)
  const split = active?.runtime.state.split ?? null
  const model = active?.plan.model ?? environment.releases.at(-1)?.model ?? ''
  const base = { model, settings: environment.settings! }
  const moving = movingUsers(environment, runner.runtimeOf(name).move, statuses)
  const orders =
    active && split
      ? releaseOrders(base, active, split, statuses)
      : steadyOrders(base, moving.users, statuses, moving.hold)
  const text = ordersText(orders)
  let runtime = runner.runtimeOf(name)
  if (text !== runtime.orders || reading?.givenBack) {
    runtime = {
      ...runtime,
      revision: runtime.revision + 1,
      orders: text,
      applied: active ? split : null,
      users:
        orders.baseline && orders.baseline.addresses.length > 0 && !orders.candidate && !orders.hold
          ? orders.baseline.digest
          : null,
    }
    if (!runner.append([], { [environmentKey(name)]: runtime })) return
    runner.environments.set(name, runtime)
  } else if (reading && reading.epoch === runner.deps.epoch && reading.revision === runtime.revision) return
  const { platform, epoch, clock } = runner.deps
  const sent = await platform.route(name, { ...orders, epoch, revision: runtime.revision }).then(
    () => true,
    () => false,
  )
  if (
    sent &&
    active?.runtime.state.phase === 'end' &&
    active.runtime.state.target !== 'candidate' &&
    !takebacks.has(releaseKey(active))
  )
    takebacks.set(releaseKey(active), clock.now() - active.runtime.state.phaseAt)
}
