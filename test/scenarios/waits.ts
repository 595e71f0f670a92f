/** Waits with a bound, and a word about what did not come: a test that hangs says why. */
import type { start } from '../cli/run.ts'

/** Less than a test may take. */
const WAIT_MS = 45_000
const LOOK_MS = 50

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** As the promise; rejects where it does not settle in time. `more` is told with it. */
export function within<T>(what: string, ms: number, promise: Promise<T>, more: () => string = () => ''): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`${what}: not within ${ms / 1000} s ${more()}`))
    const timer = setTimeout(late, ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Looks again and again until something is there, and returns it. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  ms = WAIT_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const until = performance.now() + ms
  for (;;) {
    const value = await look()
    if (value) return value as Exclude<T, false | null | undefined>
    if (performance.now() > until) throw new Error(`${what}: not within ${ms / 1000} s, but ${JSON.stringify(value)}`)
    await pause(LOOK_MS)
  }
}

/** Waits until a command prints this; false where it ends before. */
export function printed(
  { child, done }: Pick<ReturnType<typeof start>, 'child' | 'done'>,
  stream: 'stdout' | 'stderr',
  pattern: RegExp,
  ms = WAIT_MS,
): Promise<boolean> {
  let text = ''
  const seen = new Promise<boolean>((resolve) => {
    child[stream]?.on('data', (part: string) => {
      text += part
      if (pattern.test(text)) resolve(true)
    })
  })
  const ended = done.then(() => false)
  return within(`${pattern} on ${stream}`, ms, Promise.race([seen, ended]), () => `after ${text.slice(-1000)}`)
}
