/** The one door to time. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number
  /** Monotonic, ms. */
  mono(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done)
    }),
}

/** A clock that moves only when told. */
export function memoryClock(start = 0): Clock & { advance(ms: number): void } {
  let at = start
  const waiting: { until: number; wake: () => void }[] = []
  return {
    now: () => at,
    mono: () => at - start,
    sleep: (ms) => new Promise((wake) => waiting.push({ until: at + ms, wake })),
    advance(ms) {
      at += ms
      for (const w of waiting.splice(0)) {
        if (w.until <= at) w.wake()
        else waiting.push(w)
      }
    },
  }
}
