/** Where slipway itself lies, and its version. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Installed {
  readonly root: string
  /** Its code runs as it is written, not from the build. */
  readonly fromSource?: boolean
}

/** Version in package.json. */
export const versionOf = ({ root }: Installed): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

/** Path of the host's code. */
export const hostEntry = ({ root, fromSource }: Installed): string =>
  join(root, ...(fromSource ? ['src', 'entries', 'host.ts'] : ['dist', 'entries', 'host.js']))

/** Path of the command's code. */
export const commandEntry = ({ root, fromSource }: Installed): string =>
  join(root, 'bin', fromSource ? 'dev.js' : 'run.js')

/** An id that nothing else has. */
export const newId = (): string => randomUUID()
