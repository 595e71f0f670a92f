/** Logs of servers: bounded in size, and their last lines for messages. */
import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs'
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
 * Lines that come between the two are lost.
 */
export function boundLog(log: string, bytes: number): void {
  let size: number
  try {
    size = statSync(log).size
  } catch {
    return
  }
  if (size <= bytes) return
  if (size <= 2 * bytes) copyFileSync(log, `${log}.1`)
  else writeFileSync(`${log}.1`, readEnd(log, bytes), { mode: 0o600 })
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

/** The last lines since the last start, made visible, bounded, with secret values blackened; null: it said nothing. */
export function lastLines(log: string, secrets: Iterable<string>): string | null {
  let text: string
  try {
    text = readEnd(log, TAIL_BYTES).toString('utf8')
  } catch {
    return null
  }
  const own = text.lastIndexOf(OWN)
  const since = own < 0 ? text : text.slice(own).replace(/^[^\n]*\n?/, '')
  const lines = blacken(since, secrets)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES)
    .map((line) => shorten(visible(line.trimEnd()), LINE_LENGTH))
  return lines.length === 0 ? null : lines.join(' | ')
}

/** Replaces secret values by asterisks, the longest first. */
export function blacken(text: string, secrets: Iterable<string>): string {
  const values = [...secrets].filter((value) => value.length >= SECRET_LENGTH).sort((a, b) => b.length - a.length)
  return values.reduce((rest, value) => rest.replaceAll(value, '***'), text)
}
