import { formatDuration } from '../../kit/units.ts'
import { type Check, ok, warn } from './check.ts'

/** Clocks of file systems may differ by a little. */
const AHEAD_MS = 60_000
const BACK_MS = 5000

/** The wall clock against what was written before: the last entry of the journal, slipway.yaml, and jumps between entries. */
export const clock: Check = {
  name: 'clock',
  needs: 'nothing',
  async run({ clock: { now }, files, config, state }) {
    const facts = config && (await files.facts(config.file))
    const seen = [
      { what: 'the last entry of the journal', at: state?.journal?.lastAt ?? null },
      { what: 'slipway.yaml', at: facts?.mtimeMs ?? null },
    ].flatMap(({ what, at }) => (at !== null && at - now() > AHEAD_MS ? [{ what, ahead: at - now() }] : []))
    const remedy = 'set the clock, and keep it by NTP'
    const found = seen.map(({ what, ahead }) =>
      warn(
        `${what} is from ${formatDuration(Math.round(ahead / 1000) * 1000)} in the future: the clock is behind`,
        remedy,
      ),
    )
    const back = state?.journal?.wentBackMs ?? 0
    if (back > BACK_MS)
      found.push(
        warn(
          `the clock went back by ${formatDuration(Math.round(back / 1000) * 1000)} while slipway ran: times of reports are wrong by it`,
          remedy,
        ),
      )
    return found.length > 0 ? found : [ok('the clock agrees with what was written before')]
  },
}
