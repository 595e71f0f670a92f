/** Logs of servers: bounded in size, and their last lines for messages. */
import { closeSync, copyFileSync, openSync, readSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { shorten, visible } from '../../../kit/text.ts'

export const LOG_BYTES = 8 * 2 ** 20
const TAIL_BYTES = 16 * 1024
const TAIL_LINES = 5
const LINE_LENGTH = 200
// Shorter values would blacken ordinary words and numbers.
const SECRET_LENGTH = 4

/** Appends slipway's own line to a server's log; `lastLines` looks only behind the last of them. */
export function noteInLog(log: string, note: string): void {
  writeFileSync(log, `${OWN}${note}\n`, { flag: 'a', mode: 0o600 })
}
const OWN = '[slipway] '

/**
 * Keeps a log that somebody appends to below `bytes`: its end is copied to `LOG.1`, then it is cut to nothing.
 * Lines that come between the two are lost. Where the disk has no room for the copy, the log is cut all the same.
 */
export function boundLog(log: string, bytes: number): void {
  const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  if (size <= bytes) return
  try {
    if (size <= 2 * bytes) copyFileSync(log, `${log}.1`)
    else writeFileSync(`${log}.1`, readEnd(log, bytes), { mode: 0o600 })
  } catch {
    rmSync(`${log}.1`, { force: true })
  }
  truncateSync(log, 0)
}

function readEnd(log: string, bytes: number): Buffer {
  const fd = openSync(log, 'r')
  try {
    const size = statSync(log).size
    const from = Math.max(0, size - bytes)
    const buffer = Buffer.alloc(Math.min(size, bytes))
    const length = readSync(fd, buffer, 0, buffer.length, from)
    return buffer.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}

/** The end of a log since the last start; null: there is no log. */
export function sinceStart(log: string): string | null {
  try {
    const text = readEnd(log, TAIL_BYTES).toString('utf8')
    const own = text.lastIndexOf(OWN)
    return own < 0 ? text : text.slice(own).replace(/^[^\n]*\n?/, '')
  } catch {
    return null
  }
}

// Where a stack trace went through, and what runtimes draw around it.
const FRAME = /^\s*(at .+|File ".+", line \d+.*|[\^~]+|[{}]|Node\.js v\S+|node:internal\S+)\s*$/
const ERROR = /^\s*([\w.]*(Error|Exception)\b|panic|fatal|error)/i

/**
 * What a log says in the end, since the last start: its last lines without stack frames, and the last that names an error.
 * Made visible, bounded, with secret values blackened; null: it said nothing.
 */
export function lastLines(log: string, secrets: Iterable<string>): string | null {
  const lines = blacken(sinceStart(log) ?? '', secrets)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !FRAME.test(line))
  const end = lines.slice(-TAIL_LINES)
  const error = lines.findLast((line) => ERROR.test(line))
  if (error !== undefined && !end.includes(error)) end.splice(0, 1, error)
  const shown = end.map((line) => shorten(visible(line.trim()), LINE_LENGTH))
  return shown.length === 0 ? null : shown.join(' | ')
}

/** Replaces secret values by asterisks, the longest first. */
export function blacken(text: string, secrets: Iterable<string>): string {
  const values = [...secrets].filter((value) => value.length >= SECRET_LENGTH).sort((a, b) => b.length - a.length)
  return values.reduce((rest, value) => rest.replaceAll(value, '***'), text)
}
