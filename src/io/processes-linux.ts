/** Reading processes from /proc (proc(5)). */
import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import type { Listener, MarkedProcess, ProcessEntry, ProcessIdentity, ProcessReading } from './processes-contract.ts'

const MARK = 'SLIPWAY_ID='

// One buffer for all reads: files of /proc tell no size, and a fresh one for each would be thrown away at once.
const buffer = Buffer.allocUnsafeSlow(64 * 1024)

function text(file: string): string | null {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    return null
  }
  try {
    let read = ''
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, null)
      if (length === 0) return read
      read += buffer.toString('latin1', 0, length)
    }
  } catch {
    return null
  } finally {
    closeSync(fd)
  }
}

function link(file: string): string | null {
  try {
    return readlinkSync(file)
  } catch {
    return null
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** One line of /proc/PID/stat; null for a zombie. The name in parentheses may itself hold parentheses and spaces. */
export function parseStat(line: string, boot: string): ProcessEntry | null {
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group] = fields
  const ticks = fields[19]
  if (!Number.isInteger(pid) || ticks === undefined || state === 'Z' || state === 'X') return null
  return { pid, startTime: `${boot}:${ticks}`, parent: Number(parent), group: Number(group) }
}

/** `0100007F:1F90` or its IPv6 form (words in the machine's little-endian order) as address and port. */
export function parseSocketAddress(hex: string): { address: string; port: number } {
  const [host = '', port = ''] = hex.split(':')
  const bytes: number[] = []
  for (let word = 0; word < host.length; word += 8)
    for (let at = 6; at >= 0; at -= 2) bytes.push(Number.parseInt(host.slice(word + at, word + at + 2), 16))
  return { address: formatAddress(bytes), port: Number.parseInt(port, 16) }
}

function formatAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255
  if (mapped) return bytes.slice(12).join('.')
  if (bytes.every((b) => b === 0)) return '::'
  if (bytes.slice(0, 15).every((b) => b === 0) && bytes[15] === 1) return '::1'
  const words = Array.from({ length: 8 }, (_, k) => ((bytes[2 * k]! << 8) | bytes[2 * k + 1]!).toString(16))
  return words.join(':')
}

interface Socket {
  readonly address: string
  readonly port: number
  readonly inode: string
}

/** Sockets of /proc/net/tcp in a state: `0A` listening, `01` established. */
export function parseSockets(table: string, state: '0A' | '01'): readonly Socket[] {
  const found: Socket[] = []
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    if (fields[3] !== state || fields[1] === undefined || fields[9] === undefined) continue
    found.push({ ...parseSocketAddress(fields[1]), inode: fields[9] })
  }
  return found
}

/** `kB` lines of /proc/PID/status or smaps_rollup, summed in bytes; null where none of them is there. */
export function sumKilobytes(status: string, keys: readonly string[]): number | null {
  let sum: number | null = null
  for (const line of status.split('\n')) {
    const match = /^(\w+):\s+(\d+) kB/.exec(line)
    if (match && keys.includes(match[1]!)) sum = (sum ?? 0) + Number(match[2]) * 1024
  }
  return sum
}

function memoryHeld(root: string, pids: readonly number[], limit: number): number {
  let quick = 0
  for (const pid of pids) quick += sumKilobytes(text(`${root}/${pid}/status`) ?? '', ['RssAnon', 'RssShmem']) ?? 0
  if (quick <= limit || pids.length < 2) return quick
  // Pages that forked workers share were counted once for each: the proportional figures count them once, at more cost.
  let exact = 0
  for (const pid of pids) {
    const share = sumKilobytes(text(`${root}/${pid}/smaps_rollup`) ?? '', ['Pss_Anon', 'Pss_Shmem'])
    exact += share ?? sumKilobytes(text(`${root}/${pid}/status`) ?? '', ['RssAnon', 'RssShmem']) ?? 0
  }
  return exact
}

function socketsOf(root: string, pid: number): readonly string[] {
  const inodes: string[] = []
  for (const fd of names(`${root}/${pid}/fd`)) {
    const match = /^socket:\[(\d+)\]$/.exec(link(`${root}/${pid}/fd/${fd}`) ?? '')
    if (match) inodes.push(match[1]!)
  }
  return inodes
}

/** `root` is /proc. */
export function linuxReading(root: string): ProcessReading {
  const boot = (text(`${root}/sys/kernel/random/boot_id`) ?? '').slice(0, 8)
  const entry = (pid: number | string): ProcessEntry | null => {
    const line = text(`${root}/${pid}/stat`)
    return line === null ? null : parseStat(line, boot)
  }
  const pids = () => names(root).filter((name) => /^\d+$/.test(name))
  const table = () => pids().flatMap((pid) => entry(pid) ?? [])
  const sockets = (folder: string, state: '0A' | '01') =>
    ['tcp', 'tcp6'].flatMap((name) => parseSockets(text(`${folder}/net/${name}`) ?? '', state))
  return {
    identify(pid) {
      const found = entry(pid)
      return found === null ? null : { pid, startTime: found.startTime }
    },
    table,
    descendants: (of) => descendants(root, of, entry),
    marked: (prefix) => pids().flatMap((pid) => markOf(root, pid, prefix, entry) ?? []),
    memoryHeld: (of, limit) => memoryHeld(root, of, limit),
    listeners(of) {
      const owner = new Map<string, number>()
      for (const pid of of) for (const inode of socketsOf(root, pid)) owner.set(inode, pid)
      const net = of[0] === undefined ? [] : sockets(`${root}/${of[0]}`, '0A')
      return net.flatMap(({ address, port, inode }): Listener[] => {
        const pid = owner.get(inode)
        return pid === undefined ? [] : [{ address, port, pid }]
      })
    },
    holder(port) {
      const socket = sockets(`${root}/self`, '0A').find((s) => s.port === port)
      if (socket === undefined) return null
      const pid = pids().find((p) => socketsOf(root, Number(p)).includes(socket.inode))
      return { address: socket.address, port, pid: pid === undefined ? null : Number(pid) }
    },
    connections: (port) => sockets(`${root}/self`, '01').filter((s) => s.port === port).length,
    nameOf: (pid) => link(`${root}/${pid}/exe`)?.replace(/^.*\//, '') ?? text(`${root}/${pid}/comm`)?.trim() ?? null,
  }
}

function descendants(
  root: string,
  of: ProcessIdentity,
  entry: (pid: number) => ProcessEntry | null,
): readonly ProcessIdentity[] {
  const found: ProcessIdentity[] = []
  const open = [of.pid]
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const here = entry(pid)
    if (here === null || (pid === of.pid && here.startTime !== of.startTime)) continue
    found.push({ pid, startTime: here.startTime })
    // Children of the main thread: nearly all, for one read instead of one for each thread.
    for (const child of (text(`${root}/${pid}/task/${pid}/children`) ?? '').split(' '))
      if (child !== '') open.push(Number(child))
  }
  return found
}

function markOf(
  root: string,
  pid: string,
  prefix: string,
  entry: (pid: string) => ProcessEntry | null,
): MarkedProcess | null {
  const environment = text(`${root}/${pid}/environ`)
  if (environment === null || !environment.includes(MARK + prefix)) return null
  const mark = environment.split('\0').find((pair) => pair.startsWith(MARK + prefix))
  const found = mark === undefined ? null : entry(pid)
  return found === null ? null : { pid: found.pid, startTime: found.startTime, mark: mark!.slice(MARK.length) }
}
