/** Limits on memory and processor: by cgroup v2 where a part of it is delegated to us, else by looking and by priority. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type LimitsKind = 'cgroup' | 'polling'

export interface LimitSpec {
  readonly memoryBytes: number | null
  /** Cores. */
  readonly cpu: number | null
}

/** Where limited processes go. */
export interface Limiter {
  readonly kind: LimitsKind
  /** Makes a group with these limits and returns its folder; null: these limits are kept by polling. */
  group(name: string, limits: LimitSpec): string | null
  /** How often the kernel ended something in the group for want of memory. */
  memoryKills(folder: string): number
  /** Removes an empty group. */
  remove(folder: string): void
}

const PERIOD_US = 100_000

export const pollingLimiter: Limiter = {
  kind: 'polling',
  group: () => null,
  memoryKills: () => 0,
  remove: () => undefined,
}

const words = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/)
  } catch {
    return []
  }
}

const writable = (file: string): boolean => {
  try {
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A folder below which we may make groups that have memory limits: beside our own group, where controllers are handed down. */
function delegated(mount: string, self: string): string | null {
  const own = readOwn(self)
  if (own === null) return null
  for (let path = own; ; path = path.slice(0, path.lastIndexOf('/'))) {
    const folder = join(mount, path)
    const handed = words(join(folder, 'cgroup.subtree_control'))
    if (handed.includes('memory') && writable(folder) && writable(join(folder, 'cgroup.procs'))) return folder
    if (path === '' || path === '/') return null
  }
}

function readOwn(self: string): string | null {
  try {
    return /^0::(.*)$/m.exec(readFileSync(self, 'utf8'))?.[1] ?? null
  } catch {
    return null
  }
}

/** Lets an own group hand its controllers down: its only process, this one, moves into a leaf first. */
function handDown(mount: string, self: string): void {
  const own = readOwn(self)
  if (own === null || own === '/') return
  const folder = join(mount, own)
  const available = words(join(folder, 'cgroup.controllers'))
  const members = words(join(folder, 'cgroup.procs'))
  if (!available.includes('memory') || !writable(join(folder, 'cgroup.subtree_control'))) return
  if (members.length !== 1 || members[0] !== String(process.pid)) return
  try {
    const leaf = join(folder, 'slipway-host')
    mkdirSync(leaf, { recursive: true })
    writeFileSync(join(leaf, 'cgroup.procs'), String(process.pid))
    const controllers = available.filter((name) => name === 'memory' || name === 'cpu').map((name) => `+${name}`)
    writeFileSync(join(folder, 'cgroup.subtree_control'), controllers.join(' '))
  } catch {
    // Not delegated after all: polling keeps the limits.
  }
}

/** What `findLimiter` would find, without changing anything. */
export function limitsOffered(mount = '/sys/fs/cgroup', self = '/proc/self/cgroup'): LimitsKind {
  if (!existsSync(join(mount, 'cgroup.controllers'))) return 'polling'
  return delegated(mount, self) === null ? 'polling' : 'cgroup'
}

/** Looks for a delegated part of cgroup v2. `mount` and `self` are /sys/fs/cgroup and /proc/self/cgroup. */
export function findLimiter(mount = '/sys/fs/cgroup', self = '/proc/self/cgroup'): Limiter {
  if (!existsSync(join(mount, 'cgroup.controllers'))) return pollingLimiter
  let base = delegated(mount, self)
  if (base === null) {
    handDown(mount, self)
    base = delegated(mount, self)
  }
  return base === null ? pollingLimiter : cgroupLimiter(base)
}

function cgroupLimiter(base: string): Limiter {
  const set = (folder: string, file: string, value: string, must: boolean) => {
    try {
      writeFileSync(join(folder, file), value)
    } catch (cause) {
      if (must) throw cause
    }
  }
  return {
    kind: 'cgroup',
    group(name, { memoryBytes, cpu }) {
      if (memoryBytes === null && cpu === null) return null
      const folder = join(base, `slipway-${name}`)
      try {
        mkdirSync(folder, { recursive: true })
        if (memoryBytes !== null) {
          set(folder, 'memory.max', String(memoryBytes), true)
          set(folder, 'memory.swap.max', '0', false)
          set(folder, 'memory.oom.group', '1', false)
        }
        if (cpu !== null) set(folder, 'cpu.max', `${Math.max(1000, Math.round(cpu * PERIOD_US))} ${PERIOD_US}`, false)
        return folder
      } catch {
        return null
      }
    },
    memoryKills(folder) {
      const events = words(join(folder, 'memory.events'))
      const at = events.indexOf('oom_kill')
      return at < 0 ? 0 : Number(events[at + 1])
    },
    remove(folder) {
      try {
        rmdirSync(folder)
      } catch {
        // Still in use, or gone.
      }
    },
  }
}
