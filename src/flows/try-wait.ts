/** Waiting for what a tried command does, with a word now and then. */
import type { Clock } from '../io/clock.ts'

/** Between two looks; and once it takes long, for a look at all processes costs. */
const LOOK_MS = 150
const SLOW_LOOK_MS = 500
const TELL_MS = 10_000

interface Waiting {
  readonly clock: Clock
  readonly signal: AbortSignal
  say(line: string): void
}

/** Looks until `seen` has something to give or `most` ms are over (undefined); says now and then what is waited for. */
export async function waited<T>(
  tools: Waiting,
  most: number,
  what: string,
  seen: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { clock } = tools
  const begun = clock.mono()
  let told = begun
  for (let now = begun; now - begun < most; now = clock.mono()) {
    const found = await seen()
    if (found !== undefined) return found
    if (now - told >= TELL_MS) {
      told = now
      tools.say(`${what}, ${Math.round((now - begun) / 1000)} s of ${most / 1000} s`)
    }
    await clock.sleep(now - begun < TELL_MS ? LOOK_MS : SLOW_LOOK_MS, tools.signal)
  }
  return undefined
}
