/** How far long work is: redrawn on a terminal, one line at its start and end elsewhere; nothing for what is over in a second. */
import { formatDuration, formatSize } from '../kit/units.ts'
import type { Clock } from './clock.ts'
import type { Files } from './files.ts'
import type { Terminal } from './terminal.ts'

export interface Progress {
  /** A stretch of work begins. */
  begin(what: string, totalBytes: number): void
  /** So many bytes more are done. */
  advance(bytes: number): void
  /** The stretch is over, in whatever way. */
  end(): void
}

const PATIENCE_MS = 1000
const REDRAW_MS = 200

/** `packing: 1.2 GiB of 2.0 GiB, 310 MiB/s, 3s left`; at least 1 ms has passed. */
export function progressLine(what: string, done: number, total: number, passedMs: number): string {
  const rate = (done * 1000) / passedMs
  const left = rate > 0 ? `, ${formatDuration(Math.ceil(Math.max(0, total - done) / rate) * 1000)} left` : ''
  return `${what}: ${formatSize(done)} of ${formatSize(total)}, ${formatSize(Math.round(rate))}/s${left}`
}

export function terminalProgress(terminal: Terminal, clock: Clock): Progress {
  let work: { what: string; total: number; done: number; since: number; drawn: number | null } | null = null
  return {
    begin(what, total) {
      work = { what, total, done: 0, since: clock.mono(), drawn: null }
    },
    advance(bytes) {
      if (work === null) return
      work.done += bytes
      const now = clock.mono()
      const passed = now - work.since
      if (passed < PATIENCE_MS || (work.drawn !== null && (!terminal.talkLive || now - work.drawn < REDRAW_MS))) return
      work.drawn = now
      const line = progressLine(work.what, work.done, work.total, passed)
      if (terminal.talkLive) terminal.draw(`\r${line}\u001b[K`, 'stderr')
      else terminal.say(line)
    },
    end() {
      if (work !== null && work.drawn !== null) {
        const took = formatDuration(Math.round((clock.mono() - work.since) / 1000) * 1000)
        if (terminal.talkLive) terminal.draw('\r\u001b[K', 'stderr')
        else terminal.say(`${work.what}: ${formatSize(work.done)} in ${took}`)
      }
      work = null
    },
  }
}

/** Files that tell how many bytes were read of them. */
export const countedFiles = (files: Files, read: (bytes: number) => void): Files => ({
  ...files,
  open: async (path) => {
    const file = await files.open(path)
    return {
      ...file,
      read: async (into, position) => {
        const bytes = await file.read(into, position)
        read(bytes)
        return bytes
      },
    }
  },
})
