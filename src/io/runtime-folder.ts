/** Where sockets and locks of a project lie: a short private path, the same for every process of the user. */
import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../errors.ts'
import { visible } from '../kit/text.ts'

/** Bytes of a socket's path without the closing zero: sockaddr_un holds 108 on Linux, 104 on macOS. */
export const SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103
/** Room that must be left for a socket's name. */
const NAME_BYTES = 32

const userId = (): number => process.getuid?.() ?? userInfo().uid

/** A real folder of ours that nobody else may write to. */
function isPrivate(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === userId() && (stat.mode & 0o077) === 0
}

function make(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    return false
  }
  return isPrivate(folder)
}

const fits = (folder: string): boolean => Buffer.byteLength(folder) + 1 + NAME_BYTES <= SOCKET_PATH_BYTES

/**
 * The runtime folder of a state folder (absolute path of `.slipway`): below $XDG_RUNTIME_DIR, else below a folder of the
 * user in the temporary folder. The choice is written into the state folder, so that a shell with another environment
 * (cron, a unit, `su`) finds the same lock.
 */
export function runtimeFolder(stateFolder: string, env: Readonly<Record<string, string | undefined>>): string {
  const record = join(stateFolder, 'runtime')
  const recorded = read(record)
  if (recorded !== null && usable(recorded)) return recorded
  const name = createHash('sha256').update(stateFolder).digest('hex').slice(0, 16)
  for (const base of bases(env)) {
    const folder = join(base, name)
    if (!fits(folder) || !make(base) || !make(folder)) continue
    return write(record, folder, recorded)
  }
  throw new SlipwayError(
    'PERMISSION',
    `no private folder for sockets and locks: ${bases(env)
      .map((base) => visible(base))
      .join(
        ', ',
      )} cannot be made, belongs to somebody else, or is open to others; set XDG_RUNTIME_DIR to a short path of your own`,
  )
}

/** The folder that `runtimeFolder` chose before; null: none, or it is gone. */
export function recordedRuntimeFolder(stateFolder: string): string | null {
  const recorded = read(join(stateFolder, 'runtime'))
  return recorded?.startsWith('/') && isPrivate(recorded) ? recorded : null
}

const bases = (env: Readonly<Record<string, string | undefined>>): readonly string[] => {
  const own = `slipway-${userId()}`
  const xdg = env.XDG_RUNTIME_DIR
  return [
    ...(xdg?.startsWith('/') && isPrivate(xdg) ? [join(xdg, 'slipway')] : []),
    join(tmpdir(), own),
    join('/tmp', own),
  ]
}

/** After a reboot the recorded folder is gone: it is made again where its user's folder is there again. */
const usable = (folder: string): boolean =>
  folder.startsWith('/') && fits(folder) && (isPrivate(folder) || (make(dirname(folder)) && make(folder)))

function read(record: string): string | null {
  try {
    return readFileSync(record, 'utf8').trim()
  } catch {
    return null
  }
}

/** Two that choose at once agree on the first; a useless former choice is replaced. */
function write(record: string, folder: string, former: string | null): string {
  if (former === null) {
    try {
      writeFileSync(record, `${folder}\n`, { flag: 'wx', mode: 0o600 })
      return folder
    } catch {
      return read(record) ?? folder
    }
  }
  writeFileSync(`${record}.new`, `${folder}\n`, { mode: 0o600 })
  renameSync(`${record}.new`, record)
  return folder
}

/** Path of a socket in a runtime folder. */
export function socketPath(folder: string, name: string): string {
  const path = join(folder, `${name}.sock`)
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES) return path
  const short = createHash('sha256').update(name).digest('hex').slice(0, 16)
  return join(folder, `${short}.sock`)
}
