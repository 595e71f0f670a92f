import { formatSize } from '../../kit/units.ts'
import { type Check, fail, ok, warn } from './check.ts'

const LEAST_BYTES = 100 * 2 ** 20
const LITTLE_BYTES = 2 ** 30
const PRUNE = 'slipway local prune'

/** Room for the store, the journal and the logs. */
export const disk: Check = {
  name: 'disk',
  needs: 'nothing',
  async run({ files, environment, config, state }) {
    const free = await files.free(state?.folder ?? config?.folder ?? environment.cwd)
    const text = `${formatSize(free)} are free for the store`
    if (free < LEAST_BYTES) return [fail('NO_SPACE', `${text}; ${formatSize(LEAST_BYTES)} are needed`, PRUNE)]
    return [free < LITTLE_BYTES ? warn(`${text}: a version may not fit`, PRUNE) : ok(text)]
  },
}
