/** Who listens at a port: for the sentence that a taken port deserves. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export interface Holder {
  readonly pid: number
  /** Name of the program, without its arguments: they may hold secrets. */
  readonly command: string
}

/** The process that listens at a TCP port; null where it cannot be seen (another user's, or no such system). */
export function holderOf(port: number): Holder | null {
  try {
    return process.platform === 'linux' ? linuxHolder(port) : lsofHolder(port)
  } catch {
    return null
  }
}

/** proc(5): state 0A is LISTEN, column 9 the inode; a descriptor of the owner links to `socket:[inode]`. */
function linuxHolder(port: number): Holder | null {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table, '').split('\n').slice(1)) {
      const columns = line.trim().split(/\s+/)
      if (columns[3] === '0A' && Number.parseInt(columns[1]?.split(':')[1] ?? '', 16) === port)
        inodes.add(`socket:[${columns[9]}]`)
    }
  }
  if (inodes.size === 0) return null
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    for (const fd of descriptors(pid)) {
      if (!inodes.has(linkOr(`/proc/${pid}/fd/${fd}`))) continue
      const name = basename(readOr(`/proc/${pid}/cmdline`, '').split('\0')[0] ?? '')
      return { pid: Number(pid), command: name || readOr(`/proc/${pid}/comm`, '?').trim() }
    }
  }
  return null
}

function descriptors(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

/** macOS: `-F pc` prints a line `pPID` and a line `cNAME`. */
function lsofHolder(port: number): Holder | null {
  const out = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 3000,
  })
  const pid = /^p(\d+)$/m.exec(out)?.[1]
  return pid === undefined ? null : { pid: Number(pid), command: /^c(.*)$/m.exec(out)?.[1] ?? '?' }
}
