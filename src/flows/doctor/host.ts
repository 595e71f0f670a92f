import { EMPTY, fold, type ProjectState } from '../../record/fold.ts'
import { envFlag } from '../../record/release-id.ts'
import { type Check, fail, ok, type State, warn } from './check.ts'

/** Environments that should be up, as the journal has it. */
function wanted({ journal }: State): string[] {
  if (journal === null || journal.damage !== null) return []
  const state = fold((journal.snapshots.fold as ProjectState | undefined) ?? EMPTY, journal.since)
  return Object.entries(state.environments)
    .filter(([, environment]) => environment.up)
    .map(([name]) => name)
}

/** Lives a host, and should one? */
export const host: Check = {
  name: 'host',
  needs: 'state',
  async run({ state }) {
    const { sockets, marked } = state!
    if (sockets.host) return [ok('the host is alive')]
    const mute = marked.find(({ kind }) => kind === 'host')
    if (mute)
      return [
        fail(
          'HOST_UNREACHABLE',
          `the host (pid ${mute.pid}) runs but does not answer`,
          `slipway local logs host, then kill ${mute.pid}: another takes over`,
        ),
      ]
    const up = wanted(state!)
    if (up.length === 0) return [ok('no host lives, and none is needed')]
    return [warn(`${up.join(', ')} should be up, but no host lives`, `slipway local up${envFlag(up[0]!)}`)]
  },
}
