/** The token that label senders show at the control address. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const tokenFile = (stateFolder: string): string => join(stateFolder, 'control-token')

/** Reads the token, or makes one (mode 0600). */
export function controlToken(stateFolder: string): string {
  try {
    writeFileSync(tokenFile(stateFolder), `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(tokenFile(stateFolder), 'utf8').trim()
}
