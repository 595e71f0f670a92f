import { formatCount } from '../../kit/units.ts'
import { type Check, ok, warn } from './check.ts'

/** Journal, logs, sockets of the host. */
const OWN = 128
const DEFAULT_LIMITS = { inFlight: 512, queue: 512 }

/** A data plane holds two sockets for each request that is open, and one for each that waits. */
export const openFiles: Check = {
  name: 'open-files',
  needs: 'nothing',
  async run({ machine, config }) {
    const most = machine.openFiles()
    if (most === null) return [ok('no limit of open files is known')]
    const all = Object.values(config?.environments ?? {}).map(({ limits }) => limits)
    // In flight counts for each of two versions.
    const needs = Math.max(...[DEFAULT_LIMITS, ...all].map((l) => 4 * l.inFlight + l.queue + OWN))
    const text = `${formatCount(most)} files may be open`
    if (most >= needs) return [ok(text)]
    return [
      warn(
        `${text}; a data plane at its limits needs ${formatCount(needs)}`,
        `ulimit -n ${needs}, or lower limits.inFlight in slipway.yaml`,
      ),
    ]
  },
}
