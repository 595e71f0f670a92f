/** Facts about this machine and about what slipway left on it, for `doctor`; looked at, never changed unless told. */
import { chmodSync, existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

export interface Machine {
  /** Most files that a process of ours may have open; null: not known here. */
  openFiles(): number | null
  /** Type of the file system that holds an existing path (`ext4`, `nfs4`); null: not known here. */
  fileSystem(path: string): string | null
  /** A driver of NVIDIA cards is loaded. */
  cardDriver(): boolean
  /** Does somebody listen at this unix socket? */
  answers(socket: string): Promise<boolean>
  chmod(path: string, mode: number): void
  /** Removes one file; nothing happens where nothing is. */
  removeFile(path: string): void
}

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/** Soft limit in the text of /proc/PID/limits; null where it is not there or has no end. */
export function softOpenFiles(limits: string): number | null {
  const [, soft] = /^Max open files +(\S+)/m.exec(limits) ?? []
  return soft === undefined || soft === 'unlimited' ? null : Number(soft)
}

/** Type of the deepest mount that holds a path, from the text of /proc/self/mounts (fstab(5): blanks stand as \040). */
export function mountType(mounts: string, path: string): string | null {
  let best: { at: string; type: string } | null = null
  for (const line of mounts.split('\n')) {
    const [, place, type] = line.split(' ')
    if (place === undefined || type === undefined) continue
    const at = place.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    const holds = at === '/' || path === at || path.startsWith(`${at}/`)
    // Of two mounts at one place the later one covers the earlier.
    if (holds && (best === null || at.length >= best.at.length)) best = { at, type }
  }
  return best?.type ?? null
}

const ANSWER_MS = 2000

export function systemMachine(proc = '/proc'): Machine {
  return {
    openFiles: () => softOpenFiles(textOf(join(proc, 'self', 'limits')) ?? ''),
    fileSystem(path) {
      const mounts = textOf(join(proc, 'self', 'mounts'))
      return mounts === null ? null : mountType(mounts, realpathSync(path))
    },
    cardDriver: () => existsSync(join(proc, 'driver', 'nvidia', 'version')) || existsSync('/dev/nvidiactl'),
    answers: (socket) =>
      new Promise((settle) => {
        const asked = connect(socket)
        const end = (answers: boolean) => {
          asked.destroy()
          settle(answers)
        }
        asked.setTimeout(ANSWER_MS, () => end(false))
        asked.on('connect', () => end(true))
        asked.on('error', () => end(false))
      }),
    chmod: chmodSync,
    removeFile: (path) => rmSync(path, { force: true }),
  }
}
