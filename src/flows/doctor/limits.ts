import { type Check, ok, warn } from './check.ts'

/** How limits of memory and processor would be kept here. */
export const limits: Check = {
  name: 'limits',
  needs: 'nothing',
  async run({ limits: kind, config }) {
    if (kind === 'cgroup') return [ok('limits are kept by the kernel (cgroup v2)')]
    const text = 'limits are kept by polling: a server may exceed its memory for a moment, and cpu is only a priority'
    const limited = Object.values(config?.environments ?? {}).some(
      ({ serving: { resources } }) => resources.memoryBytes !== null || resources.cpu !== null,
    )
    return [limited ? warn(text, 'systemd-run --user --scope -p Delegate=yes slipway local up') : ok(text)]
  },
}
