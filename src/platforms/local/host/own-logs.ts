/** Logs of the host and of data planes: bounded like those of servers. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { boundLog } from '../supervisor/logs.ts'

const OWN = /^(host|data-plane-.+)\.log$/

/** Cuts what has grown beyond `bytes`; as much again is kept beside it. */
export function boundOwnLogs(folder: string, bytes: number): void {
  for (const name of readdirSync(folder)) if (OWN.test(name)) boundLog(join(folder, name), bytes)
}
