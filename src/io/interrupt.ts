/** Ctrl-C: the flow is told first and may end by itself; a second one, or half a second, ends it. */

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
  /** Rejects never; resolves when the grace after the first signal is over, or at the second. */
  readonly over: Promise<void>
  /** How long a flow has after the first signal; ms. */
  graceMs: number
}

/** Listens to the signals of this process. */
export function systemInterrupt(): Interrupt {
  const abort = new AbortController()
  let end: () => void = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const interrupt: Interrupt = { signal: abort.signal, over, graceMs: 500 }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      if (abort.signal.aborted) return end()
      abort.abort()
      setTimeout(end, interrupt.graceMs)
    })
  return interrupt
}
