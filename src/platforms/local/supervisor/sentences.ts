/** What happened to a server, in one sentence. */
import type { Exit, Listener } from '../../../io/processes-contract.ts'
import { visible } from '../../../kit/text.ts'
import { formatDuration } from '../../../kit/units.ts'
import { HOST } from './environment.ts'

/** `exited with 3`, `was ended by SIGKILL`; null: nobody saw how. */
export function describeExit(exit: Exit | null): string {
  if (exit === null) return 'ended, and nobody saw how: an earlier host had started it'
  if (exit.signal !== null) return `was ended by ${exit.signal}`
  return `exited with ${exit.code ?? 'an unknown code'}`
}

/** `after 1.2s`: whole tenths. */
export const describeAge = (ms: number): string =>
  ms < 60_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : formatDuration(Math.round(ms / 1000) * 1000)

export const withLog = (sentence: string, said: string | null): string =>
  said === null ? `${sentence}; its log is empty` : `${sentence}; its log ends: ${said}`

export const describeWrongPort = (elsewhere: readonly string[], port: number, fixed: boolean): string =>
  fixed
    ? `the server listens on port ${elsewhere.join(', ')}, not on ${HOST}:${port} as serving.port says; correct serving.port`
    : `the server listens on port ${elsewhere.join(', ')}, not on ${HOST}:${port}, the {port} it was given; make it listen on {port} (or PORT), or set serving.port`

export function describeHolder(port: number, holder: Listener | null, name: string | null): string {
  const who =
    holder?.pid == null ? 'another process' : `${name === null ? 'a process' : visible(name)} (pid ${holder.pid})`
  return `port ${port} is taken by ${who}`
}
